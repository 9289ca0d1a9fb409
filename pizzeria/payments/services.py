"""Recording what is owed and what was received."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.live.services import happened, order_topic, store_topic
from pizzeria.payments.models import Payment, PaymentStatus
from pizzeria.rows import insert_all

if TYPE_CHECKING:
    from pizzeria.ordering.models import Order


def expect_at_door(*, order: "Order", method: str, amount: Decimal) -> Payment:
    """What the driver or the cashier will have to take, in euros, to be inserted with its order."""
    return Payment(order_id=order.pk, method=method, amount=amount, created_at=timezone.now())


@transaction.atomic
def receive(*, order: "Order", acting_user: User, at: datetime | None = None) -> None:
    """Record that what was due has been taken; a second call changes nothing.

    Stands in its own transaction, before the order moves: money that was taken is on record even
    if the move is refused.
    """
    _lock(order)
    due = Payment.objects.filter(order=order, status=PaymentStatus.UNPAID)
    if due.update(status=PaymentStatus.PAID, received_by=acting_user, received_at=at or timezone.now()):
        _mark(order, PaymentStatus.PAID)


@transaction.atomic
def release(*, order: "Order") -> None:
    """A cancelled order: nothing is due any more, and what was taken is given back."""
    _lock(order)
    payments = Payment.objects.filter(order=order)
    payments.filter(status=PaymentStatus.UNPAID).update(status=PaymentStatus.FAILED)
    if payments.filter(status=PaymentStatus.PAID).update(status=PaymentStatus.REFUNDED):
        _mark(order, PaymentStatus.REFUNDED)


def _lock(order: "Order") -> None:
    """The order's row first, then its payments: as everybody who changes both does."""
    type(order).objects.select_for_update(no_key=True).only("pk").get(pk=order.pk)


def _mark(order: "Order", status: PaymentStatus) -> None:
    type(order).objects.filter(pk=order.pk).update(payment_status=status)
    order.payment_status = status
    # The pages that show the order show whether it is paid.
    told = {"number": order.number, "payment": status}
    insert_all(*happened(topics=[order_topic(order.token), store_topic(order.store_id)], kind="order", payload=told))
