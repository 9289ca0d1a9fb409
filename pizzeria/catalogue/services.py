"""Writing recipes and prices."""

from collections import Counter
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.catalogue.errors import InvalidRecipe
from pizzeria.catalogue.models import Composition, Ingredient, Product, Variant


@transaction.atomic
def set_recipe(*, product: Product, recipe: Sequence[tuple[Ingredient, int]]) -> None:
    """Write the recipe of every size of a product.

    `recipe` holds quantities for the reference size (factor 1), in each ingredient's unit, without
    the dough, which comes from the size; an ingredient named twice is added up. Pieces are not scaled
    below one. Raises InvalidRecipe for nothing or less than nothing.
    """
    if not recipe or any(quantity < 1 for _ingredient, quantity in recipe):
        raise InvalidRecipe(_("Une recette compte au moins un ingrédient, et de chacun au moins une unité."))
    # Two who write one recipe take turns.
    Product.objects.select_for_update(no_key=True).only("pk").get(pk=product.pk)
    for variant in product.variants.select_related("size__dough"):
        variant.composition.all().delete()
        Composition.objects.bulk_create(_composition(variant, recipe))


def _composition(variant: Variant, recipe: Sequence[tuple[Ingredient, int]]) -> list[Composition]:
    size = variant.size
    factor = size.factor if size else Decimal(1)
    quantities: Counter[Ingredient] = Counter({size.dough: size.dough_grams} if size else {})
    for ingredient, quantity in recipe:
        quantities[ingredient] += scaled(quantity=quantity, factor=factor)
    return [
        Composition(
            variant=variant,
            ingredient=ingredient,
            quantity=quantity,
            is_base=size is None or ingredient == size.dough,
            position=position,
        )
        for position, (ingredient, quantity) in enumerate(quantities.items())
    ]


def scaled(*, quantity: int, factor: Decimal) -> int:
    """`quantity` for another size, to the nearest whole unit and at least one."""
    return max(1, int((quantity * factor).quantize(Decimal(1), ROUND_HALF_UP)))
