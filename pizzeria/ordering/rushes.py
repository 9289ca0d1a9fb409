"""A rush begins or ends, an oven breaks down or is mended: what is promised from now on changes, and whoever looks at it is told at once."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max, Q

from pizzeria.accounts.models import User
from pizzeria.live.services import happened, promise_topic, store_topic
from pizzeria.ordering import breakdowns
from pizzeria.ordering.errors import InvalidChoice, TransitionRefused
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.moving import move_promise
from pizzeria.rows import insert_all
from pizzeria.stores import rush
from pizzeria.stores.models import Rush, Store

NOT_READY = (Order.Status.TO_PREPARE, Order.Status.TAKEN, Order.Status.PREPARING)


@transaction.atomic
def start_rush(*, store: Store, minutes: int | None, until: datetime, acting_user: User | None) -> Rush:
    """As `rush.start_rush`, which says what it raises; every open menu and the staff's pages follow."""
    begun = rush.start_rush(store=store, minutes=minutes, until=until, acting_user=acting_user)
    tell_promise(store_id=store.pk)
    return begun


@transaction.atomic
def end_rush(*, store: Store, acting_user: User | None) -> bool:
    """As `rush.end_rush`; every open page follows."""
    ended = rush.end_rush(store=store, acting_user=acting_user)
    if ended:
        tell_promise(store_id=store.pk)
    return ended


def lose_oven(*, store: Store, places: int, until: datetime, acting_user: User | None) -> list[Order]:
    """As `breakdowns.lose_oven`, which has transactions of its own; every open page follows."""
    moved = breakdowns.lose_oven(store=store, places=places, until=until, acting_user=acting_user)
    with transaction.atomic():
        tell_promise(store_id=store.pk)
    return moved


@transaction.atomic
def restore_oven(*, store: Store, places: int, until: datetime, acting_user: User | None) -> None:
    """As `breakdowns.restore_oven`; every open page follows."""
    breakdowns.restore_oven(store=store, places=places, until=until, acting_user=acting_user)
    tell_promise(store_id=store.pk)


def tell_promise(*, store_id: int) -> None:
    """The news that a store promises otherwise now, in the caller's transaction."""
    insert_all(*happened(topics=[promise_topic(store_id), store_topic(store_id)], kind="promise", payload={}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """An order whose promise a rush would move, and to when."""

    order: Order
    to: datetime


def later_promises(*, store: Store, rush_now: Rush) -> list[Later]:
    """The orders that are not ready and that the kitchen begins before a rush ends, with the hour that is true of them now.

    None in a pause, which asks nothing of what stands already.
    """
    if rush_now.minutes is None:
        return []
    orders = Order.objects.filter(store=store, status__in=NOT_READY, placed_at__lt=rush_now.starts_at)
    orders = orders.filter(Q(start_at__isnull=True) | Q(start_at__lt=rush_now.ends_at))
    told = Max("promise_changes__at", filter=Q(promise_changes__reason=PromiseChange.Reason.RUSH))
    # What this rush has moved already is not moved again.
    orders = orders.annotate(told_at=told).filter(Q(told_at=None) | Q(told_at__lt=rush_now.starts_at))
    before = _replaced_by(rush_now)
    found = []
    for order in orders.order_by("promised_at", "pk"):
        more = rush_now.minutes - _had(before, max(order.placed_at, order.told_at or order.placed_at))
        if more > 0:
            found.append(Later(order=order, to=order.promised_at + timedelta(minutes=more)))
    return found


def _replaced_by(rush_now: Rush) -> list[Rush]:
    """The rushes that went over into this one, the last first: each was ended by the next."""
    found, begun = [], rush_now.starts_at
    for each in Rush.objects.filter(store_id=rush_now.store_id, starts_at__lt=begun).order_by("-starts_at"):
        if each.ends_at < begun:
            break
        found.append(each)
        begun = each.starts_at
    return found


def _had(before: Sequence[Rush], promised_at: datetime) -> int:
    """The minutes that a rush before this one had in what was promised at a moment."""
    return next((rush.minutes or 0 for rush in before if rush.starts_at <= promised_at), 0)


def move_promises(*, store: Store, rush_now: Rush, numbers: Collection[str], acting_user: User) -> int:
    """Move the promises of these orders by what the rush adds; how many moved. One that is ready by now stays."""
    moved = 0
    for later in later_promises(store=store, rush_now=rush_now):
        if later.order.number not in numbers:
            continue
        with suppress(TransitionRefused, InvalidChoice):
            move_promise(order=later.order, to=later.to, reason=PromiseChange.Reason.RUSH, acting_user=acting_user)
            moved += 1
    return moved
