"""The stock, changed by people while it is sold. Each race comes in a pair: with its guard, and without."""

import threading
import time
from collections.abc import Callable

import pytest
from django.db import connection, transaction

from pizzeria.ordering.models import Order
from pizzeria.stock import changing, taking
from pizzeria.stock import services as stock
from pizzeria.stock.changing import change_quantity, count_quantity, receive_delivery, take_off_sale
from pizzeria.stock.errors import InvalidQuantity, OutOfStock, StockChanged
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.proposals import receive_order
from tests.cast import GRAMS, House, People
from tests.races.together import (
    PATIENCE,
    books_that_do_not_balance,
    kinds,
    sold,
    together,
    until_somebody_waits,
    wrong_counts,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

TAKERS = 6


def _item(house: House, slug: str = "mozzarella") -> StockItem:
    return StockItem.objects.select_related("ingredient").get(store=house.bastille, ingredient__slug=slug)


def _count_while_selling(
    house: House, people: People, wait: Callable[[], object] = until_somebody_waits
) -> list[object]:
    """Somebody counts what the page showed while an order holds the line; `wait` ends before that commits."""
    item, lines = _item(house), [house.line()]
    expected = item.available
    is_held = threading.Event()

    def sell() -> Order:
        with transaction.atomic():
            order = house.order(lines=lines)
            is_held.set()
            wait()
            return order

    def count() -> StockItem:
        is_held.wait(PATIENCE)
        return count_quantity(
            store=house.bastille, item_id=item.pk, counted=expected - 40, expected=expected, acting_user=people.manager
        )

    return list(together([sell, count]))


def test_a_count_that_an_order_overtook_is_told_and_changes_nothing(house: House, people: People) -> None:
    outcomes = _count_while_selling(house, people)
    assert kinds(outcomes) == {"Order": 1, "StockChanged": 1}
    told = next(outcome for outcome in outcomes if isinstance(outcome, StockChanged))
    assert told.details["available"] == GRAMS - 100
    assert _item(house).available == GRAMS - 100
    assert books_that_do_not_balance() == []


def test_without_the_comparison_a_count_writes_over_what_was_sold(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_read = threading.Event()

    def unlocked(*, item_id: int, counted: int, **_rest: object) -> StockItem:
        item = StockItem.objects.get(pk=item_id)
        has_read.set()
        until_it_is_sold()
        Movement.objects.create(item=item, change=counted - item.available, reason="count")
        StockItem.objects.filter(pk=item_id).update(available=counted)
        return item

    def until_it_is_sold() -> None:
        end = time.monotonic() + PATIENCE
        while sold("margherita") == 0 and time.monotonic() < end:
            time.sleep(0.02)

    monkeypatch.setitem(globals(), "count_quantity", unlocked)
    _count_while_selling(house, people, lambda: has_read.wait(PATIENCE))
    assert _item(house).available == GRAMS - 40
    assert books_that_do_not_balance()


def _gone_while_ordering(house: House, people: People) -> list[object]:
    """An order comes while "plus de mozzarella" holds the line and has not committed yet."""
    item, lines = _item(house), [house.line()]
    is_held = threading.Event()

    def gone() -> StockItem:
        with transaction.atomic():
            taken = take_off_sale(store=house.bastille, item_id=item.pk, acting_user=people.pizzaiolo)
            is_held.set()
            until_somebody_waits()
            return taken

    def order() -> Order:
        is_held.wait(PATIENCE)
        return house.order(lines=lines)

    return list(together([gone, order]))


def test_who_orders_while_it_is_taken_off_sale_is_told_which_pizza(house: House, people: People) -> None:
    outcomes = _gone_while_ordering(house, people)
    assert kinds(outcomes) == {"StockItem": 1, "OutOfStock": 1}
    refusal = next(outcome for outcome in outcomes if isinstance(outcome, OutOfStock))
    assert refusal.details == {"products": ["margherita"]}
    assert not Order.objects.exists()
    assert (books_that_do_not_balance(), wrong_counts()) == ([], {})


def test_without_the_look_under_the_lock_it_is_sold_all_the_same(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(taking, "TAKEN", taking.TAKEN.replace("AND item.off_sale_since IS NULL", ""))
    outcomes = _gone_while_ordering(house, people)
    assert kinds(outcomes) == {"Order": 1, "StockItem": 1}


def test_many_orders_and_one_tap_leave_what_was_sold_before_it(house: House, people: People) -> None:
    item, lines = _item(house), [house.line()]
    actions = [lambda: house.order(lines=lines)] * 20
    tap = lambda: take_off_sale(store=house.bastille, item_id=item.pk, acting_user=people.pizzaiolo)  # noqa: E731
    outcomes = together([*actions[:10], tap, *actions[10:]])
    placed = kinds(outcomes).get("Order", 0)
    assert placed + kinds(outcomes).get("OutOfStock", 0) == 20
    assert _item(house).available == GRAMS - placed * 100
    assert (books_that_do_not_balance(), wrong_counts()) == ([], {})


def _all_lower(house: House, people: People) -> list[object]:
    """Six take all that is left, all having read the same page."""
    item = _item(house, "jambon")
    stock.lower_quantity(item_id=item.pk, quantity=GRAMS - 60, acting_user=None)
    seen = _item(house, "jambon").version

    def lower() -> StockItem:
        return change_quantity(
            store=house.bastille, item_id=item.pk, reason=Movement.Reason.LOWER, quantity=60, seen=seen,
            acting_user=people.manager,
        )  # fmt: skip

    return list(together([lower] * TAKERS))


def test_of_those_who_take_the_last_one_takes_it_and_the_others_are_told(house: House, people: People) -> None:
    outcomes = _all_lower(house, people)
    assert kinds(outcomes) == {"StockChanged": 5, "StockItem": 1}
    assert _item(house, "jambon").available == 0
    assert books_that_do_not_balance() == []


def test_without_the_version_the_lock_and_the_constraint_still_leave_nothing_below_zero(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changing, "_require_seen", lambda *_asked: None)
    outcomes = _all_lower(house, people)
    assert kinds(outcomes) == {"InvalidQuantity": 5, "StockItem": 1}
    assert all("il en reste 0" in each.message for each in outcomes if isinstance(each, InvalidQuantity))
    assert _item(house, "jambon").available == 0


def test_without_the_lock_what_two_take_is_written_once(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_read = threading.Barrier(TAKERS)

    def unlocked(_store: object, item_id: int) -> StockItem:
        item = StockItem.objects.select_related("ingredient").get(pk=item_id)
        all_have_read.wait(PATIENCE)
        return item

    monkeypatch.setattr(changing, "_locked", unlocked)
    outcomes = _all_lower(house, people)
    assert kinds(outcomes) == {"StockItem": TAKERS}
    assert books_that_do_not_balance()


def test_one_delivery_written_down_by_two_and_taken_over_by_a_third_is_added_once(house: House, people: People) -> None:
    item = _item(house, "jambon")
    day = "2026-11-30"
    Proposal.objects.create(item=item, for_day=day, quantity=1500, weekday_use=1, rest_of_today=0, available=0)

    def write_down() -> object:
        return receive_delivery(
            store=house.bastille, quantities={item.pk: 1500}, seen={item.pk: item.version}, acting_user=people.pizzaiolo
        )

    def take_over() -> object:
        return receive_order(store=house.bastille, for_day=day, acting_user=people.manager)  # type: ignore[arg-type]

    together([write_down, take_over, write_down])
    assert _item(house, "jambon").available == GRAMS + 1500
    assert Proposal.objects.get().received_at
    assert books_that_do_not_balance() == []
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM stock_movement WHERE reason = 'delivery'")
        assert cursor.fetchone() == (1,)
