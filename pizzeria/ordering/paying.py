"""Money for an order, taken by a hand at the door or the counter (B32). Online: `ordering.online`."""

from datetime import datetime

from django.db import transaction

from pizzeria.accounts.models import User
from pizzeria.ordering.journal import record_sale
from pizzeria.ordering.models import Order
from pizzeria.payments.models import PaymentStatus
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import mark, record_received


@transaction.atomic
def receive(*, order: Order, acting_user: User, at: datetime | None = None) -> None:
    """Record that what was due has been taken, by the means that the client chose; a second call changes nothing.

    Stands in its own transaction, before the order moves: money that was taken is on record even
    if the move is refused.
    """
    lock(order)
    due = due_of(order=order)
    if due is None:
        return
    mark(order=order, status=PaymentStatus.PAID)
    record_sale(order=order, acting_user=acting_user, at=at)
    record_received(payment=due, order=order, acting_user=acting_user, at=at)


def lock(order: Order) -> None:
    """The order's row first, then its payments: as everybody who changes both does."""
    locked = Order.objects.select_for_update(no_key=True).only("pk", "sold_at").get(pk=order.pk)
    order.sold_at = locked.sold_at
