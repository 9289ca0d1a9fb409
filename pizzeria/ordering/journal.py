"""What an order tells the journal: that it was sold, and by how much less or more than was said.

An order is sold when it is paid or handed over, whichever comes first (CGI art. 269): one that is cancelled before either
never was, and is not in the journal. Everything here comes last in the caller's transaction, who holds the order's lock.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.ledger.selectors import turnover_of
from pizzeria.ledger.services import append_correction, append_sale
from pizzeria.ledger.values import SoldLine, TaxedPart
from pizzeria.money import NOTHING
from pizzeria.ordering.models import Order, OrderLine
from pizzeria.ordering.vat import in_proportion, vat_included, vat_of_order, vat_rows


def record_sale(*, order: Order, acting_user: User | None = None, at: datetime | None = None) -> None:
    """Write the sale into the journal, once an order."""
    if order.sold_at or not Order.objects.filter(pk=order.pk, sold_at__isnull=True).update(
        sold_at=at or timezone.now()
    ):
        return
    order.sold_at = at or timezone.now()
    delivery = SoldLine(
        label="Livraison", quantity=1, unit_price=order.delivery_fee, amount=order.delivery_fee, vat_percent=None
    )
    # Read once: whoever sells at the same shop waits for what comes after this.
    lines = list(order.lines.all())
    amounts = [(line.vat_percent, line.net) for line in lines]
    append_sale(
        store=order.store,
        order=order.number,
        vat=vat_rows(amounts=amounts, delivery_fee=order.delivery_fee),
        lines=[*map(_sold, lines), *([delivery] if order.delivery_fee else [])],
        acting_user=_key(acting_user),
        at=at,
    )


def _sold(line: OrderLine) -> SoldLine:
    return SoldLine(
        label=line.label,
        quantity=line.quantity,
        unit_price=line.unit_price,
        amount=line.net,
        discount=line.discount,
        vat_percent=line.vat_percent,
    )


def unsell(*, order: Order, reason: Reason, acting_user: User | None = None, at: datetime | None = None) -> None:
    """Correct an order's sale to nothing; does nothing for one that was not sold, or was corrected so already."""
    sold = turnover_of(order=order.number)
    if any(part.amount for part in sold):
        _correct(order, [_less(part, part.amount) for part in sold], reason, acting_user, at)


def sell_less(
    *, order: Order, amount: Decimal, reason: Reason, acting_user: User | None = None, at: datetime | None = None
) -> None:
    """Correct an order's sale by an amount, in euros, shared by its rates in proportion to what still is sold at each.

    Does nothing for one that the journal does not know: it was paid before there was a journal.
    """
    sold = turnover_of(order=order.number)
    if not any(part.amount for part in sold):
        return
    shares = in_proportion(amount, [part.amount for part in sold])
    _correct(
        order, [_less(part, share) for part, share in zip(sold, shares, strict=True) if share], reason, acting_user, at
    )


def sell_anew(
    *, order: Order, gestures: Decimal, reason: Reason, acting_user: User | None = None, at: datetime | None = None
) -> None:
    """Correct an order's sale to what the order says now, less what the house gave back of it (`gestures`, in euros).

    Does nothing for one that was not sold.
    """
    sold = {part.percent: part for part in turnover_of(order=order.number)}
    if not sold:
        return
    rows = vat_of_order(order=order)
    given = in_proportion(min(gestures, order.total), [row.amount for row in rows])
    stands = {row.percent: row.amount - share for row, share in zip(rows, given, strict=True)}
    parts = [_differs(percent, sold.get(percent), stands.get(percent, NOTHING)) for percent in sorted({*sold, *stands})]
    if any(part.amount or part.vat for part in parts):
        _correct(order, [part for part in parts if part.amount or part.vat], reason, acting_user, at)


def _less(part: TaxedPart, amount: Decimal) -> TaxedPart:
    """What a part loses: the VAT is the difference of what it was and what it is then."""
    left = vat_included(amount=part.amount - amount, percent=part.percent)
    return TaxedPart(percent=part.percent, amount=-amount, vat=left - part.vat)


def _differs(percent: Decimal, sold: TaxedPart | None, stands: Decimal) -> TaxedPart:
    """By how much more, or less, is sold at a rate than the journal says."""
    amount, vat = (sold.amount, sold.vat) if sold else (NOTHING, NOTHING)
    return TaxedPart(percent=percent, amount=stands - amount, vat=vat_included(amount=stands, percent=percent) - vat)


def _correct(
    order: Order, vat: Sequence[TaxedPart], reason: Reason, acting_user: User | None, at: datetime | None
) -> None:
    append_correction(
        store=order.store, order=order.number, vat=vat, reason=reason, acting_user=_key(acting_user), at=at
    )


def _key(acting_user: User | None) -> int | None:
    return acting_user.pk if acting_user else None
