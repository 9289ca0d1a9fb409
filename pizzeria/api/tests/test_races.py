"""One idempotency key sent twice at once makes one order."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from unittest.mock import patch

import pytest
from django.db import connection

from pizzeria.api.tests.conftest import Answer, Api, basket
from pizzeria.ordering.models import IdempotencyKey, Order
from pizzeria.ordering.numbers import CLAIM
from pizzeria.stock.models import StockItem
from tests.cast import GRAMS, House

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

DOUGH = 260
"""Grams in the one pizza of the basket."""


def _at_once(times: int, send: Callable[[], Answer]) -> list[Answer]:
    gate = Barrier(times)

    def run(_number: int) -> Answer:
        try:
            gate.wait(10)
            return send()
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as threads:
        return list(threads.map(run, range(times)))


def test_one_key_sent_by_eight_threads_at_once_makes_one_order(house: House) -> None:
    body = basket(house)
    answers = _at_once(8, lambda: Api().order(body))
    assert sorted(answer.status for answer in answers) == [200] * 7 + [201]
    assert len({answer.body["token"] for answer in answers}) == 1
    assert Order.objects.count() == 1
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="pate").available == GRAMS - DOUGH


def test_without_the_unique_key_the_same_race_makes_several_orders(house: House) -> None:
    """The pair of the test above: it is the database's unique key that holds, not luck."""
    body = basket(house)
    unguarded = CLAIM.replace("ON CONFLICT (key) DO NOTHING", "")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ordering_idempotencykey DROP CONSTRAINT ordering_idempotencykey_key_key")
    try:
        with patch("pizzeria.ordering.numbers.CLAIM", unguarded):
            answers = _at_once(8, lambda: Api().order(body))
        assert {answer.status for answer in answers} == {201}
        assert Order.objects.count() == 8
    finally:
        IdempotencyKey.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE ordering_idempotencykey ADD CONSTRAINT ordering_idempotencykey_key_key UNIQUE (key)"
            )
