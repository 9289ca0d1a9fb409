"""Many people at once: a thread and a connection each, and real commits."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from django.db import connection, connections
from django.db.models import Sum
from django.db.models.functions import Coalesce

from pizzeria.catalogue.models import Variant
from pizzeria.ordering.models import Order
from pizzeria.stock.models import Makeable, StockItem
from pizzeria.stock.services import COUNT_CAP

T = TypeVar("T")
PATIENCE = 60.0
WAITING = "SELECT 1 FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"


def together(actions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run every action in a thread of its own, all from the same moment; what each returned or raised."""
    outcomes: list[T | Exception] = [TimeoutError("not finished")] * len(actions)
    start = threading.Barrier(len(actions))

    def run(index: int, action: Callable[[], T]) -> None:
        try:
            start.wait(PATIENCE)
            outcomes[index] = action()
        except Exception as error:  # noqa: BLE001 - whatever happened is the outcome, for the test to judge
            outcomes[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=numbered) for numbered in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


def until_somebody_waits() -> None:
    """Return once another session waits for a lock that this one holds."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone():
                return
        time.sleep(0.01)
    raise TimeoutError("nobody waits")


def kinds(outcomes: Sequence[object]) -> dict[str, int]:
    """How many outcomes there were of each kind, by the name of their class."""
    names = [type(outcome).__name__ for outcome in outcomes]
    return {name: names.count(name) for name in sorted(set(names))}


def books_that_do_not_balance() -> list[Any]:
    """The stock lines whose movements do not add up to their quantity, and what is wrong with an order's money."""
    items = StockItem.objects.annotate(moved=Coalesce(Sum("movements__change"), 0))
    return [item for item in items if item.moved != item.available] + money_that_does_not_balance()


def money_that_does_not_balance() -> list[Any]:
    """A sentence for every order whose payments, refunds and journal do not say the same.

    Money received = what stands of the order + refunds; the journal has the money that moved, and the turnover that stands.
    """
    taken, given, owed = _sums(RECEIVED), _sums(GIVEN), _sums(OWED)
    less, money, sold = _sums(LESS), _sums(MONEY), _sums(TURNOVER)
    wrong: list[Any] = [f"{number}: its refunds are not what is refunded" for (number,) in _rows(REFUNDED_WRONG)]
    for order in Order.objects.all():
        number = order.number
        stands = Decimal(0) if order.status == Order.Status.CANCELLED else order.total - less[number]
        kept = taken[number] - owed[number]
        if order.payment_status == "paid" and kept != stands:
            wrong.append(f"{number}: {kept} € kept of what was paid, {stands} € stand")
        if order.payment_status == "refunded" and kept:
            wrong.append(f"{number}: {kept} € kept of an order that is refunded")
        if money[number] != taken[number] - given[number]:
            wrong.append(f"{number}: the journal has {money[number]} €, the payments {taken[number] - given[number]} €")
        if sold[number] != (stands if order.sold_at else 0):
            wrong.append(f"{number}: the journal sold {sold[number]} €, {stands} € stand")
    return wrong


OF_ORDERS = "JOIN payments_payment p ON p.id = payment_id JOIN ordering_order o ON o.id = p.order_id"
RECEIVED = (
    "SELECT number, sum(amount) FROM payments_payment p JOIN ordering_order o ON o.id = p.order_id"
    " WHERE p.status IN ('paid', 'refunded') GROUP BY number"
)
OWED = f"SELECT number, sum(r.amount) FROM payments_refund r {OF_ORDERS} GROUP BY number"  # noqa: S608 - our own names
GIVEN = f"SELECT number, sum(r.amount) FROM payments_refund r {OF_ORDERS} WHERE r.entry_number > 0 GROUP BY number"  # noqa: S608 - our own names
LESS = """
SELECT "order", -sum(amount) FROM ledger_entry WHERE kind = 'correction' AND reason IN ('gesture', 'changed') GROUP BY "order"
"""
MONEY = "SELECT \"order\", sum(amount) FROM ledger_entry WHERE kind IN ('payment', 'refund') GROUP BY \"order\""
TURNOVER = "SELECT \"order\", sum(amount) FROM ledger_entry WHERE kind IN ('sale', 'correction') GROUP BY \"order\""
REFUNDED_WRONG = """
SELECT number FROM payments_payment p JOIN ordering_order o ON o.id = p.order_id
WHERE p.refunded <> coalesce((SELECT sum(r.amount) FROM payments_refund r WHERE r.payment_id = p.id), 0)
"""


def _sums(query: str) -> dict[str, Decimal]:
    """Amounts in euros by the order's number; nothing for the others."""
    return defaultdict(Decimal, _rows(query))


def _rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def wrong_counts() -> dict[tuple[int, int], tuple[int, int]]:
    """The makeable counts that differ from recipes times stock: kept and right, by store and variant."""
    stock = {(item.store_id, item.ingredient_id): item.available for item in StockItem.objects.all()}
    kept = {(row.store_id, row.variant_id): row.count for row in Makeable.objects.all()}
    wrong = {}
    for variant in Variant.objects.prefetch_related("composition"):
        for store in {store for store, _ingredient in stock}:
            limits = [stock.get((store, line.ingredient_id), 0) // line.quantity for line in variant.composition.all()]
            right, found = min([COUNT_CAP, *limits]), kept.get((store, variant.pk), 0)
            if found != right:
                wrong[store, variant.pk] = (found, right)
    return wrong


def sold(product: str) -> int:
    """How many of a product the orders that stand have sold."""
    standing = Order.objects.exclude(status=Order.Status.CANCELLED).filter(lines__variant__product__slug=product)
    return standing.aggregate(sold=Sum("lines__quantity"))["sold"] or 0
