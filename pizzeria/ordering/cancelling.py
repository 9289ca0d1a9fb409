"""A client cancels an order (UC 1.4), wherever it stands: also while its payment is under way."""

from pizzeria.ordering.models import Order
from pizzeria.ordering.online import give_up
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER


def cancel_as_client(*, order: Order) -> Order:
    """Cancel an order that is not yet in preparation: nothing can be paid on it any more, what was paid is owed back.

    Raises TransitionRefused once preparation started, and NotPayable while the bank has not answered.
    """
    if order.status == Order.Status.AWAITING_PAYMENT:
        order = give_up(order=order)
        if order.status == Order.Status.CANCELLED:
            return order
        # It was paid in that very moment.
    return cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
