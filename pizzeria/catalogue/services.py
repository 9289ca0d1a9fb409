"""Writing recipes and prices."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction

from pizzeria.catalogue.models import Composition, Ingredient, Product, Variant


@transaction.atomic
def set_recipe(*, product: Product, recipe: Sequence[tuple[Ingredient, int]]) -> None:
    """Write the recipe of every size of a product.

    `recipe` holds quantities for the reference size (factor 1), in each ingredient's unit, without
    the dough, which comes from the size. Pieces are not scaled below one.
    """
    for variant in product.variants.select_related("size__dough"):
        variant.composition.all().delete()
        Composition.objects.bulk_create(_composition(variant, recipe))


def _composition(variant: Variant, recipe: Sequence[tuple[Ingredient, int]]) -> list[Composition]:
    size = variant.size
    factor = size.factor if size else Decimal(1)
    base = [(size.dough, size.dough_grams)] if size else []
    toppings = [(ingredient, scaled(quantity=quantity, factor=factor)) for ingredient, quantity in recipe]
    return [
        Composition(
            variant=variant,
            ingredient=ingredient,
            quantity=quantity,
            is_base=position < len(base) or size is None,
            position=position,
        )
        for position, (ingredient, quantity) in enumerate(base + toppings)
    ]


def scaled(*, quantity: int, factor: Decimal) -> int:
    """`quantity` for another size, to the nearest whole unit and at least one."""
    return max(1, int((quantity * factor).quantize(Decimal(1), ROUND_HALF_UP)))
