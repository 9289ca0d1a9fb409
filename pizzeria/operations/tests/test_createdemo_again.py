"""Loading the demo again: the same seed, after a stop, or into somebody else's house."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from random import Random

import pytest
from django.db import OperationalError, connection, transaction

from pizzeria.operations.demo import rhythm
from pizzeria.operations.demo.group import LOCK, HouseTakenError, alone
from pizzeria.operations.demo.history import LONGEST_LIFE
from pizzeria.operations.demo.load import load_demo
from pizzeria.operations.demo.places import Place
from pizzeria.operations.demo.stores import STORES
from pizzeria.ordering.models import Order, OrderLine
from pizzeria.stock.models import StockItem
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store
from tests.cast import House

pytestmark = pytest.mark.sweep

BEFORE_LUNCH = datetime(2026, 3, 12, 10, 0, tzinfo=PARIS)
"""Only the three stores that never close are open."""


class Stopped(Exception):
    """Somebody pressed Ctrl-C."""


def load(*, seed: str = "the same", stop_after: int | None = None) -> None:
    def tell(done: int, _total: int) -> None:
        if done == stop_after:
            raise Stopped

    assert load_demo(days=1, seed=seed, now=BEFORE_LUNCH, tell=tell)


def what_was_written() -> list[object]:
    orders = Order.objects.order_by("placed_at", "pk").values_list(
        "placed_at", "store__slug", "status", "total", "first_name", "street", "driver__identifier", "delivered_at",
        "promised_at",
    )  # fmt: skip
    lines = OrderLine.objects.order_by("order__placed_at", "pk").values_list("label", "quantity")
    stock = StockItem.objects.order_by("store__slug", "ingredient__slug").values_list("available")
    return [*orders, *lines, *stock]


@pytest.mark.django_db
def test_the_same_seed_gives_the_same_orders_even_after_a_stop_half_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rhythm, "ORDERS_A_DAY", 8.0)
    with transaction.atomic():
        load()
        at_once = what_was_written()
        transaction.set_rollback(True)
    with pytest.raises(Stopped):
        load(stop_after=5)
    load()
    assert what_was_written() == at_once


def test_an_order_of_the_night_that_loses_an_hour_is_lived_by_minutes_that_pass(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rhythm, "ORDERS_A_DAY", 1000.0)
    place = Place(store=house.bastille, row=STORES[0], team={}, clients=[], zones=[])
    found = list(rhythm.moments(place=place, day=date(2026, 3, 28), rng=Random("tomato")))
    change = datetime(2026, 3, 29, 3, tzinfo=PARIS)
    assert any(at < change < at + LONGEST_LIFE for at in found)
    assert {(at + LONGEST_LIFE).timestamp() - at.timestamp() for at in found} == {LONGEST_LIFE.total_seconds()}


def test_a_house_with_a_group_of_its_own_is_left_alone(house: House) -> None:
    stores = list(Store.objects.values_list("slug", flat=True))
    with pytest.raises(HouseTakenError):
        load()
    assert list(Store.objects.values_list("slug", flat=True)) == stores
    assert not Order.objects.exists()


def test_a_ctrl_c_that_leaves_nothing_to_ask_stays_one_and_lets_go_of_the_lock(db: None) -> None:
    def interrupted() -> None:
        with alone():
            # As when a question is cancelled too late, and the next one in its place.
            with connection.cursor() as cursor, pytest.raises(OperationalError):
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
            raise KeyboardInterrupt

    # A connection of its own.
    with ThreadPoolExecutor(1) as somebody, pytest.raises(KeyboardInterrupt):
        somebody.submit(interrupted).result()
    with connection.cursor() as cursor:
        # A session that is over has let go a moment later.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        cursor.execute("SELECT pg_advisory_lock(%s), pg_advisory_unlock(%s)", [LOCK, LOCK])
