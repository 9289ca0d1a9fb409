"""The récapitulatif (B2): what screen, PDF, mail and ticket tell of an order, and that it was delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import prefetch_related_objects
from django.utils import timezone

from pizzeria.ledger.selectors import sale_number_of
from pizzeria.money import NOTHING
from pizzeria.ordering.models import AppliedOffer, Order, OrderLine, RecapDelivery
from pizzeria.ordering.receipts import RECEIVED
from pizzeria.ordering.vat import VatRow, vat_of_order
from pizzeria.payments.models import Payment, PaymentStatus
from pizzeria.stores.models import Store

Status = Order.Status

TOLD = (
    "lines__changes__ingredient",
    "offers",
    "order_changes",
    "promise_changes",
    "payments__refunds",
    "events",
)
"""What is read beside the order's own row: each in one query, however much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recap:
    """An order as it stands, amounts in euros.

    `edition` is 1 for the order as it was placed, and one more for each time that it was changed since. `written_at` is when
    what it tells was last changed: the date that the law wants on it, and the same for the same words. `sale_number` is the
    number of the sale's entry in the store's journal, after the store's name in addresses; empty while it is not sold.
    `due` is what is still to be paid, and `due_by` by which means: not the order's own where it is a difference beside what
    was paid already.
    """

    order: Order
    store: Store
    edition: int
    changed_at: datetime | None
    written_at: datetime
    lines: Sequence[OrderLine]
    offers: Sequence[AppliedOffer]
    vat: Sequence[VatRow]
    payments: Sequence[Payment]
    due: Decimal
    due_by: str
    sale_number: str

    @property
    def gross(self) -> Decimal:
        """The lines before what offers took off."""
        return sum((line.amount for line in self.lines), NOTHING)

    @property
    def before_vat(self) -> Decimal:
        return self.order.total - sum((row.vat for row in self.vat), NOTHING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """That an edition of the récapitulatif reached its client, by what, when it first did."""

    medium: str
    edition: int
    at: datetime


def recap_of(*, order: Order) -> Recap:
    prefetch_related_objects([order], *TOLD)
    payments = list(order.payments.all())
    received = [payment for payment in payments if payment.status in RECEIVED]
    due = [payment for payment in payments if payment.status == PaymentStatus.UNPAID]
    changes = list(order.order_changes.all())
    number = sale_number_of(store=order.store, order=order.number) if order.sold_at else None
    return Recap(
        order=order,
        store=order.store,
        edition=1 + len(changes),
        changed_at=changes[-1].at if changes else None,
        written_at=_written_at(order, received),
        lines=list(order.lines.all()),
        offers=list(order.offers.all()),
        vat=vat_of_order(order=order),
        payments=received,
        due=sum((payment.amount for payment in due), NOTHING),
        due_by=due[0].get_method_display() if due else "",
        sale_number=f"{order.store.slug}-{number}" if number else "",
    )


def note_delivered(*, order: Order, medium: str, at: datetime | None = None) -> None:
    """Write down that a récapitulatif of this order, as it stands, was delivered: once a medium and version.

    Of a mail, when its server has accepted it.
    """
    delivery = RecapDelivery(order=order, medium=medium, order_version=order.version, at=at or timezone.now())
    RecapDelivery.objects.bulk_create([delivery], ignore_conflicts=True)


def deliveries_of(*, order: Order) -> list[Delivery]:
    """What was delivered, the newest edition first: a medium once an edition, when it first was."""
    prefetch_related_objects([order], "recaps", "order_changes")
    changed = [change.at for change in order.order_changes.all()]
    found: dict[tuple[int, str], Delivery] = {}
    for recap in order.recaps.all():
        edition = 1 + sum(1 for at in changed if at <= recap.at)
        medium = recap.get_medium_display()
        found.setdefault((edition, medium), Delivery(medium=medium, edition=edition, at=recap.at))
    return sorted(found.values(), key=lambda delivery: (-delivery.edition, delivery.at))


def _written_at(order: Order, received: Sequence[Payment]) -> datetime:
    refunds = [refund for payment in received for refund in payment.refunds.all()]
    moments = [
        order.placed_at,
        order.delivered_at,
        *(event.at for event in order.events.all() if event.to_status == Status.CANCELLED),
        *(change.at for change in order.order_changes.all()),
        *(change.at for change in order.promise_changes.all()),
        *(payment.received_at for payment in received),
        *(moment for refund in refunds for moment in (refund.asked_at, refund.done_at)),
    ]
    return max(moment for moment in moments if moment)
