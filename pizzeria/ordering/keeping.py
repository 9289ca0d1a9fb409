"""Promises that cannot be true any more are corrected each minute: an honest later hour, before the client has to ask.

Nobody is told again within five minutes, and nobody more than four times: who has heard four hours does not believe a fifth, and
the order says that it is late. What it holds of the ovens stays as it is: the minutes of a turn that was missed are gone.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Q

from pizzeria.live.services import happened, store_topic
from pizzeria.ordering.baking import AFTER_OVEN, up_to_the_minute
from pizzeria.ordering.models import Fulfilment, Order, PromiseChange
from pizzeria.ordering.moving import road_to, write_promise
from pizzeria.ordering.ovens import TOLERANCE
from pizzeria.ordering.paying import lock
from pizzeria.ordering.planning import hands_of
from pizzeria.rows import Row, insert_all
from pizzeria.stores.selectors import informed

logger = logging.getLogger(__name__)

Status = Order.Status

PAUSE = timedelta(minutes=5)
MOST_TIMES = 4
CORRECTED = (Status.TO_PREPARE, Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERING)
AT_THE_DOOR = timedelta(minutes=3)
"""A driver who should have arrived by now looks for the bell."""


def correct_promises(*, at: datetime) -> int:
    """Move every promise that can no longer be kept by more than a few minutes; how many there were.

    Each in its own transaction: one that fails does not keep the others waiting.
    """
    moved = 0
    for order in _in_doubt(at):
        # Asked without a lock first: of a hundred orders in doubt, two are late.
        if not _is_overdue(order, at):
            continue
        try:
            moved += _correct(order, at)
        except Exception:
            logger.exception("%s: its promise could not be corrected", order.number)
    return moved


def tell_what_is_due(*, since: datetime, until: datetime) -> int:
    """Tell the kitchens of the orders that come onto their boards in between (`BOARD_AHEAD_MINUTES`); how many there are."""
    ahead = timedelta(minutes=settings.BOARD_AHEAD_MINUTES)
    due = Order.objects.filter(status=Status.TO_PREPARE, start_at__gt=since + ahead, start_at__lte=until + ahead)
    with transaction.atomic():
        news = [
            record for number, store_id in due.values_list("number", "store_id") for record in _news(number, store_id)
        ]
        if news:
            insert_all(*news)
    return len(news)


def soonest(*, order: Order, at: datetime) -> datetime | None:
    """When the client can have an order at the earliest, as it stands; None when nothing is to be said of it."""
    road = road_to(order=order, at=at)
    if order.status in (Status.TO_PREPARE, Status.TAKEN):
        begin = max(at, order.start_at or at)
        return begin + hands_of(store=informed(store=order.store), at=begin) + road
    if order.status == Status.PREPARING:
        return at + AFTER_OVEN + road
    if order.status == Status.READY:
        # At the counter it waits for its client.
        return at + road if order.fulfilment == Fulfilment.DELIVERY else None
    return at + AT_THE_DOOR if order.status == Status.DELIVERING else None


def _news(number: str, store_id: int) -> list[Row]:
    return happened(topics=[store_topic(store_id)], kind="order", payload={"number": number, "due": True})


def _in_doubt(at: datetime) -> Sequence[Order]:
    """The orders of the kitchen and the road whose hour is near, and that were not corrected a moment ago."""
    longest = timedelta(hours=1)
    orders = Order.objects.filter(status__in=CORRECTED, start_at__lt=at, promised_at__lt=at + longest)
    told = orders.annotate(told_at=Max("promise_changes__at")).filter(Q(told_at=None) | Q(told_at__lte=at - PAUSE))
    found: list[Order] = list(told.select_related("store").order_by("promised_at", "pk"))
    stores = {order.store_id: order.store for order in found}
    known = {key: informed(store=store) for key, store in stores.items()}
    for order in found:
        order.store = known[order.store_id]
    return found


def _is_overdue(order: Order, at: datetime) -> bool:
    earliest = soonest(order=order, at=at)
    return earliest is not None and earliest > order.promised_at + TOLERANCE


def _correct(order: Order, at: datetime) -> bool:
    with transaction.atomic():
        lock(order)
        order.refresh_from_db()
        earliest = soonest(order=order, at=at)
        if earliest is None or not _is_overdue(order, at) or _is_tired_of(order):
            return False
        on_the_road = order.status in (Status.READY, Status.DELIVERING)
        reason = PromiseChange.Reason.ROAD if on_the_road else PromiseChange.Reason.KITCHEN
        write_promise(order=order, to=up_to_the_minute(earliest), reason=reason, acting_user=None, at=at)
    return True


def _is_tired_of(order: Order) -> bool:
    by_itself = order.promise_changes.filter(
        acting_user=None, reason__in=[PromiseChange.Reason.KITCHEN, PromiseChange.Reason.ROAD]
    )
    return by_itself.count() >= MOST_TIMES
