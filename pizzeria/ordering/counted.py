"""What the supervision counts of orders: only what has been committed, and never history that is being written.

Counted where it happens, not read back from the orders: a count that only grows, at no cost for whoever looks.
"""

from collections.abc import Callable

from django.db import transaction

from pizzeria.errors import BusinessError
from pizzeria.measures import ORDER_DOOR_SECONDS, ORDER_READY_SECONDS, ORDERS_LATE, ORDERS_PLACED, ORDERS_REFUSED
from pizzeria.ordering.errors import (
    EmptyCart,
    IdempotencyConflict,
    InvalidChoice,
    InvalidContact,
    InvalidKey,
    InvalidLine,
    NotAllowed,
    TotalChanged,
)
from pizzeria.ordering.models import Channel, Fulfilment, Order
from pizzeria.stock.errors import OutOfStock
from pizzeria.stores.errors import BelowMinimum, NotDeliverable, StoreClosed

REFUSALS = (
    EmptyCart, InvalidLine, InvalidChoice, InvalidContact, NotAllowed, StoreClosed, NotDeliverable, BelowMinimum,
    TotalChanged, OutOfStock, InvalidKey, IdempotencyConflict,
)  # fmt: skip
"""What `placing.place_order` and `place_order_once` say that they raise."""


def count_refusal(refusal: BusinessError) -> None:
    """By its code; at once, because what is refused commits nothing."""
    ORDERS_REFUSED.labels(refusal.code).inc()


def count_placed(order: Order) -> None:
    """Once the caller's transaction commits."""
    channel = Channel.ONLINE if order.taken_by_id is None else Channel.COUNTER
    transaction.on_commit(ORDERS_PLACED.labels(order.store.slug, channel.value).inc)


def count_move(order: Order) -> None:
    """Once the caller's transaction commits: how long the order took to where it stands now, and whether that is late."""
    if order.ready_at and order.status == Order.Status.READY:
        taken = (order.ready_at - order.placed_at).total_seconds()
        _observe(lambda: ORDER_READY_SECONDS.labels(order.store.slug).observe(taken))
    if order.delivered_at and order.status == Order.Status.DELIVERED:
        taken = (order.delivered_at - order.placed_at).total_seconds()
        if order.fulfilment == Fulfilment.DELIVERY:
            _observe(lambda: ORDER_DOOR_SECONDS.labels(order.store.slug).observe(taken))
        if order.delivered_at > order.promised_at:
            _observe(lambda: ORDERS_LATE.labels(order.store.slug).inc())


def _observe(count: Callable[[], None]) -> None:
    transaction.on_commit(count)
