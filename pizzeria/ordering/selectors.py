"""Reading orders: a client's, a board's, a store's."""

from collections.abc import Collection

from django.db.models import Prefetch, QuerySet

from pizzeria.ordering.models import LineChange, Order, OrderLine

Status = Order.Status

KITCHEN = (Status.TO_PREPARE, Status.TAKEN, Status.PREPARING, Status.READY)
ROAD = (Status.READY, Status.DELIVERING)


def order_by_token(*, token: str) -> Order | None:
    """The order that this unguessable token opens, with its lines and history."""
    return _with_lines(Order.objects.filter(token=token)).prefetch_related("events__acting_user").first()


def board(*, store_ids: Collection[int], statuses: Collection[str]) -> QuerySet[Order]:
    """The orders in these statuses, oldest first, with their lines."""
    return _with_lines(Order.objects.filter(store_id__in=store_ids, status__in=statuses)).order_by("placed_at")


def history(*, store_ids: Collection[int]) -> QuerySet[Order]:
    """Every order of these stores, newest first (UC 6.1)."""
    visible = Order.objects.filter(store_id__in=store_ids).select_related("store", "pizzaiolo", "driver")
    return visible.order_by("-placed_at")


def _with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    changes = Prefetch("changes", LineChange.objects.select_related("ingredient"))
    lines = Prefetch("lines", OrderLine.objects.select_related("variant__product", "variant__size").prefetch_related(changes))
    return orders.select_related("store", "store__city", "pizzaiolo", "driver").prefetch_related(lines)
