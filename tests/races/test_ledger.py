"""A hundred sales of one shop at once: numbers without a gap. In pairs: with the lock, and without it."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction
from django.utils import timezone

from pizzeria.ledger import services
from pizzeria.ledger.closings import close_day
from pizzeria.ledger.models import Closing, Entry, Head
from pizzeria.ledger.tests.conftest import by_hand, sell
from pizzeria.ledger.verification import extent, verify
from pizzeria.stores.models import Store
from tests.cast import House
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SALES = 100


def a_sale(store: Store, number: int) -> Entry:
    with transaction.atomic():
        return sell(store, f"P-{number:05}", at=timezone.now())


def a_sale_that_is_refused(store: Store, number: int) -> None:
    with transaction.atomic():
        a_sale(store, number)
        transaction.set_rollback(True)


def sales(store: Store) -> list[Callable[[], object]]:
    return [partial(a_sale, store, number) for number in range(SALES)]


def numbers(store: Store) -> list[int]:
    return list(Entry.objects.filter(store=store).order_by("number").values_list("number", flat=True))


def breaks(store: Store) -> list[str]:
    return [str(found) for found in verify(store=store, extent=extent(store=store))]


def unlocked(store: Store) -> Head:
    return Head.objects.filter(store=store).first() or Head(store=store)


def test_a_hundred_sales_at_once_have_a_hundred_numbers_and_a_whole_chain(house: House) -> None:
    assert kinds(together(sales(house.bastille))) == {"Entry": SALES}
    assert numbers(house.bastille) == list(range(1, SALES + 1))
    assert breaks(house.bastille) == []


def test_sales_that_are_rolled_back_between_them_leave_no_gap(house: House) -> None:
    refused = [partial(a_sale_that_is_refused, house.bastille, number) for number in range(SALES, SALES + 50)]
    everybody: list[Callable[[], object]] = [*sales(house.bastille), *refused]
    together(everybody)
    assert numbers(house.bastille) == list(range(1, SALES + 1))
    assert breaks(house.bastille) == []


def test_without_the_lock_sales_are_refused(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    a_sale(house.bastille, SALES)
    monkeypatch.setattr(services, "lock_head", unlocked)
    assert kinds(together(sales(house.bastille))).get("IntegrityError", 0) > 0
    # The database still refuses what would break the chain.
    assert breaks(house.bastille) == []


def test_without_the_lock_and_the_databases_guard_the_chain_breaks(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_sale(house.bastille, SALES)
    monkeypatch.setattr(services, "lock_head", unlocked)
    guards = (
        "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_goes_on",
        "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_number_once",
    )
    with connection.cursor() as cursor:
        for statement in guards:
            cursor.execute(statement)
    try:
        together(sales(house.bastille))
        assert numbers(house.bastille) != list(range(1, SALES + 2))
        assert breaks(house.bastille) != []
    finally:
        by_hand("DELETE FROM ledger_entry")
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger_entry ADD CONSTRAINT ledger_entry_number_once UNIQUE (store_id, number)")


def test_a_day_that_is_closed_by_several_while_others_sell_is_closed_once(house: House) -> None:
    yesterday = timezone.localtime() - timedelta(days=1)
    with transaction.atomic():
        sell(house.bastille, "P-22222", at=yesterday)
    day = timezone.localdate(yesterday)
    closing = [partial(close_day, store=house.bastille, day=day)] * 5
    assert kinds(together([*sales(house.bastille), *closing])) == {"Closing": 5, "Entry": SALES}
    assert Closing.objects.count() == 1
    assert breaks(house.bastille) == []
