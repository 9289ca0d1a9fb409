"""The life of a demo order, lived by the real services at the times that it would have taken."""

import random
from datetime import datetime, timedelta

from django.utils import timezone

from pizzeria.accounts.models import Role, User
from pizzeria.operations.demo.addresses import EXCUSES
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.buyers import Buyer, buyer_at
from pizzeria.operations.demo.floats import carry_float
from pizzeria.operations.demo.places import Place
from pizzeria.ordering.baking import QUARTER
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Channel, Fulfilment, Order
from pizzeria.ordering.paying import Means, take
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.services import advance, cancel, cancel_as_staff
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Method
from pizzeria.payments.vouchers import ceiling_on
from pizzeria.stores.errors import BelowMinimum

Status = Order.Status

CANCELLED_SHARE = 0.05
SLOW_SHARE = 0.08
"""Of the orders, that the kitchen makes late."""


def order_at(*, place: Place, taste: Taste, at: datetime, fulfilment: str | None = None) -> Order:
    """Somebody orders; a basket that is not worth the ride gets one more pizza."""
    buyer = buyer_at(place=place, rng=taste.rng)
    lines = taste.basket()
    while True:
        try:
            return _order(place, buyer, lines, fulfilment or buyer.fulfilment, at)
        except BelowMinimum:
            lines.append(taste.pizza_line())


def order_for(*, place: Place, taste: Taste, wanted_at: datetime, now: datetime) -> Order:
    """Somebody has just ordered for a slot, for the counter, and is promised it by the ovens."""
    # What is a minute old is told to nobody: the people of the demonstration have no mailbox.
    placed_at = now - timedelta(minutes=2)
    buyer = buyer_at(place=place, rng=taste.rng)
    lines = taste.basket()
    seen = quote(
        store=place.store, requests=lines, fulfilment=Fulfilment.COLLECTION, customer=buyer.customer, at=placed_at
    )
    return place_order(
        store=place.store,
        lines=lines,
        contact=buyer.contact,
        fulfilment=Fulfilment.COLLECTION,
        payment_method=buyer.payment_method,
        expected_total=seen.total,
        wanted_at=wanted_at,
        # Without it, history would be written.
        expected_promise=wanted_at + QUARTER,
        customer=buyer.customer,
        at=placed_at,
    )


def _order(place: Place, buyer: Buyer, lines: list[LineRequest], fulfilment: str, at: datetime) -> Order:
    postal_code = buyer.contact.postal_code
    seen = quote(
        store=place.store,
        requests=lines,
        fulfilment=fulfilment,
        postal_code=postal_code,
        customer=buyer.customer,
        channel=Channel.COUNTER if buyer.taken_by else Channel.ONLINE,
        at=at,
    )
    return place_order(
        store=place.store,
        lines=lines,
        contact=buyer.contact,
        fulfilment=fulfilment,
        payment_method=buyer.payment_method,
        expected_total=seen.total,
        customer=buyer.customer,
        acting_user=buyer.taken_by or buyer.customer,
        at=at,
    )


def live(*, order: Order, place: Place, rng: random.Random) -> None:
    """From *à réaliser* to its end: delivered, or now and then cancelled before preparation."""
    if rng.random() < CANCELLED_SHARE:
        _give_up(order, place, rng)
        return
    pace = rng.uniform(1.5, 2.2) if rng.random() < SLOW_SHARE else rng.uniform(0.65, 1.05)
    at = order.placed_at
    for status, minutes in _plan(order, place, rng):
        at += timedelta(minutes=minutes * pace, seconds=rng.randrange(60))
        move(order=order, place=place, to_status=status, at=at, rng=rng)


def move(*, order: Order, place: Place, to_status: str, at: datetime, rng: random.Random) -> None:
    """One step, by somebody whose step it is: an order keeps its pizzaiolo and its driver."""
    if to_status in {Status.TAKEN, Status.PREPARING, Status.READY}:
        person = order.pizzaiolo or rng.choice(place.team[Role.PIZZAIOLO])
    elif order.fulfilment == Fulfilment.DELIVERY:
        person = order.driver or rng.choice(place.team[Role.DRIVER])
    else:
        person = rng.choice(place.team[Role.CASHIER])
    if to_status == Status.DELIVERED and order.payment_method == Method.VOUCHER:
        take_titres(order, person, at)
    if to_status == Status.DELIVERED and order.payment_method == Method.CASH and order.driver:
        carry_float(place=place, driver=order.driver, at=at)
    advance(order=order, to_status=to_status, acting_user=person, at=at)


def take_titres(order: Order, person: User, at: datetime) -> None:
    """Take an order's titres-restaurant, as many people's as it needs: one pays no more than the ceiling of the day."""
    most = ceiling_on(day=timezone.localdate(at)) or order.total
    whole, rest = divmod(order.total, most)
    amounts = [most] * int(whole) + ([rest] if rest else [])
    means = [Means(method=Method.VOUCHER, amount=amount) for amount in amounts]
    take(order=order, means=means, expected_due=order.total, acting_user=person, at=at)


def _plan(order: Order, place: Place, rng: random.Random) -> list[tuple[str, float]]:
    """The steps ahead, each with its usual minutes."""
    kitchen = place.row.preparation_minutes
    steps: list[tuple[str, float]] = [
        (Status.TAKEN, kitchen * 0.25),
        (Status.PREPARING, kitchen * 0.15),
        (Status.READY, kitchen * 0.5),
    ]
    if order.fulfilment == Fulfilment.DELIVERY:
        road = next(zone.minutes for zone in place.zones if zone.postal_code == order.postal_code)
        return [*steps, (Status.DELIVERING, rng.uniform(1, 6)), (Status.DELIVERED, road * 0.9)]
    return [*steps, (Status.DELIVERED, rng.uniform(2, 14))]


def _give_up(order: Order, place: Place, rng: random.Random) -> None:
    at = order.placed_at + timedelta(minutes=rng.uniform(1, 5))
    if rng.random() < 0.3:  # noqa: PLR2004
        move(order=order, place=place, to_status=Status.TAKEN, at=at, rng=rng)
        at += timedelta(minutes=1)
    reason = rng.choice(EXCUSES)
    if order.taken_by is not None:
        cancel_as_staff(order=order, acting_user=order.taken_by, reason=reason, at=at)
    elif rng.random() < 0.2:  # noqa: PLR2004
        manager = rng.choice(place.team[Role.MANAGER])
        cancel_as_staff(order=order, acting_user=manager, reason="Client injoignable.", at=at)
    else:
        cancel(order=order, role=CUSTOMER, acting_user=order.customer, reason=reason, at=at)
