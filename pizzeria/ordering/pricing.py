"""What a basket costs. The one home of the price, for the cart, the order and the API; a line of it: `lines`."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.selectors import Offer, offer
from pizzeria.money import NOTHING, euros
from pizzeria.ordering.errors import EmptyCart, InvalidChoice
from pizzeria.ordering.lines import Kind, LineRequest, PricedLine, kind_of, needs_of, price_all, unit_of
from pizzeria.ordering.models import Channel, Fulfilment
from pizzeria.ordering.offers import AppliedQuote, Asked, CodeAnswer, Offered, offered
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import zone_of

FULFILMENTS = frozenset(Fulfilment.values)
NEVER_SOLD: Mapping[Kind, Decimal] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """An order that is being changed and goes where it went: the fee, and its lines before discounts, in euros."""

    fee: Decimal
    gross: Decimal


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
    lines = _as_sold(price_all(requests, on_sale), sold_at)
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


def _as_sold(lines: list[PricedLine], sold_at: Mapping[Kind, Decimal]) -> list[PricedLine]:
    """The lines of an order that is being changed: none costs more than it was sold at, however many there are now."""
    return [_line_as_sold(line, sold_at) for line in lines] if sold_at else lines


def _line_as_sold(line: PricedLine, sold_at: Mapping[Kind, Decimal]) -> PricedLine:
    before = sold_at.get(kind_of(line))
    return line if before is None or before >= line.unit_price else replace(line, unit_price=before)


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
