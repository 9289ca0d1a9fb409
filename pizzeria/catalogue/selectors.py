"""Reading the catalogue: what is sold, in which words, with which VAT."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from pizzeria.catalogue.models import Allergen, Composition, Ingredient, Product, Variant, VatRate


def variants_with_recipe(*, ids: Iterable[int]) -> dict[int, Variant]:
    """Active variants by id, with product, size and composition: three queries whatever their number."""
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    found = (
        Variant.objects.filter(pk__in=set(ids), product__is_active=True)
        .select_related("product", "size")
        .prefetch_related(compositions)
    )
    return {variant.pk: variant for variant in found}


def products_on_sale() -> QuerySet[Product]:
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    variants = Prefetch("variants", Variant.objects.select_related("size").prefetch_related(compositions))
    return Product.objects.filter(is_active=True).prefetch_related(variants)


def extra_ingredients() -> QuerySet[Ingredient]:
    """What can be put on any pizza for a price."""
    return Ingredient.objects.filter(extra_price__isnull=False)


def vat_percents(*, on: date) -> dict[str, Decimal]:
    """The rate in force on a day, for each category."""
    rates = VatRate.objects.filter(valid_from__lte=on).order_by("category", "valid_from")
    return {rate.category: rate.percent for rate in rates}


def allergens_of(*, variant: Variant) -> list[str]:
    """The declared allergens of a variant, in the regulation's order."""
    present = {code for line in variant.composition.all() for code in line.ingredient.allergens}
    return [code for code in Allergen.values if code in present]
