"""Recording what is owed, what was received and what is given back: the rows, and their entries in the journal.

Each runs in the caller's transaction, who holds the order's lock (`ordering.paying`).
"""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import F
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.ledger.services import append_payment
from pizzeria.live.services import about_order
from pizzeria.payments.models import Method, Payment, PaymentStatus, ProviderEvent, Refund
from pizzeria.payments.refunds import ask_to_send, call_off
from pizzeria.rows import Row, insert_all, row

if TYPE_CHECKING:
    from pizzeria.ordering.models import Order


def expect(*, order: "Order", method: str, amount: Decimal) -> Row:
    """What will have to be paid, in euros, to be inserted with its order."""
    return row(Payment, order_id=order.pk, method=method, amount=amount, created_at=timezone.now())


def record_received(
    *, payment: Payment, order: "Order", acting_user: User | None = None, at: datetime | None = None
) -> None:
    """Money came in for a payment that was due (or, online, given up): it is paid, and in the journal."""
    payment.status, payment.received_by, payment.received_at = PaymentStatus.PAID, acting_user, at or timezone.now()
    entry = append_payment(
        store=order.store,
        order=order.number,
        means=payment.method,
        amount=payment.amount,
        acting_user=acting_user.pk if acting_user else None,
        at=at,
    )
    payment.entry_number = entry.number
    payment.save()


def give_back(
    *,
    payment: Payment,
    amount: Decimal,
    reason: Reason,
    words: str = "",
    acting_user: User | None = None,
    at: datetime | None = None,
) -> Refund:
    """Owe back a part of a payment, or all of it, in euros. Nothing has been given back yet: see `refunds`.

    Raises IntegrityError for more than was paid.
    """
    now = at or timezone.now()
    Payment.objects.filter(pk=payment.pk).update(refunded=F("refunded") + amount)
    payment.refresh_from_db(fields=["refunded"])
    if payment.refunded == payment.amount:
        Payment.objects.filter(pk=payment.pk).update(status=PaymentStatus.REFUNDED)
        payment.status = PaymentStatus.REFUNDED
    refund = Refund.objects.create(
        payment=payment,
        amount=amount,
        reason=reason,
        words=words,
        asked_by=acting_user,
        asked_at=now,
        # What the provider took goes back through it, at once; what a hand took, a hand gives back.
        next_attempt_at=now if payment.method == Method.ONLINE else None,
    )
    if payment.method == Method.ONLINE:
        ask_to_send()
    return refund


def keep(*, refund: Refund) -> None:
    """Owe a refund back no more: the opposite of `give_back`. Raises NotToGiveBack unless a hand has to give it still."""
    call_off(refund=refund)
    Payment.objects.filter(pk=refund.payment_id).update(
        refunded=F("refunded") - refund.amount, status=PaymentStatus.PAID
    )


def release(*, order: "Order", acting_user: User | None = None, at: datetime | None = None) -> None:
    """A cancelled order: nothing is due any more, and what was taken is owed back."""
    payments = Payment.objects.filter(order=order)
    payments.filter(status=PaymentStatus.UNPAID).update(status=PaymentStatus.FAILED)
    for payment in payments.filter(status=PaymentStatus.PAID):
        give_back(
            payment=payment,
            amount=payment.amount - payment.refunded,
            reason=Reason.CANCELLED,
            acting_user=acting_user,
            at=at,
        )
    # Those of a gesture that gave a part back whole among them.
    if payments.filter(status=PaymentStatus.REFUNDED).exists():
        mark(order=order, status=PaymentStatus.REFUNDED)


def forget_old_events(*, before: datetime) -> int:
    """Forget the provider's events that were heard before a moment; how many there were. What they brought stays."""
    deleted, _by_model = ProviderEvent.objects.filter(received_at__lt=before).delete()
    return deleted


def mark(*, order: "Order", status: PaymentStatus) -> None:
    """The order's own payment status, and the news of it."""
    type(order).objects.filter(pk=order.pk).update(payment_status=status)
    order.payment_status = status
    # The pages that show the order show whether it is paid.
    told = {"number": order.number, "payment": status}
    insert_all(*about_order(token=order.token, store_id=order.store_id, payload=told))
