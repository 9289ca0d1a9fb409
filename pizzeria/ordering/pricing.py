"""What a line costs and needs. The one home of the price, for the cart, the order and the API."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Composition, Ingredient, Product, Variant
from pizzeria.catalogue.selectors import Offer, offer
from pizzeria.catalogue.services import scaled
from pizzeria.languages import localized
from pizzeria.money import NOTHING, euros, in_cents
from pizzeria.ordering.errors import EmptyCart, InvalidChoice, InvalidLine
from pizzeria.ordering.models import Channel, Fulfilment
from pizzeria.ordering.offers import AppliedQuote, Asked, CodeAnswer, Offered, offered
from pizzeria.promotions.rules import Unit
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import zone_of
from pizzeria.words import one_line

MAX_QUANTITY = 50
MAX_LINES = 40
COMMENT_LENGTH = 120
FULFILMENTS = frozenset(Fulfilment.values)


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
NEVER_SOLD: Mapping[Kind, Decimal] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An order that is being changed and goes where it went: the fee, and its lines before discounts, in euros."""

    fee: Decimal
    gross: Decimal


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The price of a basket in a mode, in euros, out of what was on offer at that moment.

    `gross` is the lines' amounts, `subtotal` what is left of them after `discount`. `offers` are those that were applied:
    their amounts together are what the client saves, on the lines and on the delivery.
    """

    lines: list[PricedLine]
    offer: Offer
    fulfilment: str
    zone: DeliveryZone | None
    delivery_fee: Decimal
    offers: Sequence[AppliedQuote] = ()
    hints: Sequence[str] = ()
    """What the basket nearly has, in the reader's words."""
    code: CodeAnswer | None = None
    """What became of the code; None when none was typed."""

    @property
    def gross(self) -> Decimal:
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def discount(self) -> Decimal:
        return sum((line.discount for line in self.lines), NOTHING)

    @property
    def subtotal(self) -> Decimal:
        return self.gross - self.discount

    @property
    def total(self) -> Decimal:
        return self.subtotal + self.delivery_fee

    @property
    def line_offers(self) -> list[AppliedQuote]:
        """Those that take something off the lines."""
        return [each for each in self.offers if not each.delivery]

    @property
    def delivery_offer(self) -> AppliedQuote | None:
        """The one that takes something off the delivery."""
        return next((each for each in self.offers if each.delivery), None)

    def needs(self) -> dict[int, int]:
        """What all lines take from the stock, by ingredient id."""
        return needs_of(self.lines)


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
    return _price_all(requests, offer())


def _price_all(requests: Sequence[LineRequest], on_sale: Offer) -> list[PricedLine]:
    if len(requests) > MAX_LINES:
        raise InvalidLine(_("Une commande compte au plus %(most)s lignes.") % {"most": MAX_LINES})
    return [_price_line(request, on_sale) for request in requests]


def price_each(requests: Sequence[LineRequest]) -> list[PricedLine | InvalidLine]:
    """Price the lines as `price_lines` does, with a refusal in the place of each line that is refused."""
    on_sale = offer()
    return [_priced_or_refused(request, on_sale) for request in requests]


def _priced_or_refused(request: LineRequest, on_sale: Offer) -> PricedLine | InvalidLine:
    try:
        return _price_line(request, on_sale)
    except InvalidLine as refusal:
        return refusal


def quote(
    *,
    store: Store,
    requests: Sequence[LineRequest],
    fulfilment: str,
    postal_code: str = "",
    on_sale: Offer | None = None,
    code: str = "",
    customer: User | None = None,
    channel: str = Channel.ONLINE,
    at: datetime | None = None,
    held: Collection[int] = (),
    sold_at: Mapping[Kind, Decimal] = NEVER_SOLD,
    delivered: Delivered | None = None,
) -> Quote:
    """Price a basket out of what is on sale: now, unless the caller has just asked.

    `code` is a promotion's, `customer` whose offers apply (none: a guest), `at` when it is ordered: now unless history is
    being written. `held` are the keys of the offers that an order which is being changed has already: its own use of them
    counts for nobody; `sold_at` are the unit prices, in euros, that its lines were sold at, `delivered` what its delivery cost where it goes to the same place. A code that does nothing is no error: `offers` then goes without it.
    Raises EmptyCart, InvalidLine, InvalidChoice, NotDeliverable and BelowMinimum.
    """
    if fulfilment not in FULFILMENTS:
        raise InvalidChoice(_("Choisissez la livraison, la vente à emporter ou sur place."), field="fulfilment")
    if not requests:
        raise EmptyCart(_("Votre panier est vide"))
    on_sale = on_sale or offer()
    lines = _as_sold(_price_all(requests, on_sale), sold_at)
    gross = sum((line.amount for line in lines), NOTHING)
    zone = _zone(store, postal_code) if fulfilment == Fulfilment.DELIVERY else None
    _require_minimum(zone, gross, delivered)
    fee = _fee(zone, gross, delivered)
    found = offered(
        basket=[(unit_of(line), line.request.quantity) for line in lines],
        fee=fee,
        asked=Asked(
            store_id=store.pk, fulfilment=fulfilment, channel=channel, code=code, customer=customer, at=at, held=held
        ),
    )
    return Quote(
        lines=discounted(lines, found),
        offer=on_sale,
        fulfilment=fulfilment,
        zone=zone,
        delivery_fee=fee - found.delivery,
        offers=found.applied,
        hints=found.hints,
        code=found.code,
    )


def discounted(lines: Sequence[PricedLine], found: Offered) -> list[PricedLine]:
    """The lines with what offers take off each of them."""
    if not found.applied:
        return list(lines)
    offs = zip(lines, found.discounts, found.reasons, strict=True)
    return [replace(line, discount=off, reasons=reasons) if off else line for line, off, reasons in offs]


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


def _as_sold(lines: list[PricedLine], sold_at: Mapping[Kind, Decimal]) -> list[PricedLine]:
    """The lines of an order that is being changed: none costs more than it was sold at, however many there are now."""
    return [_line_as_sold(line, sold_at) for line in lines] if sold_at else lines


def _line_as_sold(line: PricedLine, sold_at: Mapping[Kind, Decimal]) -> PricedLine:
    second = line.second_half.pk if line.second_half else None
    kind = (line.variant.pk, second, _sorted_keys(line.removed), _sorted_keys(line.extras))
    before = sold_at.get(kind)
    return line if before is None or before >= line.unit_price else replace(line, unit_price=before)


def kind_of_request(request: LineRequest) -> Kind:
    return (
        request.variant_id,
        request.second_half_id,
        tuple(sorted(set(request.removed))),
        tuple(sorted(set(request.extras))),
    )


def _sorted_keys(ingredients: Sequence[Ingredient]) -> tuple[int, ...]:
    return tuple(sorted(ingredient.pk for ingredient in ingredients))


def _fee(zone: DeliveryZone | None, gross: Decimal, delivered: Delivered | None) -> Decimal:
    """What the delivery costs. As the minimum, it looks at the lines before discounts: no offer takes a free delivery away."""
    if zone is None or (zone.free_from is not None and gross >= zone.free_from):
        return NOTHING
    return min(zone.fee, delivered.fee) if delivered and delivered.fee else zone.fee


def _require_minimum(zone: DeliveryZone | None, gross: Decimal, delivered: Delivered | None) -> None:
    """Refuse what is too small for this place. Raises BelowMinimum, but for an order that was taken and asks for no less."""
    if zone is None or gross >= zone.minimum_order or (delivered and gross >= delivered.gross):
        return
    raise BelowMinimum(
        _("La livraison à cette adresse demande une commande d’au moins %(minimum)s.")
        % {"minimum": euros(zone.minimum_order)},
        minimum=str(zone.minimum_order),
    )


def _zone(store: Store, postal_code: str) -> DeliveryZone:
    zone = zone_of(store=store, postal_code=postal_code)
    if zone is None:
        raise NotDeliverable(
            _(
                "%(store)s ne livre pas au code postal %(code)s. Choisissez la vente à emporter ou un autre point de vente."
            )
            % {"store": store.name, "code": postal_code},
            postal_code=postal_code,
        )
    return zone


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


def checked_comment(comment: str) -> str:
    """A word to the kitchen, on one line. Raises InvalidLine for one that is too long: it is never cut."""
    comment = one_line(comment)
    if len(comment) > COMMENT_LENGTH:
        raise InvalidLine(_("Un commentaire compte au plus %(most)s caractères.") % {"most": COMMENT_LENGTH})
    return comment


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


def vat_included(*, amount: Decimal, percent: Decimal) -> Decimal:
    """The VAT inside an amount in euros, to the cent, half up (CGI, ann. II, art. 242 nonies A)."""
    return (amount * percent / (100 + percent)).quantize(Decimal("0.01"), ROUND_HALF_UP)
