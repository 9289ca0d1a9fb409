"""The last pizzas, wanted by many at once. Each race comes in a pair: with its guard, and without."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from pizzeria.catalogue.models import Product, Size, Variant
from pizzeria.catalogue.selectors import offer
from pizzeria.ordering import offers, placing
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import IdempotencyKey, Order
from pizzeria.ordering.placing import place_order_once
from pizzeria.ordering.pricing import quote
from pizzeria.stock import services as stock
from pizzeria.stock import taking
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.models import Makeable, Movement, StockItem
from pizzeria.stores.models import Store
from tests.cast import GUEST, House
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

GATE = 50
"""The key of a lock in the database."""
MOZZARELLA = 100
"""Grams on a Margherita of the middle size."""


def _leave(house: House, slug: str, quantity: int) -> None:
    item = StockItem.objects.get(store=house.bastille, ingredient__slug=slug)
    stock.lower_quantity(item_id=item.pk, quantity=item.available - quantity, acting_user=None)


def _order(house: House) -> Callable[[], Order]:
    # What every order needs is read before the race, so that the race is about the order alone.
    lines = [house.line()]
    return lambda: house.order(lines=lines)


def test_two_hundred_orders_for_the_last_fifty_pizzas_sell_fifty(house: House) -> None:
    _leave(house, "mozzarella", 50 * MOZZARELLA)
    outcomes = together([_order(house)] * 200)
    assert kinds(outcomes) == {"Order": 50, "OutOfStock": 150}
    refusals = [outcome for outcome in outcomes if isinstance(outcome, OutOfStock)]
    assert all(refusal.details == {"products": ["margherita"]} for refusal in refusals)
    assert sold("margherita") == Order.objects.count() == 50
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available == 0
    assert Movement.objects.filter(reason="order", item__ingredient__slug="mozzarella").count() == 50
    assert Makeable.objects.get(store=house.bastille, variant=house.variant("margherita")).count == 0
    assert books_that_do_not_balance() == []
    assert wrong_counts() == {}


def _at_the_gate() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
            " WHERE datname = current_database() AND locktype = 'advisory' AND objid = %s AND NOT granted",
            [GATE],
        )
        return int(cursor.fetchone()[0])


def _take_unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `taking` would be, had nobody thought of the others: read, wait at the gate, check, write."""
    waiting = f"SELECT item.available, pg_advisory_xact_lock_shared({GATE}), item.id"
    read = taking.LOCKED.replace("SELECT item.id", waiting)
    monkeypatch.setattr(taking, "LOCKED", read.replace("FOR UPDATE OF item", ""))
    write = taking.TAKEN.replace("item.available - locked.quantity", "locked.available - locked.quantity")
    monkeypatch.setattr(taking, "TAKEN", write.replace("item.available >=", "locked.available >="))


def test_without_the_guard_more_is_sold_than_there_is(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    _leave(house, "mozzarella", 5 * MOZZARELLA)
    # The ovens would make them take turns before they come to the stock.
    Size.objects.update(oven_minutes=0)
    _take_unguarded(monkeypatch)
    orders = threading.Thread(target=together, args=([_order(house)] * 20,))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [GATE])
        orders.start()
        # The gate opens once all of them have read.
        end = time.monotonic() + PATIENCE
        while _at_the_gate() < 20 and time.monotonic() < end:
            time.sleep(0.01)
    orders.join(PATIENCE)
    assert sold("margherita") > 5
    assert books_that_do_not_balance()


@pytest.fixture
def plates(house: House) -> tuple[LineRequest, LineRequest]:
    """A plate of ham and a plate of mushrooms: no ingredient in common, and both are on the Reine."""
    found = []
    for slug, quantity in (("jambon", 60), ("champignons", 50)):
        plate = Product.objects.create(kind="dessert", slug=f"assiette-{slug}", name=slug, vat_category="immediate")
        variant = Variant.objects.create(product=plate, price=6)
        stock.change_recipe(product=plate, recipe=[(house.ingredients[slug], quantity)])
        _leave(house, slug, 10 * quantity)
        found.append(LineRequest(variant_id=variant.pk))
    return found[0], found[1]


def _sell_both_plates(house: House, plates: tuple[LineRequest, LineRequest]) -> int:
    """Sell eight plates of ham and, before that has committed, a plate of mushrooms; the Reines that are left.

    The second waits for the first in any case: for the store's row or, where nobody locks that, for the count that it has just read.
    """
    ham, mushrooms = plates
    eight = LineRequest(variant_id=ham.variant_id, quantity=8)
    is_sold = threading.Event()

    def first() -> None:
        with transaction.atomic():
            house.order(lines=[eight])
            is_sold.set()
            until_somebody_waits()

    def second() -> None:
        is_sold.wait(PATIENCE)
        house.order(lines=[mushrooms])

    assert kinds(together([first, second])) == {"NoneType": 2}
    return Makeable.objects.get(store=house.bastille, variant=house.variant("reine")).count


def test_two_orders_without_a_common_ingredient_leave_the_right_count(
    house: House, plates: tuple[LineRequest, LineRequest]
) -> None:
    assert _sell_both_plates(house, plates) == 2
    assert wrong_counts() == {}


def test_without_the_stores_lock_the_count_is_one_that_nobody_left(
    house: House, plates: tuple[LineRequest, LineRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    def unlocked(*, store: Store, ingredient_ids: list[int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute(stock.REFRESH, {"cap": 99, "store": store.pk, "ingredients": list(ingredient_ids)})

    monkeypatch.setattr(taking, "refresh_makeable", unlocked)
    assert _sell_both_plates(house, plates) == 9
    assert wrong_counts()


def _order_by_key(house: House) -> Callable[[], tuple[Order, bool]]:
    """One Margherita, at the price of now, as the shop's form and the API send it."""
    lines = [house.line()]
    total = quote(store=house.bastille, requests=lines, fulfilment="collection").total
    return lambda: place_order_once(
        key="une-seule-fois",
        digest="d",
        store=house.bastille,
        lines=lines,
        contact=GUEST,
        fulfilment="collection",
        payment_method="cash",
        expected_total=total,
    )


def test_one_key_used_many_times_at_once_makes_one_order_even_of_the_last_pizza(house: House) -> None:
    _leave(house, "mozzarella", MOZZARELLA)
    outcomes = [outcome for outcome in together([_order_by_key(house)] * 12) if not isinstance(outcome, Exception)]
    assert len(outcomes) == 12
    assert {placed.pk for placed, _is_new in outcomes} == {Order.objects.get().pk}
    assert [is_new for _placed, is_new in outcomes].count(True) == 1
    assert IdempotencyKey.objects.get().order == Order.objects.get()
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available == 0


def _richer_while_ordering(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its price and its ingredients an order meets a recipe that takes more than any before: for 40 pizzas, and for 39 of what the order leaves."""
    _leave(house, "mozzarella", (stock.COUNT_CAP + 1) * MOZZARELLA)
    order = _order_by_key(house)
    margherita, richer = house.variant("margherita").product, [(house.ingredients["mozzarella"], 250)]

    def use(**asked: Any) -> None:
        [outcome] = together([lambda: stock.change_recipe(product=margherita, recipe=richer)])
        assert outcome is None
        offers.use(**asked)

    monkeypatch.setattr(placing, "use", use)
    order()


def test_an_order_that_was_priced_before_a_recipe_changed_counts_by_the_new_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    _richer_while_ordering(house, monkeypatch)
    assert wrong_counts() == {}


def test_by_the_catalogue_of_its_price_the_order_would_leave_a_wrong_count(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = offer()
    monkeypatch.setattr(taking, "offer", lambda: was)
    _richer_while_ordering(house, monkeypatch)
    assert wrong_counts()


def test_a_delivery_arrives_while_orders_are_placed(house: House) -> None:
    _leave(house, "mozzarella", 5 * MOZZARELLA)
    item = StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella")

    def unload() -> StockItem:
        return stock.raise_quantity(item_id=item.pk, quantity=MOZZARELLA, acting_user=None)

    outcomes = together([*[_order(house)] * 20, *[unload] * 10])
    item.refresh_from_db()
    placed = kinds(outcomes)["Order"]
    assert kinds(outcomes).get("OutOfStock", 0) == 20 - placed
    assert kinds(outcomes)["StockItem"] == 10
    assert placed <= 15
    assert item.available == (5 + 10 - placed) * MOZZARELLA
    assert books_that_do_not_balance() == []
    assert wrong_counts() == {}
