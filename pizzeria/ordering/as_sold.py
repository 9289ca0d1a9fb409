"""What an order has already, and keeps at what it was sold for while something else of it is changed (UC 1.3)."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from pizzeria.catalogue.models import Ingredient
from pizzeria.catalogue.selectors import Offer, offer, variants_by_key
from pizzeria.ordering.lines import Kind, LineRequest, PricedLine, kind_of_request
from pizzeria.ordering.models import LineChange, Order, OrderLine
from pizzeria.ordering.offers import AppliedQuote
from pizzeria.ordering.pricing import Quote
from pizzeria.promotions.selectors import deals_with


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """An order's lines as they were sold, each with what makes its price."""

    order: Order
    lines: Sequence[tuple[Kind, OrderLine]]

    @property
    def prices(self) -> dict[Kind, Decimal]:
        """Their unit prices, in euros; of two that differ, the lower."""
        prices: dict[Kind, Decimal] = {}
        for kind, line in self.lines:
            prices[kind] = min(line.unit_price, prices.get(kind, line.unit_price))
        return prices

    @property
    def gross(self) -> Decimal:
        """What they cost before discounts, in euros."""
        return sum((line.amount for _kind, line in self.lines), Decimal("0.00"))

    def on_sale(self) -> Offer:
        """What is on sale, and what the order has though it left the menu since: that may stay."""
        now = offer()
        keys = {key for (variant, second, _removed, _extras), _line in self.lines for key in (variant, second) if key}
        extras = {key for (_variant, _second, _removed, put), _line in self.lines for key in put}
        gone, no_longer = keys - now.variants.keys(), extras - now.extras.keys()
        if not gone and not no_longer:
            return now
        return now.and_also(variants=variants_by_key(keys=gone), extras=Ingredient.objects.in_bulk(no_longer))

    def is_all_of(self, requests: Sequence[LineRequest]) -> bool:
        """Whether the same is asked for, and as many of it."""
        had = Counter((kind, line.quantity) for kind, line in self.lines)
        return had == Counter((kind_of_request(request), request.quantity) for request in requests)


def sold_of(*, order: Order) -> Sold:
    lines = OrderLine.objects.filter(order=order).prefetch_related("changes")
    return Sold(order=order, lines=[(_kind(line), line) for line in lines])


def as_it_stands(*, sold: Sold, priced: Quote) -> Quote:
    """A basket that asks for what the order has: at the prices, offers and fee that were agreed, whatever they are today."""
    order, left = sold.order, list(sold.lines)
    rows = list(order.offers.all())
    deals = {deal.pk: deal for deal in deals_with(keys=[row.offer_id for row in rows])}
    return replace(
        priced,
        lines=[_sold_line(line, left) for line in priced.lines],
        delivery_fee=order.delivery_fee,
        offers=[
            AppliedQuote(deal=replace(deals[row.offer_id], name=row.label, name_en=""), amount=row.amount)
            for row in rows
        ],
    )


def _sold_line(line: PricedLine, left: list[tuple[Kind, OrderLine]]) -> PricedLine:
    """The line at what it was sold for; each of those that are `left` stands for one."""
    wanted = (kind_of_request(line.request), line.request.quantity)
    found = next(sold for sold in left if (sold[0], sold[1].quantity) == wanted)
    left.remove(found)
    same = found[1].discount == line.discount
    return replace(
        line, unit_price=found[1].unit_price, discount=found[1].discount, reasons=line.reasons if same else ()
    )


def _kind(line: OrderLine) -> Kind:
    return (
        line.variant_id,
        line.second_half_id,
        tuple(sorted(_changed(line, LineChange.Kind.REMOVED))),
        tuple(sorted(_changed(line, LineChange.Kind.EXTRA))),
    )


def _changed(line: OrderLine, kind: str) -> Iterator[int]:
    return (change.ingredient_id for change in line.changes.all() if change.kind == kind)
