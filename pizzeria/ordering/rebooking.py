"""Another turn for an order that has lost its own: paid late, or its oven broke down."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial

from pizzeria.accounts.models import User
from pizzeria.ordering.baking import QUARTER, up_to_the_minute
from pizzeria.ordering.errors import SlotFull
from pizzeria.ordering.models import Fulfilment, Order, OvenReservation, PromiseChange
from pizzeria.ordering.moving import keep_promise, write_promise
from pizzeria.ordering.ovens import TOLERANCE, Plan, rebook_by
from pizzeria.ordering.planning import Look, Promise, Wish, at_once, first_begin, in_its_slot
from pizzeria.ordering.promise import held_by, reading
from pizzeria.stores.hours import periods
from pizzeria.stores.selectors import informed, zone_of

logger = logging.getLogger(__name__)

Turn = Callable[[Look], Promise | None]

DAYS_TO_COME = 3
"""How far ahead a turn is looked for, for an order that stands: somebody will have called the client long before."""


def promise_again(*, order: Order, at: datetime) -> None:
    """Give an order that was paid after its work should have begun another turn; the order's lock is the caller's.

    A few minutes later are told by the page alone: it is placed now. More are told as a promise that was moved.
    """
    before = order.promised_at
    again = next_turn(order=order, minutes=minutes_held(order=order), begin=at, at=at) if order.start_at else None
    # No turn was found, or it has none: as long after now as it was after it was placed.
    promised = again.promised_at if again else up_to_the_minute(at + (before - order.placed_at))
    start = again.start_at if again else order.start_at
    is_told = promised > before + TOLERANCE and order.start_at is not None
    Order.objects.filter(pk=order.pk).update(start_at=start)
    order.start_at = start
    if is_told:
        write_promise(order=order, to=promised, reason=PromiseChange.Reason.PAID, acting_user=None, at=at)
        return
    order.promised_at = order.first_promised_at = promised
    Order.objects.filter(pk=order.pk).update(promised_at=promised, first_promised_at=promised)


def move_turn(
    *, order: Order, minutes: int, begin: datetime, reason: PromiseChange.Reason, at: datetime, acting_user: User | None
) -> bool:
    """Give an order the next turn from a moment on and tell its client; False when none was found."""
    promise = next_turn(order=order, minutes=minutes, begin=begin, at=at)
    if promise is None:
        return False
    keep_promise(order=order, promise=promise, reason=reason, acting_user=acting_user, at=at)
    return True


def next_turn(*, order: Order, minutes: int, begin: datetime, at: datetime) -> Promise | None:
    """The next turn of an order: its slot if that can still be kept, else the earliest from `begin` on, today or later.

    The ovens hold it from then on; None, and nothing has changed, when there is none.
    """
    store = informed(store=order.store)
    zone = zone_of(store=store, postal_code=order.postal_code) if order.fulfilment == Fulfilment.DELIVERY else None
    wish = Wish(store=store, oven_minutes=minutes, zone=zone, at=begin, wanted_at=order.wanted_at)
    own = held_by(order)
    for turn in _turns(wish):
        # Asked without a lock first: what is locked, in the order of time, is the turn that it gets.
        if turn(reading(store=store, own=own)) is None:
            continue
        try:
            return rebook_by(order=order, store=store, planned=_or_full(turn))
        except SlotFull:
            # Somebody took it in between.
            continue
    logger.warning("%s: the ovens have no room for it any more", order.number, extra={"at": at.isoformat()})
    return None


def minutes_held(*, order: Order) -> int:
    """The minutes of oven that an order has."""
    return sum(OvenReservation.objects.filter(order=order).values_list("minutes", flat=True))


def _turns(wish: Wish) -> Iterator[Turn]:
    """Where an order may still be made: in its slot, then at once in this opening period and in the next ones."""
    if wish.wanted_at is not None and wish.wanted_at + QUARTER > wish.at:
        yield partial(_in_slot, wish, wish.wanted_at)
    for period in periods(store=wish.store, at=wish.at, days=DAYS_TO_COME):
        begin = first_begin(wish.store, wish.at, period)
        if begin < period[1]:
            yield partial(_later, wish, begin)


def _in_slot(wish: Wish, wanted_at: datetime, look: Look) -> Promise | None:
    return in_its_slot(wish, look, wanted_at=wanted_at)


def _later(wish: Wish, begin: datetime, look: Look) -> Promise | None:
    """As soon as possible; what was wanted stays on record."""
    found = at_once(replace(wish, wanted_at=None), look, begin=begin)
    return replace(found, wanted_at=wish.wanted_at) if found else None


def _or_full(turn: Turn) -> Plan:
    def planned(look: Look) -> Promise:
        found = turn(look)
        if found is None:
            raise SlotFull("")
        return found

    return planned
