"""One line of a basket: how it is asked for, what it costs and what it takes from the stock."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.utils.translation import gettext as _

from pizzeria.catalogue.models import Composition, Ingredient, Product, Variant
from pizzeria.catalogue.selectors import Offer, offer
from pizzeria.catalogue.services import scaled
from pizzeria.languages import localized
from pizzeria.money import NOTHING, in_cents
from pizzeria.ordering.errors import InvalidLine
from pizzeria.promotions.rules import Unit
from pizzeria.words import one_line

MAX_QUANTITY = 50
MAX_LINES = 40
COMMENT_LENGTH = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRequest:
    """A line as somebody asks for it: catalogue ids and a quantity; never a price."""

    variant_id: int
    quantity: int = 1
    second_half_id: int | None = None
    removed: Sequence[int] = field(default_factory=tuple)
    extras: Sequence[int] = field(default_factory=tuple)
    comment: str = ""


Words = Callable[[object, str], str]
"""Which of a thing's words are read: `localized` or `in_house`."""
Kind = tuple[int, int | None, tuple[int, ...], tuple[int, ...]]
"""What makes the price of a line: variant, second half, ingredients taken off and put on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PricedLine:
    """A line with its words, its unit price in euros and the stock that one of it needs."""

    request: LineRequest
    variant: Variant
    second_half: Variant | None
    removed: list[Ingredient]
    extras: list[Ingredient]
    comment: str
    unit_price: Decimal
    needs: Mapping[int, int]
    discount: Decimal = NOTHING
    """What offers take off `amount`, in euros."""
    reasons: Sequence[str] = ()
    """Their names, in the reader's language."""

    @property
    def quantity(self) -> int:
        return self.request.quantity

    @property
    def amount(self) -> Decimal:
        """Before `discount`."""
        return self.unit_price * self.request.quantity

    @property
    def net(self) -> Decimal:
        """What is paid for it."""
        return self.amount - self.discount

    @property
    def name(self) -> str:
        """The product's name, or those of the two halves."""
        return name_of(self.variant, self.second_half)

    @property
    def label(self) -> str:
        return label_of(self.variant, self.second_half)


def name_of(variant: Variant, second_half: Variant | None = None, *, words: Words = localized) -> str:
    """`Reine`, `½ Reine + ½ Diavola`: the product or the two halves, in the reader's language unless `words` are others."""
    name = words(variant.product, "name")
    return f"½ {name} + ½ {words(second_half.product, 'name')}" if second_half else name


def label_of(variant: Variant, second_half: Variant | None = None, *, words: Words = localized) -> str:
    """`½ Reine + ½ Diavola — Moyenne`: the name with its size, in the same language."""
    name = name_of(variant, second_half, words=words)
    return f"{name} — {words(variant.size, 'name')}" if variant.size else name


def needs_of(lines: Sequence[PricedLine]) -> dict[int, int]:
    """What lines take from the stock together, by ingredient id."""
    needed: Counter[int] = Counter()
    for line in lines:
        for ingredient, quantity in line.needs.items():
            needed[ingredient] += quantity * line.request.quantity
    return dict(needed)


def price_lines(requests: Sequence[LineRequest]) -> list[PricedLine]:
    """Price the lines. Raises InvalidLine for what is not on the menu."""
    return price_all(requests, offer())


def price_each(requests: Sequence[LineRequest]) -> list[PricedLine | InvalidLine]:
    """Price the lines as `price_lines` does, with a refusal in the place of each line that is refused."""
    on_sale = offer()
    return [_priced_or_refused(request, on_sale) for request in requests]


def price_all(requests: Sequence[LineRequest], on_sale: Offer) -> list[PricedLine]:
    """As `price_lines`, out of what the caller has found on sale."""
    if len(requests) > MAX_LINES:
        raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
    return [_price_line(request, on_sale) for request in requests]


def unit_of(line: PricedLine) -> Unit:
    """One of a line, as offers see it: its price on the menu apart from its supplements."""
    extras = sum((extra.extra_price or NOTHING for extra in line.extras), NOTHING)
    halves = [half for half in (line.variant, line.second_half) if half]
    return Unit(
        kind=line.variant.product.kind,
        products=tuple(sorted({half.product_id for half in halves})),
        size=line.variant.size_id,
        menu=in_cents(line.unit_price - extras),
        price=in_cents(line.unit_price),
    )


def kind_of_request(request: LineRequest) -> Kind:
    """What makes the price of a line that is asked for."""
    return (
        request.variant_id,
        request.second_half_id,
        tuple(sorted(set(request.removed))),
        tuple(sorted(set(request.extras))),
    )


def kind_of(line: PricedLine) -> Kind:
    """The same of a line that is priced."""
    second = line.second_half.pk if line.second_half else None
    return line.variant.pk, second, _sorted_keys(line.removed), _sorted_keys(line.extras)


def checked_comment(comment: str) -> str:
    """A word to the kitchen, on one line. Raises InvalidLine for one that is too long: it is never cut."""
    comment = one_line(comment)
    if len(comment) > COMMENT_LENGTH:
        raise InvalidLine(_("Un commentaire compte au plus %(most)s caractères.") % {"most": COMMENT_LENGTH})
    return comment


def _priced_or_refused(request: LineRequest, on_sale: Offer) -> PricedLine | InvalidLine:
    try:
        return _price_line(request, on_sale)
    except InvalidLine as refusal:
        return refusal


def _price_line(request: LineRequest, on_sale: Offer) -> PricedLine:
    variant = on_sale.variants.get(request.variant_id)
    if variant is None or not on_sale.recipes[variant.pk].rows:
        raise InvalidLine(_("Ce produit n’est plus à la carte."), variant=request.variant_id)
    if not 1 <= request.quantity <= MAX_QUANTITY:
        raise InvalidLine(_("La quantité va de 1 à %(most)s.") % {"most": MAX_QUANTITY}, variant=variant.pk)
    second = _second_half(request, variant, on_sale.variants)
    recipes = [on_sale.recipes[half.pk].rows for half in (variant, second) if half]
    added = _extras(request, variant, on_sale.extras)
    removed = _removed(request, recipes)
    as_on_the_menu = not (second or added or removed)
    # Half-and-half costs what its dearer half costs: the usual rule on French menus.
    base = max(variant.price, second.price) if second else variant.price
    return PricedLine(
        request=request,
        variant=variant,
        second_half=second,
        removed=removed,
        extras=added,
        comment=checked_comment(request.comment),
        unit_price=base + sum((extra.extra_price or Decimal(0) for extra in added), Decimal(0)),
        needs=on_sale.recipes[variant.pk].needs if as_on_the_menu else _needs(variant, recipes, removed, added),
    )


def _second_half(request: LineRequest, variant: Variant, variants: Mapping[int, Variant]) -> Variant | None:
    if request.second_half_id is None:
        return None
    second = variants.get(request.second_half_id)
    pizza = Product.Kind.PIZZA
    if (
        second is None
        or second.size_id != variant.size_id
        or second.product.kind != pizza
        or variant.product.kind != pizza
    ):
        raise InvalidLine(_("Une pizza moitié-moitié réunit deux pizzas de la même taille."), variant=variant.pk)
    return second


def _extras(request: LineRequest, variant: Variant, extras: Mapping[int, Ingredient]) -> list[Ingredient]:
    if not request.extras:
        return []
    wanted = sorted(set(request.extras))
    if variant.product.kind != Product.Kind.PIZZA:
        raise InvalidLine(_("Un supplément se met sur une pizza."), variant=variant.pk)
    unknown = [ingredient for ingredient in wanted if ingredient not in extras]
    if unknown:
        raise InvalidLine(_("Ce supplément n’est pas proposé."), ingredient=unknown[0])
    if set(wanted) & set(request.removed):
        # The kitchen would read "without" and the client would pay for "more of".
        raise InvalidLine(_("Un ingrédient ne peut pas être à la fois retiré et ajouté."), variant=variant.pk)
    return [extras[ingredient] for ingredient in wanted]


def _removed(request: LineRequest, recipes: Sequence[Sequence[Composition]]) -> list[Ingredient]:
    if not request.removed:
        return []
    composition = [row for recipe in recipes for row in recipe]
    base = {line.ingredient_id for line in composition if line.is_base}
    removable = {line.ingredient_id: line.ingredient for line in composition if line.ingredient_id not in base}
    unknown = [ingredient for ingredient in request.removed if ingredient not in removable]
    if unknown:
        raise InvalidLine(_("Cet ingrédient ne peut pas être retiré."), ingredient=unknown[0])
    return [removable[ingredient] for ingredient in sorted(set(request.removed))]


def _needs(
    variant: Variant,
    recipes: Sequence[Sequence[Composition]],
    removed: Sequence[Ingredient],
    extras: Sequence[Ingredient],
) -> dict[int, int]:
    without = {ingredient.pk for ingredient in removed}
    needed: Counter[int] = Counter()
    for recipe in recipes:
        for row in recipe:
            if row.ingredient_id not in without:
                needed[row.ingredient_id] += row.quantity
    if len(recipes) > 1:
        # Each half carries half of its recipe, rounded up: the kitchen never runs short of a gram.
        needed = Counter({ingredient: (quantity + 1) // 2 for ingredient, quantity in needed.items()})
    factor = variant.size.factor if variant.size else Decimal(1)
    for extra in extras:
        needed[extra.pk] += scaled(quantity=extra.extra_quantity, factor=factor)
    return dict(needed)


def _sorted_keys(ingredients: Sequence[Ingredient]) -> tuple[int, ...]:
    return tuple(sorted(ingredient.pk for ingredient in ingredients))
