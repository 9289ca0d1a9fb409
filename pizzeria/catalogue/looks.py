"""How a product is drawn: from the `look` of the ingredients in its recipe.

An ingredient's `look` is one of

- `{}`: it is not seen (the dough, the garlic in the oil);
- the fields of `pictures.Topping` without its slug: it lies on a pizza;
- `{"drawing": "drink" | "dessert", "kind": …, "colour": …}`: it is sold as it is, drawn by
  `pictures.drink_svg` or `pictures.dessert_svg`.
"""

from collections.abc import Callable

from pizzeria.catalogue.models import Ingredient, Variant
from pizzeria.catalogue.pictures import DESSERTS, DRINKS, Topping, dessert_svg, drink_svg, pizza_svg

WHOLE: dict[str, tuple[dict[str, Callable[[str], str]], Callable[..., str]]] = {
    "drink": (DRINKS, drink_svg),
    "dessert": (DESSERTS, dessert_svg),
}


def topping_of(*, ingredient: Ingredient) -> Topping | None:
    """How an ingredient lies on a pizza; None for one that is not seen or is not put on pizzas.

    Raises ValueError for a look that cannot be drawn.
    """
    look = ingredient.look
    if not look or "drawing" in look:
        return None
    if set(look) != {"shape", "colour", "edge", "size", "count"}:
        raise ValueError(f"{ingredient.slug}: a topping has shape, colour, edge, size and count, not {sorted(look)}")
    return Topping(slug=ingredient.slug, **look)


def toppings_of(*, variant: Variant) -> list[Topping]:
    """What is seen of a pizza, in the order of its recipe."""
    found = (topping_of(ingredient=line.ingredient) for line in variant.composition.all())
    return [topping for topping in found if topping]


def variant_svg(*, variant: Variant, title: str, second_half: Variant | None = None, size: int = 400) -> str:
    """The picture of a variant, or of a half-and-half pizza.

    `variant` is best read with its composition and ingredients (`selectors.variants_with_recipe`).
    Raises ValueError for a look that cannot be drawn.
    """
    for line in variant.composition.all():
        if "drawing" in line.ingredient.look:
            return _whole(line.ingredient, title, size)
    halves = [half for half in (variant, second_half) if half]
    return pizza_svg(parts=[toppings_of(variant=half) for half in halves], title=title, size=size)


def _whole(ingredient: Ingredient, title: str, size: int) -> str:
    look = ingredient.look
    kinds, draw = WHOLE.get(look["drawing"], ({}, drink_svg))
    if look.get("kind") not in kinds:
        raise ValueError(f"{ingredient.slug}: no drawing for {look}")
    return draw(colour=look["colour"], kind=look["kind"], title=title, size=size)
