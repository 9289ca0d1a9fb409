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
    while not somebody_waits():
        if time.monotonic() > end:
            raise TimeoutError("nobody waits")
        time.sleep(0.01)


def somebody_waits() -> bool:
    """Whether another session waits for a lock that this one holds."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone() is not None


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
    sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    with connection.cursor() as cursor:
        cursor.execute(MONEY)
        for what, number, amount in cursor.fetchall():
            sums[what][number] += amount
    taken, given, owed = sums["taken"], sums["given"], sums["owed"]
    wrong: list[Any] = [f"{number}: its refunds are not what is refunded" for number in sums["refunded wrong"]]
    less, money, sold = sums["less"], sums["money"], sums["sold"]
    for order in Order.objects.all():
        number = order.number
        stands = Decimal(0) if order.status == Order.Status.CANCELLED else max(order.total - less[number], Decimal(0))
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


MONEY = """
WITH paid AS (
    SELECT p.*, o.number AS number, coalesce((SELECT sum(r.amount) FROM payments_refund r WHERE r.payment_id = p.id), 0) AS owed,
        (SELECT sum(r.amount) FROM payments_refund r WHERE r.payment_id = p.id AND r.entry_number > 0) AS given
    FROM payments_payment p JOIN ordering_order o ON o.id = p.order_id
)
SELECT 'taken', number, amount FROM paid WHERE status IN ('paid', 'refunded')
UNION ALL SELECT 'owed', number, owed FROM paid
UNION ALL SELECT 'given', number, given FROM paid WHERE given IS NOT NULL
UNION ALL SELECT 'refunded wrong', number, owed FROM paid WHERE refunded <> owed
UNION ALL SELECT 'money', "order", amount FROM ledger_entry WHERE kind IN ('payment', 'refund')
UNION ALL SELECT 'sold', "order", amount FROM ledger_entry WHERE kind IN ('sale', 'correction')
UNION ALL SELECT 'less', "order", -amount FROM ledger_entry WHERE kind = 'correction' AND reason IN ('gesture', 'mistake')
"""
"""Amounts in euros by the order's number."""


def wrong_counts() -> dict[tuple[int, int], tuple[int, int]]:
    """The makeable counts that differ from recipes times stock: kept and right, by store and variant."""
    stock = {
        (item.store_id, item.ingredient_id): 0 if item.off_sale_since else item.available
        for item in StockItem.objects.all()
    }
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
