"""The recipe of a line is what the order took from the stock."""

from collections import Counter

from pizzeria.ordering.lines import LineRequest, price_lines
from pizzeria.ordering.recipes import LineRecipe, recipe_of
from pizzeria.ordering.staff_selectors import line_of_order
from tests.cast import House


def _recipe(house: House, request: LineRequest) -> LineRecipe:
    order = house.order(lines=[request])
    line = line_of_order(order=order, line_id=order.lines.get().pk)
    assert line is not None
    return recipe_of(line=line, order=order)


def _weighed(recipe: LineRecipe) -> dict[int, int]:
    weighed: Counter[int] = Counter()
    for portion in [*recipe.base, *recipe.extras, *(portion for part in recipe.parts for portion in part.portions)]:
        weighed[portion.ingredient.pk] += portion.quantity
    return {ingredient: quantity for ingredient, quantity in weighed.items() if quantity}


def test_the_portions_of_a_whole_pizza_are_its_stock(house: House) -> None:
    items = house.ingredients
    request = house.line("reine", "s", removed=(items["champignons"].pk,), extras=(items["mozzarella"].pk,))
    assert _weighed(_recipe(house, request)) == dict(price_lines([request])[0].needs)


def test_the_portions_of_two_halves_are_their_stock(house: House) -> None:
    request = house.line("reine", "m", second_half_id=house.variant("chevre-miel").pk)
    recipe = _recipe(house, request)
    assert recipe.is_half_and_half
    assert _weighed(recipe) == dict(price_lines([request])[0].needs)


def test_what_was_taken_off_is_taken_off_both_halves(house: House) -> None:
    mozzarella = house.ingredients["mozzarella"]
    request = house.line("reine", "m", second_half_id=house.variant("margherita").pk, removed=(mozzarella.pk,))
    recipe = _recipe(house, request)
    removed = [portion.ingredient for part in recipe.parts for portion in part.portions if portion.is_removed]
    assert removed == [mozzarella, mozzarella]


def test_a_drink_has_a_recipe_of_one_can(house: House) -> None:
    recipe = _recipe(house, house.line("cola", None, quantity=3))
    assert [(portion.ingredient.slug, portion.quantity) for portion in recipe.base] == [("canette-cola", 1)]
