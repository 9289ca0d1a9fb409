"""What a product's page shows: sizes, what can be taken off, put on, or be the other half."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pizzeria.catalogue.models import Ingredient, Product
from pizzeria.catalogue.selectors import offer, product_on_sale
from pizzeria.shop.menu import Card, card_of, words_of
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stores.models import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Extra:
    ingredient: Ingredient
    allergens: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Half:
    """Another pizza for the second half, with its price in euros by size."""

    product: Product
    prices: Mapping[str, Decimal]

    @property
    def prices_in_words(self) -> str:
        """`s:7.20 m:9.00`, as the page's script reads it."""
        return " ".join(f"{size}:{price}" for size, price in self.prices.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductPage:
    card: Card
    removable: Sequence[Ingredient]
    extras: Sequence[Extra]
    halves: Sequence[Half]


def product_page(*, store: Store, slug: str) -> ProductPage | None:
    """The page of a product on sale, or None for one that is not."""
    product = product_on_sale(slug=slug)
    if product is None:
        return None
    card = card_of(product, makeable_counts(store=store))
    is_pizza = product.kind == Product.Kind.PIZZA
    usual = card.usual.variant
    return ProductPage(
        card=card,
        removable=[line.ingredient for line in usual.composition.all() if not line.is_base],
        extras=[_extra(ingredient) for ingredient in offer().extras.values()] if is_pizza else [],
        halves=_halves(product) if is_pizza else [],
    )


def _extra(ingredient: Ingredient) -> Extra:
    return Extra(ingredient=ingredient, allergens=words_of(ingredient.allergens))


def _halves(product: Product) -> list[Half]:
    others = [each for each in offer().products if each.kind == Product.Kind.PIZZA and each.pk != product.pk]
    return [Half(product=other, prices=_prices(other)) for other in sorted(others, key=lambda each: each.name)]


def _prices(product: Product) -> dict[str, Decimal]:
    return {variant.size.code: variant.price for variant in product.variants.all() if variant.size}
