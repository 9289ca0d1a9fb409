"""What the receipt of a payment says, to its client and to the staff alike: the one place that both pages read."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _

from pizzeria.ordering.models import Order
from pizzeria.ordering.vat import VatRow, vat_of_order
from pizzeria.payments.models import Payment, PaymentStatus, Refund
from pizzeria.stores.models import Store

RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One payment as it was received, in euros.

    `number` is the store's name in addresses and the number of the payment's entry in its journal (`bastille-17`); empty
    for money that was taken before there was a journal. `vat` is the order's, where this payment covers it whole, and
    empty where it is one of several. `refunds` are those that stand, given back or not yet.
    """

    store: Store
    order: Order
    number: str
    received_at: datetime
    means: str
    amount: Decimal
    tendered: Decimal | None
    change: Decimal
    vat: list[VatRow]
    refunds: list[Refund]

    @property
    def legal(self) -> list[str]:
        return legal_lines(store=self.store)


def receipt_of(*, payment: Payment) -> Receipt:
    """The receipt of a payment. Raises ValueError for one that was never received."""
    if payment.status not in RECEIVED or payment.received_at is None:
        raise ValueError(f"payment {payment.pk} was not received")
    order = payment.order
    return Receipt(
        store=order.store,
        order=order,
        number=f"{order.store.slug}-{payment.entry_number}" if payment.entry_number else "",
        received_at=payment.received_at,
        means=payment.get_method_display(),
        amount=payment.amount,
        tendered=payment.tendered,
        change=payment.change,
        vat=vat_of_order(order=order) if payment.amount == order.total else [],
        refunds=list(payment.refunds.all()),
    )


def legal_lines(*, store: Store) -> list[str]:
    """Who sells, as the law names them; what nobody has filled in is left out."""
    return [
        words
        for words in (
            store.company,
            _("SIRET %(siret)s") % {"siret": _spaced(store.siret)} if store.siret else "",
            _("TVA %(number)s") % {"number": store.vat_number} if store.vat_number else "",
            store.legal_line,
        )
        if words
    ]


def received_payment(*, order: Order, pk: int) -> Payment | None:
    """The payment of this key, if it is this order's and was received."""
    payments = Payment.objects.filter(order=order, pk=pk, status__in=RECEIVED)
    return payments.select_related("order__store").prefetch_related("refunds", "order__lines").first()


def _spaced(siret: str) -> str:
    """`123 456 789 00012`, as it is read out."""
    return "\u00a0".join((siret[:3], siret[3:6], siret[6:9], siret[9:]))
