"""What the pizzaiolo weighs for one line: its size's recipe with what was taken off and put on."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from pizzeria.catalogue.models import Allergen, Composition, Ingredient, Product, Variant
from pizzeria.catalogue.services import scaled
from pizzeria.ordering.models import LineChange, OrderLine


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
    """A whole pizza, or one of its halves, without the dough."""

    product: Product
    portions: list[Portion]


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
    def allergens(self) -> list[str]:
        """The labels of the declared allergens, in the regulation's order."""
        portions = [*self.base, *self.extras, *(portion for part in self.parts for portion in part.portions)]
        present = {code for portion in portions if not portion.is_removed for code in portion.ingredient.allergens}
        return [str(Allergen(code).label) for code in Allergen.values if code in present]


def recipe_of(*, line: OrderLine) -> LineRecipe:
    """The recipe of a line read by `staff_selectors.line_of_order`."""
    kinds = LineChange.Kind
    removed = {change.ingredient_id for change in line.changes.all() if change.kind == kinds.REMOVED}
    extras = [change.ingredient for change in line.changes.all() if change.kind == kinds.EXTRA]
    halves = [half for half in (line.variant, line.second_half) if half]
    return LineRecipe(
        line=line,
        base=_base(line.variant),
        parts=[_part(half, removed, share=len(halves)) for half in halves],
        extras=_extras(line.variant, extras),
    )


def _base(variant: Variant) -> list[Portion]:
    # Both halves are of one size, so the dough of either is the dough of the whole.
    return [_portion(row, row.quantity) for row in variant.composition.all() if row.is_base]


def _part(variant: Variant, removed: set[int], *, share: int) -> Part:
    rows = [row for row in variant.composition.all() if not row.is_base]
    portions = [
        # A half carries half of its recipe, rounded up, as the stock counts it.
        _portion(row, 0 if row.ingredient_id in removed else -(-row.quantity // share))
        for row in rows
    ]
    return Part(product=variant.product, portions=portions)


def _extras(variant: Variant, extras: Sequence[Ingredient]) -> list[Portion]:
    factor = variant.size.factor if variant.size else Decimal(1)
    return [
        Portion(ingredient=extra, quantity=scaled(quantity=extra.extra_quantity, factor=factor)) for extra in extras
    ]


def _portion(row: Composition, quantity: int) -> Portion:
    return Portion(ingredient=row.ingredient, quantity=quantity)
