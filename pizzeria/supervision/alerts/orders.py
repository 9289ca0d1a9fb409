"""`orders-untouched:<store>`: orders that nobody at a point of sale takes, while it is open."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.db.models.functions import Coalesce, Greatest

from pizzeria.ordering.models import Order
from pizzeria.stores.hours import is_open
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import hours_of
from pizzeria.supervision.alerts.problems import Problem

ORDERS_UNTOUCHED = "orders-untouched"
MOST_NAMED = 5
"""More numbers than this are counted, not named."""


def orders_untouched(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - a move ends it
    """Begins when an order has waited in its first status for so long as the settings say, all of it in opening hours.

    Ends when each such order has moved, or when the store closes.
    """
    patience = timedelta(minutes=settings.ALERT_ORDER_MINUTES)
    waiting = _waiting(since=at - patience)
    for store in Store.objects.filter(pk__in=waiting).prefetch_related(*hours_of()):
        if is_open(store=store, at=at) and is_open(store=store, at=at - patience):
            yield _problem(store, waiting[store.pk])


def _waiting(*, since: datetime) -> dict[int, list[str]]:
    """The numbers of the orders that nobody has touched since a moment, by store, the oldest first."""
    # One that is planned waits from the moment at which it should be begun.
    moved = Greatest(Coalesce(Max("events__at"), "placed_at"), "start_at")
    orders = Order.objects.filter(status=Order.Status.TO_PREPARE).annotate(moved=moved).filter(moved__lte=since)
    found: dict[int, list[str]] = defaultdict(list)
    for store_id, number in orders.order_by("moved", "pk").values_list("store_id", "number"):
        found[store_id].append(number)
    return found


def _problem(store: Store, numbers: Sequence[str]) -> Problem:
    named = ", ".join(numbers[:MOST_NAMED])
    others = len(numbers) - MOST_NAMED
    what = "Une commande attend" if len(numbers) == 1 else f"{len(numbers)} commandes attendent"
    return Problem(
        key=f"{ORDERS_UNTOUCHED}:{store.slug}",
        subject=f"{what} à {store.name} : {named}{f' et {others} de plus' if others > 0 else ''}",
        detail=f"Personne ne les a prises depuis {settings.ALERT_ORDER_MINUTES} minutes au moins. Téléphone : {store.phone}",
    )
