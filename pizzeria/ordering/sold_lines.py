"""An order's lines as they are sold: rows to be inserted with it, and the words for what there is not enough of."""

from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.catalogue.models import Product
from pizzeria.languages import in_house, localized
from pizzeria.ordering.lines import PricedLine, label_of
from pizzeria.ordering.models import LineChange, Order, OrderLine
from pizzeria.ordering.pricing import Quote
from pizzeria.rows import Row, insert_rows, row
from pizzeria.stock.errors import OutOfStock

LABEL_LENGTH = 200


def lines_of(*, order: Order, priced: Quote) -> list[Row]:
    """The order's lines, in the house's words, whoever buys, or their changes when the lines had to be inserted already to give these their key."""
    percents = priced.offer.vat_percents(on=timezone.localdate(order.placed_at))
    rows = [
        row(
            OrderLine,
            order_id=order.pk,
            variant_id=line.variant.pk,
            second_half_id=line.second_half.pk if line.second_half else None,
            quantity=line.request.quantity,
            comment=line.comment,
            label=label_of(line.variant, line.second_half, words=in_house)[:LABEL_LENGTH],
            unit_price=line.unit_price,
            amount=line.amount,
            discount=line.discount,
            vat_percent=percents[line.variant.product.vat_category],
        )
        for line in priced.lines
    ]
    if not any(line.removed or line.extras for line in priced.lines):
        return rows
    keys = insert_rows(*rows)
    return [change for key, line in zip(keys, priced.lines, strict=True) for change in _changes(key, line)]


def out_of_stock(error: OutOfStock, *, priced: Quote) -> OutOfStock:
    """The refusal of the stock in the client's words: which products of the basket cannot be made."""
    short = _short_of(set(error.details["ingredients"]), priced)  # type: ignore[call-overload]
    names = ", ".join(localized(product, "name") for product in short)
    return OutOfStock(
        _("Il n’y a plus de quoi faire : %(names)s.") % {"names": names},
        products=[product.slug for product in short],
    )


def _changes(key: int, line: PricedLine) -> list[Row]:
    """What is changed of the line that was inserted with this key."""
    removed = [(item, LineChange.Kind.REMOVED, Decimal(0)) for item in line.removed]
    extras = [(item, LineChange.Kind.EXTRA, item.extra_price or Decimal(0)) for item in line.extras]
    return [
        row(LineChange, line_id=key, ingredient_id=item.pk, kind=kind, price=price)
        for item, kind, price in removed + extras
    ]


def _short_of(missing: set[int], priced: Quote) -> list[Product]:
    """The products, each once and in the basket's order, that the missing ingredients are in."""
    found: dict[int, Product] = {}
    for line in priced.lines:
        if not missing & set(line.needs):
            continue
        halves = [half for half in (line.variant, line.second_half) if half]
        concerned = [half for half in halves if missing & {item.ingredient_id for item in half.composition.all()}]
        # What is missing may be an extra, that neither half has in its recipe.
        found |= {half.product_id: half.product for half in concerned or halves[:1]}
    return list(found.values())
