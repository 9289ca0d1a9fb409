"""What the pizzaiolo weighs for one line: its size's recipe with what was taken off and put on.

An order keeps the recipe of the moment when it took its ingredients: one that was changed since is read in its history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Max

from pizzeria.catalogue.models import Allergen, Ingredient, Product, RecipeChange, Variant
from pizzeria.catalogue.recipes import sheet_as_kept, sheets_at
from pizzeria.catalogue.services import scaled
from pizzeria.ordering.models import LineChange, Order, OrderLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """A quantity of an ingredient, in the ingredient's unit, for one pizza; zero when it was taken off."""

    ingredient: Ingredient
    quantity: int

    @property
    def is_removed(self) -> bool:
        return self.quantity == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A whole pizza, or one of its halves, without the dough; `changed` is when its recipe became another one."""

    product: Product
    portions: list[Portion]
    preparation: str
    changed: RecipeChange | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRecipe:
    """One pizza of a line. Quantities add up to what the order took from the stock."""

    line: OrderLine
    base: list[Portion]
    parts: list[Part]
    extras: list[Portion]

    @property
    def is_half_and_half(self) -> bool:
        return len(self.parts) > 1

    @property
    def on_it(self) -> list[Portion]:
        """What is really on it, the dough first."""
        portions = [*self.base, *(portion for part in self.parts for portion in part.portions), *self.extras]
        return [portion for portion in portions if not portion.is_removed]

    @property
    def ingredient_ids(self) -> list[int]:
        return list(dict.fromkeys(portion.ingredient.pk for portion in self.on_it))

    @property
    def allergens(self) -> list[str]:
        """The labels of the declared allergens of what is really on it, in the regulation's order."""
        present = {code for portion in self.on_it for code in portion.ingredient.allergens}
        return [str(Allergen(code).label) for code in Allergen.values if code in present]


def recipe_of(*, line: OrderLine, order: Order) -> LineRecipe:
    """The recipe of a line read by `staff_selectors.line_of_order`, as it was when the order took its ingredients."""
    kinds = LineChange.Kind
    removed = {change.ingredient_id for change in line.changes.all() if change.kind == kinds.REMOVED}
    extras = [change.ingredient for change in line.changes.all() if change.kind == kinds.EXTRA]
    halves = [half for half in (line.variant, line.second_half) if half]
    then = sheets_at(products=[half.product_id for half in halves], at=_taken_at(order))
    named = _ingredients(then)
    return LineRecipe(
        line=line,
        # What has no size has no dough: all of it is its recipe.
        base=[] if line.variant.size is None and then else _base(line.variant),
        parts=[_part(half, removed, then.get(half.product_id), named, share=len(halves)) for half in halves],
        extras=_extras(line.variant, extras),
    )


def recipe_in_size(*, variant: Variant) -> LineRecipe:
    """The sheet of a variant, with nothing taken off and nothing put on: for training."""
    line = OrderLine(variant=variant, quantity=1)
    return LineRecipe(
        line=line,
        base=_base(variant),
        parts=[_part(variant, set(), None, {}, share=1)],
        extras=[],
    )


def _taken_at(order: Order) -> datetime:
    """When the order took its ingredients: when it was placed, or changed for the last time."""
    changed: datetime | None = order.order_changes.aggregate(last=Max("at"))["last"]
    return changed or order.placed_at


def _ingredients(then: Mapping[int, RecipeChange]) -> dict[int, Ingredient]:
    """What the recipes of then name: nothing is asked while none has changed."""
    keys = {key for change in then.values() for key in sheet_as_kept(change.before).quantities}
    return Ingredient.objects.in_bulk(keys) if keys else {}


def _base(variant: Variant) -> list[Portion]:
    # Both halves are of one size, so the dough of either is the dough of the whole.
    return [
        Portion(ingredient=row.ingredient, quantity=row.quantity) for row in variant.composition.all() if row.is_base
    ]


def _part(
    variant: Variant, removed: set[int], then: RecipeChange | None, named: Mapping[int, Ingredient], *, share: int
) -> Part:
    rows = [(row.ingredient, row.quantity) for row in variant.composition.all() if not row.is_base]
    if then:
        factor = variant.size.factor if variant.size else Decimal(1)
        dough = variant.size.dough_id if variant.size else None
        kept = {key: quantity for key, quantity in sheet_as_kept(then.before).quantities.items() if key != dough}
        rows = [
            (named[key], scaled(quantity=quantity, factor=factor)) for key, quantity in kept.items() if key in named
        ]
    portions = [
        # A half carries half of its recipe, rounded up, as the stock counts it.
        Portion(ingredient=ingredient, quantity=0 if ingredient.pk in removed else -(-quantity // share))
        for ingredient, quantity in rows
    ]
    preparation = then.before["preparation"] if then else variant.product.preparation
    return Part(product=variant.product, portions=portions, preparation=preparation, changed=then)


def _extras(variant: Variant, extras: Sequence[Ingredient]) -> list[Portion]:
    factor = variant.size.factor if variant.size else Decimal(1)
    return [
        Portion(ingredient=extra, quantity=scaled(quantity=extra.extra_quantity, factor=factor)) for extra in extras
    ]
