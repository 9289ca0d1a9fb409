"""Reading the journal for the accountant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from pizzeria.ledger.models import Entry, Kind
from pizzeria.ledger.values import TaxedPart
from pizzeria.stores.models import Store

OF_ORDER = """
SELECT (part ->> 'rate')::numeric AS rate, sum((part ->> 'amount')::numeric), sum((part ->> 'vat')::numeric)
FROM ledger_entry, jsonb_array_elements(vat) AS part
WHERE "order" = %s
GROUP BY rate ORDER BY rate
"""

BY_RATE = """
SELECT store_id, (part ->> 'rate')::numeric AS rate, sum((part ->> 'amount')::numeric), sum((part ->> 'vat')::numeric)
FROM ledger_entry, jsonb_array_elements(vat) AS part
WHERE store_id = ANY(%(stores)s) AND day >= %(first)s AND day <= %(last)s
GROUP BY store_id, rate ORDER BY store_id, rate
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesAtRate:
    """What a store sold at one rate, corrections taken into account: VAT included, and the VAT in it, in euros."""

    store: Store
    percent: Decimal
    amount: Decimal
    vat: Decimal

    @property
    def before_vat(self) -> Decimal:
        return self.amount - self.vat


def sales_by_vat_rate(*, stores: Sequence[Store], first_day: date, last_day: date) -> list[SalesAtRate]:
    """The turnover of these days, both included, by store in the order given and by rate, lowest first."""
    with connection.cursor() as cursor:
        cursor.execute(BY_RATE, {"stores": [store.pk for store in stores], "first": first_day, "last": last_day})
        rows = cursor.fetchall()
    return [
        SalesAtRate(store=store, percent=percent, amount=amount, vat=vat)
        for store in stores
        for pk, percent, amount, vat in rows
        if pk == store.pk
    ]


def turnover_of(*, order: str) -> list[TaxedPart]:
    """What is sold of an order, by rate, corrections taken into account; nothing for one that the journal does not know."""
    with connection.cursor() as cursor:
        cursor.execute(OF_ORDER, [order])
        return [TaxedPart(percent=percent, amount=amount, vat=vat) for percent, amount, vat in cursor.fetchall()]


def sale_number_of(*, store: Store, order: str) -> int | None:
    """The number of the entry by which this order was sold, in its store's journal; None while it is not in it."""
    sale = Entry.objects.filter(store=store, order=order, kind=Kind.SALE).order_by("number")
    return sale.values_list("number", flat=True).first()
