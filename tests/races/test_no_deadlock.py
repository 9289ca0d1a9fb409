"""Everybody does everything at once, in every order: nobody waits for ever, and the books balance."""

import random
import threading
from collections.abc import Callable

import pytest
from django.db import transaction

from pizzeria.errors import BusinessError
from pizzeria.ordering import cart as carts
from pizzeria.ordering.cart import add_line, set_quantity
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Cart, Order
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import bump_menu, change_recipe, lower_quantity, raise_quantity
from tests.cast import House
from tests.races.together import (
    PATIENCE,
    books_that_do_not_balance,
    kinds,
    together,
    until_somebody_waits,
    wrong_counts,
)

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PEOPLE = 24
ACTS = 6
SCARCE = 30_000
"""Grams: some orders are refused, and every count moves."""


def test_a_busy_evening_has_no_deadlock(house: House) -> None:
    for item in StockItem.objects.filter(store=house.bastille):
        lower_quantity(item_id=item.pk, quantity=item.available - SCARCE, acting_user=None)
    outcomes = together([_evening(house, seed) for seed in range(PEOPLE)])
    assert kinds(outcomes) == {"int": PEOPLE}, [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert Order.objects.count() >= 20
    assert books_that_do_not_balance() == []
    assert wrong_counts() == {}


def _evening(house: House, seed: int) -> Callable[[], int]:
    rng = random.Random(seed)
    lines = [house.line(slug, size) for slug in ("margherita", "reine", "chevre-miel") for size in ("s", "m")]
    lines.append(house.line("cola", None))
    items = list(StockItem.objects.filter(store=house.bastille))
    reine = house.variant("reine").product
    recipe = [(house.ingredients[slug], rng.randint(20, 90)) for slug in ("jambon", "champignons", "mozzarella")]

    def order() -> None:
        placed = house.order(lines=rng.sample(lines, len(lines)))
        if rng.random() < 0.5:
            cancel(order=placed, role=CUSTOMER, acting_user=None, reason="")

    def move_stock() -> None:
        change = rng.choice((raise_quantity, lower_quantity))
        change(item_id=rng.choice(items).pk, quantity=rng.randint(1, 2_000), acting_user=None)

    def rewrite() -> None:
        change_recipe(product=reine, recipe=rng.sample(recipe, 3))

    def evening() -> int:
        refused = 0
        for act in rng.choices((order, move_stock, rewrite, lambda: bump_menu(store_ids=both)), (6, 3, 1, 1), k=ACTS):
            try:
                act()
            except BusinessError:
                refused += 1
        return refused

    both = [house.croix_rousse.pk, house.bastille.pk]
    return evening


def test_two_tabs_of_one_cart_make_equal_lines_meet(house: House) -> None:
    cart = add_line(cart=None, store=house.bastille, request=house.line())
    request = house.line("reine")
    outcomes = together([lambda: add_line(cart=cart, store=house.bastille, request=request)] * 20)
    assert kinds(outcomes) == {"Cart": 20}
    assert sorted(cart.lines.values_list("quantity", flat=True)) == [1, 20]


def test_two_tabs_of_one_cart_never_pass_the_bound_of_a_line(house: House) -> None:
    cart = add_line(cart=None, store=house.bastille, request=house.line(quantity=45))
    line, request = cart.lines.get(), house.line(quantity=4)
    outcomes = together(
        [
            *[lambda: add_line(cart=cart, store=house.bastille, request=request)] * 8,
            lambda: set_quantity(cart=cart, line_id=line.pk, quantity=50),
        ]
    )
    assert kinds(outcomes) == {"Cart": 8, "NoneType": 1}
    assert max(cart.lines.values_list("quantity", flat=True)) <= 50


def test_a_line_that_another_tab_has_just_filled_is_not_grown_past_its_bound(house: House) -> None:
    cart = add_line(cart=None, store=house.bastille, request=house.line(quantity=45))
    assert kinds(_filled_while_growing(cart, house.line(quantity=4))) == {"Cart": 1, "NoneType": 1}
    assert sorted(cart.lines.values_list("quantity", flat=True)) == [4, 50]


def test_without_the_guard_the_same_line_is_grown_past_its_bound(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    cart = add_line(cart=None, store=house.bastille, request=house.line(quantity=45))
    monkeypatch.setattr(carts, "_touch", lambda _cart: None)
    assert kinds(_filled_while_growing(cart, house.line(quantity=4))) == {"IntegrityError": 1, "NoneType": 1}


def _filled_while_growing(cart: Cart, request: LineRequest) -> list[Cart | Exception | None]:
    """One tab fills the cart's line and commits once the other, which adds to it, is seen to wait."""
    filled = threading.Event()

    def fill() -> None:
        with transaction.atomic():
            set_quantity(cart=cart, line_id=cart.lines.get().pk, quantity=50)
            filled.set()
            until_somebody_waits()

    def grow() -> Cart:
        assert filled.wait(PATIENCE)
        return add_line(cart=cart, store=cart.store, request=request)

    return together([fill, grow])
