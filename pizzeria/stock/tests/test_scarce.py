"""An order recounts what can be made only where what is left may limit it, and no count is ever wrong for it."""

from django.db import connection
from django.test.utils import CaptureQueriesContext

from pizzeria.catalogue.models import Composition
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stock.services import COUNT_CAP, change_recipe, refresh_makeable
from pizzeria.stock.tests.alone import take
from tests.cast import House

MOZZARELLA = 100
"""Grams on a medium Margherita, the most that any recipe of the cast takes."""


def _leave(house: House, grams: int) -> None:
    ingredient = house.ingredients["mozzarella"]
    StockItem.objects.filter(store=house.bastille, ingredient=ingredient).update(available=grams)
    refresh_makeable(store=house.bastille, ingredient_ids=[ingredient.pk])


def _sell(house: House, grams: int) -> list[str]:
    with CaptureQueriesContext(connection) as seen:
        take(store=house.bastille, needs={house.ingredients["mozzarella"].pk: grams})
    return [query["sql"] for query in seen.captured_queries]


def _recounted(house: House) -> dict[int, int]:
    """The counts of Bastille, computed here and not by the service."""
    stock = dict(StockItem.objects.filter(store=house.bastille).values_list("ingredient_id", "available"))
    counts: dict[int, int] = {}
    for line in Composition.objects.all():
        possible = min(COUNT_CAP, stock[line.ingredient_id] // line.quantity)
        counts[line.variant_id] = min(counts.get(line.variant_id, COUNT_CAP), possible)
    return counts


def test_a_sale_out_of_plenty_neither_counts_nor_locks_the_store(house: House) -> None:
    _leave(house, MOZZARELLA * (COUNT_CAP + 2))
    statements = _sell(house, MOZZARELLA)
    assert not [statement for statement in statements if "stores_store" in statement or "stock_makeable" in statement]
    assert makeable_counts(store=house.bastille) == _recounted(house)


def test_counts_are_right_on_every_gram_around_the_limit(house: House) -> None:
    _leave(house, MOZZARELLA * COUNT_CAP + 2)
    for _ in range(4):
        _sell(house, 1)
        assert makeable_counts(store=house.bastille) == _recounted(house)


def test_one_sale_that_jumps_over_the_limit_is_counted(house: House) -> None:
    _leave(house, MOZZARELLA * (COUNT_CAP + 1))
    _sell(house, MOZZARELLA * COUNT_CAP)
    assert makeable_counts(store=house.bastille) == _recounted(house)


def test_a_richer_recipe_moves_the_limit(house: House) -> None:
    _leave(house, MOZZARELLA * (COUNT_CAP + 1))
    margherita = house.variant("margherita").product
    change_recipe(product=margherita, recipe=[(house.ingredients["mozzarella"], 3 * MOZZARELLA)])
    _sell(house, MOZZARELLA)
    assert makeable_counts(store=house.bastille) == _recounted(house)
