"""A rush begins or ends, an oven breaks down or is mended: what is promised from now on changes, and whoever looks at it is told at once."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

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
    more = timedelta(minutes=rush_now.minutes)
    orders = Order.objects.filter(store=store, status__in=NOT_READY, placed_at__lt=rush_now.starts_at)
    orders = orders.filter(Q(start_at__isnull=True) | Q(start_at__lt=rush_now.ends_at))
    # What this rush has moved already is not moved again.
    told = PromiseChange.objects.filter(reason=PromiseChange.Reason.RUSH, at__gte=rush_now.starts_at)
    orders = orders.exclude(promise_changes__in=told).order_by("promised_at", "pk")
    return [Later(order=order, to=order.promised_at + more) for order in orders]


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
