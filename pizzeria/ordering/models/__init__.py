"""The tables of ordering, a room each: orders, carts, their history, the ovens, the sales of a day."""

from pizzeria.ordering.models.carts import Cart, CartLine, Draft
from pizzeria.ordering.models.history import OrderChange, OrderEvent, PromiseChange, RecapDelivery, Review
from pizzeria.ordering.models.orders import (
    NUMBER_ALPHABET,
    NUMBER_LENGTH,
    AppliedOffer,
    Fulfilment,
    IdempotencyKey,
    Line,
    LineChange,
    Order,
    OrderLine,
    Source,
    new_number,
    new_token,
)
from pizzeria.ordering.models.ovens import OvenReservation, OvenSlot
from pizzeria.ordering.models.sales import Channel, DaySales, ProductDaySales

__all__ = [
    "NUMBER_ALPHABET",
    "NUMBER_LENGTH",
    "AppliedOffer",
    "Cart",
    "CartLine",
    "Channel",
    "DaySales",
    "Draft",
    "Fulfilment",
    "IdempotencyKey",
    "Line",
    "LineChange",
    "Order",
    "OrderChange",
    "OrderEvent",
    "OrderLine",
    "OvenReservation",
    "OvenSlot",
    "ProductDaySales",
    "PromiseChange",
    "RecapDelivery",
    "Review",
    "Source",
    "new_number",
    "new_token",
]
