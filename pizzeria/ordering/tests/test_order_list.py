"""Among the orders of years, the one that is looked for is found by an index, and the first page costs what it shows."""

import re

import pytest
from django.db import connection
from django.utils import timezone

from pizzeria.ordering.models import Order
from pizzeria.ordering.order_list import Wanted, count_of, find_orders, looked_for, page_of
from tests.cast import House

MANY = 4000

COPIES = """
INSERT INTO ordering_order ({columns}, number, token, placed_at, status, phone, last_name)
SELECT {columns}, 'P-' || upper(substr(md5(n::text), 1, 4)) || n, 'copy-' || n, now() - n * interval '7 minutes',
       'delivered', '06 ' || substr(md5(n::text || 'phone')::text, 1, 2) || lpad((n * 7919 %% 99999999)::text, 8, '0'),
       'Client' || n
FROM ordering_order, generate_series(1, %s) AS n WHERE id = %s
"""
OWN = {"id", "number", "token", "placed_at", "status", "phone", "last_name"}


@pytest.fixture
def years(house: House) -> House:
    """Thousands of orders, as the planner of the database knows them."""
    order = house.order()
    columns = [field.column for field in Order._meta.concrete_fields if field.column and field.column not in OWN]
    with connection.cursor() as cursor:
        cursor.execute(COPIES.format(columns=", ".join(columns)), [MANY, order.pk])
        cursor.execute("ANALYZE ordering_order")
    return house


def _plan(house: House, wanted: Wanted) -> str:
    found = find_orders(store_ids=[house.bastille.pk], wanted=wanted, at=timezone.now())
    return str(found.order_by()[:41].explain())


def test_what_is_typed_is_looked_for_by_index(years: House) -> None:
    for words, index in (
        ("client1234", "order_words"),
        ("06 39 98 12 34", "order_phone_backwards"),
        ("P-9ZZZZ", "ordering_order_number"),
    ):
        keys = looked_for(store_ids=[years.bastille.pk], words=words).values_list("pk", flat=True)
        plan = str(keys[:1001].explain())
        assert index in plan, plan
        assert "Seq Scan on ordering_order" not in plan, plan


def test_one_order_among_thousands_is_not_read_for_from_the_newest_on(years: House) -> None:
    plan = _plan(years, Wanted(words="client1234"))
    assert "ordering_order_pkey" in plan, plan


def test_the_first_page_and_its_late_orders_are_read_by_index(years: House) -> None:
    now = timezone.now()
    found = find_orders(store_ids=[years.bastille.pk], wanted=Wanted(), at=now)
    assert "Seq Scan on ordering_order" not in str(found[:41].explain())
    assert "Seq Scan on ordering_order" not in _plan(years, Wanted(is_late=True))
    rows = page_of(found=found, at=now).rows
    assert len(rows) == 40
    assert count_of(found) == 1001


def test_everything_is_seen_once_from_page_to_page(years: House) -> None:
    now = timezone.now()
    found = find_orders(store_ids=[years.bastille.pk], wanted=Wanted(words="client39"), at=now)
    page = page_of(found=found, at=now)
    seen = [order.pk for order in page.rows]
    while page.older:
        page = page_of(found=found, at=now, before=page.older)
        seen += [order.pk for order in page.rows]
    assert len(seen) == len(set(seen)) == len(re.findall(r"\b39\d*", " ".join(map(str, range(1, MANY + 1)))))
