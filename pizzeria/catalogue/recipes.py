"""A recipe as people read and change it: quantities of the reference size, and how it is made; what it was before.

Every size follows from the reference size (`services.set_recipe`); what is kept of a change is what was typed, with the
names of that day: an ingredient may be called otherwise since.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import QuerySet

from pizzeria.catalogue.models import Composition, Ingredient, Product, RecipeChange, Variant

REFERENCE = Decimal(1)
"""The factor of the size that recipes are written for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A quantity of an ingredient (its key, and its words of that day) in the ingredient's unit."""

    ingredient: int
    name: str
    unit: str
    quantity: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a recipe says: its quantities for the reference size, without the dough, and the preparation."""

    portions: tuple[Measured, ...]
    preparation: str

    @property
    def mark(self) -> str:
        """Two who read the same see the same mark: by it a page says what it has shown."""
        told = [self.preparation, [(each.ingredient, each.quantity) for each in self.portions]]
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:16]

    @property
    def quantities(self) -> dict[int, int]:
        return {each.ingredient: each.quantity for each in self.portions}

    def as_kept(self) -> dict[str, Any]:
        return {"recipe": [asdict(each) for each in self.portions], "preparation": self.preparation}


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An ingredient whose quantity differs; none where it was not in the recipe, or is not any more."""

    name: str
    unit: str
    before: int | None
    after: int | None


def sheet_as_kept(kept: Mapping[str, Any]) -> Sheet:
    """What a `RecipeChange` holds."""
    return Sheet(portions=tuple(Measured(**each) for each in kept["recipe"]), preparation=kept["preparation"])


def sheet_of(*, product: Product) -> Sheet:
    """The recipe as it stands."""
    variant = reference_variant(product=product)
    rows = variant.composition.select_related("ingredient") if variant else Composition.objects.none()
    measured = [(row.ingredient, _of_reference(row, variant)) for row in rows if variant]
    return sheet_from(recipe=[each for each in measured if each[1] > 0], preparation=product.preparation)


def sheet_from(*, recipe: Sequence[tuple[Ingredient, int]], preparation: str) -> Sheet:
    """What somebody writes, an ingredient named twice added up as `set_recipe` does."""
    summed: dict[int, Measured] = {}
    for ingredient, quantity in recipe:
        before = summed[ingredient.pk].quantity if ingredient.pk in summed else 0
        summed[ingredient.pk] = Measured(
            ingredient=ingredient.pk, name=ingredient.name, unit=ingredient.unit, quantity=before + quantity
        )
    return Sheet(portions=tuple(summed.values()), preparation=preparation)


def reference_variant(*, product: Product) -> Variant | None:
    """The size that the recipe is written for: the one of factor 1, or the nearest to it."""
    variants = product.variants.select_related("size__dough")
    return min(variants, key=lambda each: abs(_factor(each) - REFERENCE), default=None)


def differences(*, before: Sheet, after: Sheet) -> list[Difference]:
    """What differs in the quantities, in the order of the recipe."""
    words = {each.ingredient: each for each in (*before.portions, *after.portions)}
    was, now = before.quantities, after.quantities
    return [
        Difference(name=each.name, unit=each.unit, before=was.get(key), after=now.get(key))
        for key, each in words.items()
        if was.get(key) != now.get(key)
    ]


def recipe_changes(*, product: Product | None = None) -> QuerySet[RecipeChange]:
    """What was changed, newest first: of one product, or of all."""
    found = RecipeChange.objects.select_related("product", "acting_user", "store")
    return found.filter(product=product) if product else found


def sheets_at(*, products: Collection[int], at: datetime) -> dict[int, RecipeChange]:
    """The first change after a moment of each product that had one: its `before` is the recipe of that moment."""
    changes = RecipeChange.objects.filter(product__in=products, at__gt=at).order_by("-id")
    return {change.product_id: change for change in changes}


def _factor(variant: Variant) -> Decimal:
    return variant.size.factor if variant.size else REFERENCE


def _of_reference(row: Composition, variant: Variant) -> int:
    """What was typed for a row of this size, the dough of the size itself taken off."""
    size = variant.size
    quantity = row.quantity - (size.dough_grams if size and row.ingredient_id == size.dough_id else 0)
    return int((quantity / _factor(variant)).quantize(Decimal(1), ROUND_HALF_UP))
