"""What is owed and what was received, read."""

from typing import TYPE_CHECKING

from pizzeria.payments.models import AT_DOOR, Method, Payment, PaymentStatus
from pizzeria.payments.providers import is_online

if TYPE_CHECKING:
    from pizzeria.ordering.models import Order


def methods_offered() -> list[Method]:
    """How a client may choose to pay: on the page where the provider's keys are there, and at the door."""
    return [Method.ONLINE, *AT_DOOR] if is_online() else [*AT_DOOR]


def due_of(*, order: "Order") -> Payment | None:
    """What is still to be paid for an order; None when nothing is."""
    return Payment.objects.filter(order=order, status=PaymentStatus.UNPAID).first()
