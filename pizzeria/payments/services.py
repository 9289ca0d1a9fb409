"""Recording what is owed and what was received."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.payments.models import Payment, PaymentStatus

if TYPE_CHECKING:
    from pizzeria.ordering.models import Order


def expect_at_door(*, order: "Order", method: str, amount: Decimal) -> Payment:
    """Note what the driver or the cashier will have to take, in euros."""
    return Payment.objects.create(order=order, method=method, amount=amount)


@transaction.atomic
def receive(*, order: "Order", acting_user: User, at: datetime | None = None) -> None:
    """Record that what was due has been taken; a second call changes nothing.

    Stands in its own transaction, before the order moves: money that was taken is on record even
    if the move is refused.
    """
    due = Payment.objects.select_for_update().filter(order=order, status=PaymentStatus.UNPAID)
    received = due.update(status=PaymentStatus.PAID, received_by=acting_user, received_at=at or timezone.now())
    if received:
        type(order).objects.filter(pk=order.pk).update(payment_status=PaymentStatus.PAID)
