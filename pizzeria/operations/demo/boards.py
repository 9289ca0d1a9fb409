"""The orders of this very moment, so that the boards are alive where a store is open."""

from datetime import datetime, time, timedelta

from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.life import move, order_at, order_for
from pizzeria.operations.demo.places import Place
from pizzeria.ordering.errors import SlotFull
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.hours import PARIS, is_open

PLANNED = (time(12, 15), time(12, 30), time(19, 30), time(19, 45), time(20, 0))
"""For when somebody orders, in Paris, where a store is open then."""
Status = Order.Status
STEPS = (Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERING)

NOW = (
    (34, Fulfilment.DELIVERY, Status.DELIVERING),
    (27, Fulfilment.DELIVERY, Status.READY),
    (23, Fulfilment.COLLECTION, Status.READY),
    (16, Fulfilment.DELIVERY, Status.PREPARING),
    (11, Fulfilment.COLLECTION, Status.PREPARING),
    (8, Fulfilment.DELIVERY, Status.TAKEN),
    (5, Fulfilment.DELIVERY, Status.TO_PREPARE),
    (2, Fulfilment.COLLECTION, Status.TO_PREPARE),
)
"""Minutes ago, how it goes, and where it has got to."""


def fill_boards(*, place: Place, taste: Taste, now: datetime) -> None:
    """Place the orders of the last half hour, if the store is open, and move each to where it stands."""
    if not is_open(store=place.store, at=now):
        return
    for minutes, fulfilment, status in NOW:
        at = now - timedelta(minutes=minutes)
        if not is_open(store=place.store, at=at):
            continue
        order = order_at(place=place, taste=taste, at=at, fulfilment=fulfilment)
        _bring(order, place, taste, status, now)


def fill_slots(*, place: Place, taste: Taste, now: datetime) -> None:
    """Some order for later: the ovens' page has something to show, and tomorrow's board something to begin."""
    today = now.astimezone(PARIS).date()
    for day in (today, today + timedelta(days=1)):
        for clock in PLANNED:
            wanted_at = datetime.combine(day, clock, tzinfo=PARIS)
            try:
                order_for(place=place, taste=taste, wanted_at=wanted_at, now=now)
            except (SlotFull, StoreClosed):
                # It has passed, or the doors are closed then.
                continue


def _bring(order: Order, place: Place, taste: Taste, status: str, now: datetime) -> None:
    """Move the order up to `status`, its steps evenly spread until now."""
    path = STEPS[: STEPS.index(status) + 1] if status in STEPS else ()
    pause = (now - order.placed_at) / (len(path) + 1)
    for number, step in enumerate(path, start=1):
        move(order=order, place=place, to_status=step, at=order.placed_at + pause * number, rng=taste.rng)
