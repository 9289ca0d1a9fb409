"""Journals as the tests write them, and a hand that rewrites them behind the triggers' back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection

from pizzeria.ledger.models import Entry
from pizzeria.ledger.services import append_payment, append_sale
from pizzeria.ledger.values import SoldLine, TaxedPart
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=PARIS)
"""A Monday."""
ONE_DAY = timedelta(days=1)
PIZZA = TaxedPart(percent=Decimal("10.00"), amount=Decimal("11.00"), vat=Decimal("1.00"))
COLA = TaxedPart(percent=Decimal("5.50"), amount=Decimal("2.11"), vat=Decimal("0.11"))
MEAL = (PIZZA, COLA)
TABLES = ("ledger_entry", "ledger_closing", "ledger_head")


def line(amount: Decimal | str, label: str = "Reine, moyenne") -> SoldLine:
    price = Decimal(amount)
    return SoldLine(label=label, quantity=1, unit_price=price, amount=price, vat_percent=Decimal("10.00"))


def sell(store: Store, order: str, *, at: datetime = NOON, vat: Sequence[TaxedPart] = (PIZZA,)) -> Entry:
    lines = [line(part.amount) for part in vat]
    return append_sale(store=store, order=order, vat=vat, lines=lines, at=at)


def pay(store: Store, order: str, *, amount: str = "11.00", means: str = "cash", at: datetime = NOON) -> Entry:
    return append_payment(store=store, order=order, means=means, amount=Decimal(amount), at=at)


def sell_many(store: Store, count: int, *, at: datetime = NOON) -> list[Entry]:
    return [sell(store, f"P-{number:05}", at=at) for number in range(1, count + 1)]


def by_hand(statement: str) -> None:
    """Run a statement with the journal's triggers off, as the owner of the tables can."""
    with connection.cursor() as cursor:
        # What waits for the transaction's end keeps a table from being altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
