"""What the menu and a product's page show: the catalogue, as one store can make it now."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from pizzeria.catalogue.models import Allergen, Ingredient, Product, Variant
from pizzeria.catalogue.selectors import USUAL_SIZE, allergens_of, offer
from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.shop.pictures import picture_url
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stock.services import LAST_ONES
from pizzeria.stores.models import Store

FIRST_SEEN = 4
"""Pictures that a large screen shows at once: the others are loaded when they come near."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A variant with how many of it the store can still make."""

    variant: Variant
    count: int

    @property
    def few(self) -> int:
        """How many are left, when they are few; zero otherwise."""
        return self.count if self.count <= LAST_ONES else 0

    @property
    def words(self) -> str:
        """`Moyenne 12,50 €`: what one tap adds, and for how much."""
        price = euros(self.variant.price)
        return f"{localized(self.variant.size, 'name')} {price}" if self.variant.size else price


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A product on the menu."""

    product: Product
    choices: Sequence[Choice]
    picture: str
    allergens: Sequence[str]
    meats: Sequence[str]
    marks: str
    is_seen_first: bool = False

    @property
    def price_from(self) -> Decimal:
        return min(choice.variant.price for choice in self.choices)

    @property
    def usual(self) -> Choice:
        """What one tap adds: the usual size, or else the first that can be made."""
        by_preference = sorted(self.choices, key=lambda choice: (choice.count == 0, not _is_usual(choice.variant)))
        return by_preference[0]

    @property
    def best(self) -> Choice:
        return max(self.choices, key=lambda choice: choice.count)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    code: str
    title: str
    cards: Sequence[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    code: str
    label: str


def sections_of(store: Store) -> list[Section]:
    """The menu by kind: two queries, however much the store sells."""
    counts = makeable_counts(store=store)
    products = [product for product in offer().products if product.variants.all()]
    titles = {
        Product.Kind.PIZZA: _("Pizzas"),
        Product.Kind.DRINK: _("Boissons"),
        Product.Kind.DESSERT: _("Desserts"),
    }
    sections: list[Section] = []
    for kind, title in titles.items():
        of_kind = [product for product in products if product.kind == kind]
        is_first = not sections
        cards = [
            card_of(product, counts, is_seen_first=is_first and position < FIRST_SEEN)
            for position, product in enumerate(of_kind)
        ]
        if cards:
            sections.append(Section(code=kind.value, title=title, cards=cards))
    return sections


def card_of(product: Product, counts: Mapping[int, int], *, is_seen_first: bool = False) -> Card:
    variants = list(product.variants.all())
    shown = usual_variant(product)
    allergens = allergens_of(variant=shown)
    return Card(
        product=product,
        choices=[Choice(variant=variant, count=counts.get(variant.pk, 0)) for variant in variants],
        picture=picture_url(variant=shown),
        allergens=words_of(allergens),
        meats=meats_of(line.ingredient for line in shown.composition.all()),
        marks=" ".join(_marks(product, allergens)),
        is_seen_first=is_seen_first,
    )


def usual_variant(product: Product) -> Variant:
    """The size in which a product is shown, drawn and added by one tap."""
    variants = list(product.variants.all())
    return next((variant for variant in variants if _is_usual(variant)), variants[0])


def filters_of(sections: Sequence[Section]) -> list[Filter]:
    """The filters that hide some pizzas and not all of them."""
    labels = {
        "vegetarienne": _("Végétarienne"),
        "sans-porc": _("Sans porc"),
        "sans-lait": _("Sans lait"),
        "epicee": _("Épicée"),
    }
    marks = [card.marks.split() for section in sections for card in section.cards if section.code == "pizza"]
    useful = [code for code in labels if 0 < sum(code in each for each in marks) < len(marks)]
    return [Filter(code=code, label=labels[code]) for code in useful]


def words_of(allergens: Iterable[str]) -> list[str]:
    return [str(Allergen(code).label) for code in allergens]


def meats_of(ingredients: Iterable[Ingredient]) -> list[str]:
    """`Jambon blanc : France` for each ingredient whose origin must be told (décret 2022-65)."""
    told = [ingredient for ingredient in ingredients if ingredient.meat_origin]
    return [
        _("%(meat)s : %(origin)s")
        % {"meat": capfirst(localized(ingredient, "name")), "origin": localized(ingredient, "meat_origin")}
        for ingredient in told
    ]


def _marks(product: Product, allergens: Sequence[str]) -> list[str]:
    without = [("sans-porc", "porc" not in product.tags), ("sans-lait", Allergen.MILK not in allergens)]
    return [*product.tags, *(mark for mark, holds in without if holds)]


def _is_usual(variant: Variant) -> bool:
    return variant.size is not None and variant.size.code == USUAL_SIZE
