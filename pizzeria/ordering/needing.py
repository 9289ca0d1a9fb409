"""Which orders still need something of the stock: before it is taken off sale, and while it is."""

from collections.abc import Collection

from pizzeria.ordering.models import Order
from pizzeria.stock.lines import held_of_items
from pizzeria.stores.models import Store

Status = Order.Status
NOT_MADE = (Status.AWAITING_PAYMENT, Status.TO_PREPARE, Status.TAKEN, Status.PREPARING)
"""What is to be made, or may have to be."""


def orders_needing(*, store: Store, item_ids: Collection[int]) -> dict[int, list[str]]:
    """The numbers of the orders that are still to be made and took some of these stock lines, the oldest first."""
    if not item_ids:
        return {}
    waiting = Order.objects.filter(store=store, status__in=NOT_MADE).order_by("placed_at", "pk")
    numbers = dict(waiting.values_list("token", "number"))
    held = held_of_items(items=item_ids, references=numbers.keys())
    return {item: [number for token, number in numbers.items() if token in tokens] for item, tokens in held.items()}


def numbers_of(*, store: Store, references: Collection[str]) -> dict[str, str]:
    """The numbers of the orders with these references."""
    found = Order.objects.filter(store=store, token__in=[each for each in references if each])
    return dict(found.values_list("token", "number"))
