"""Reading the catalogue: what is sold, in which words, with which VAT."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Max, Prefetch, QuerySet

from pizzeria.catalogue.models import Allergen, Composition, Ingredient, Product, Variant, VatRate
from pizzeria.kept import Kept

USUAL_SIZE = "m"
"""The code of the size in which a pizza is shown, and added by one tap."""


class Recipe(NamedTuple):
    """What a variant is made of, and what it takes of each ingredient, by the ingredient's id, when nothing is changed of it."""

    rows: Sequence[Composition]
    needs: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Everything on sale: products with their variants and recipes, extras, VAT rates. Shared: read only.

    `recipes` go by their variant's id; `largest` is the most that any recipe, on sale or not, takes of an ingredient, by
    ingredient id.
    """

    products: list[Product]
    variants: Mapping[int, Variant]
    recipes: Mapping[int, Recipe]
    extras: Mapping[int, Ingredient]
    vat_rates: list[VatRate]
    largest: Mapping[int, int]

    def vat_percents(self, *, on: date) -> dict[str, Decimal]:
        """The rate in force on a day, for each category."""
        return {rate.category: rate.percent for rate in self.vat_rates if rate.valid_from <= on}

    def and_also(self, *, variants: Mapping[int, Variant], extras: Mapping[int, Ingredient]) -> "Offer":
        """The same with what is not on sale any more."""
        return replace(
            self,
            variants={**self.variants, **variants},
            recipes={**self.recipes, **_recipes_of(variants)},
            extras={**self.extras, **extras},
        )


def offer() -> Offer:
    """What is on sale now: from memory, in one small query, unless the catalogue has changed."""
    return _offer.now()


def edition() -> UUID:
    """Which state the catalogue is in: another one whenever anything in it changes."""
    return _offer.edition()


def minutes_of_a_pizza() -> int:
    """The minutes of oven of a pizza in its usual size: what is promised before anything is chosen. None is sold: none."""
    sizes = [variant.size for variant in offer().variants.values() if variant.size]
    usual = next((size for size in sizes if size.code == USUAL_SIZE), None) or next(iter(sizes), None)
    return usual.oven_minutes if usual else 0


def variants_with_recipe(*, ids: Iterable[int]) -> dict[int, Variant]:
    """Active variants by id, with product, size and composition."""
    variants = offer().variants
    return {pk: variants[pk] for pk in ids if pk in variants}


def variants_by_key(*, keys: Collection[int]) -> dict[int, Variant]:
    """Variants with product, size and composition, on sale or not."""
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    return Variant.objects.select_related("product", "size").prefetch_related(compositions).in_bulk(list(keys))


def products_on_sale() -> QuerySet[Product]:
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    variants = Prefetch("variants", Variant.objects.select_related("size").prefetch_related(compositions))
    return Product.objects.filter(is_active=True).prefetch_related(variants)


def extra_ingredients() -> QuerySet[Ingredient]:
    """What can be put on any pizza for a price."""
    return Ingredient.objects.filter(extra_price__isnull=False)


def vat_percents(*, on: date) -> dict[str, Decimal]:
    """The rate in force on a day, for each category."""
    return offer().vat_percents(on=on)


def allergens_of(*, variant: Variant) -> list[str]:
    """The declared allergens of a variant, in the regulation's order."""
    present = {code for line in variant.composition.all() for code in line.ingredient.allergens}
    return [code for code in Allergen.values if code in present]


def _recipes_of(variants: Mapping[int, Variant]) -> dict[int, Recipe]:
    rows = {pk: tuple(variant.composition.all()) for pk, variant in variants.items()}
    return {pk: Recipe(recipe, {row.ingredient_id: row.quantity for row in recipe}) for pk, recipe in rows.items()}


def _read_offer() -> Offer:
    products = list(products_on_sale())
    variants = {variant.pk: variant for product in products for variant in product.variants.all()}
    return Offer(
        products=products,
        variants=variants,
        recipes=_recipes_of(variants),
        extras={extra.pk: extra for extra in extra_ingredients()},
        vat_rates=list(VatRate.objects.order_by("category", "valid_from")),
        largest=dict(Composition.objects.order_by().values_list("ingredient_id").annotate(Max("quantity"))),
    )


EDITION = "catalogue_edition"
"""Where the catalogue's edition stands."""

_offer = Kept(table=EDITION, read=_read_offer)


def product_on_sale(*, slug: str) -> Product | None:
    """A product of the menu with its variants and recipe, or None. Shared: read only."""
    products = (product for product in offer().products if product.variants.all())
    return next((product for product in products if product.slug == slug), None)


def variant_in_size_of(*, product_slug: str, variant_id: int) -> Variant | None:
    """The variant of this product that has the size of another variant: the other half of a pizza."""
    variants = offer().variants
    first = variants.get(variant_id)
    found = (variant for variant in variants.values() if variant.product.slug == product_slug)
    return next((variant for variant in found if first and variant.size_id == first.size_id), None)
