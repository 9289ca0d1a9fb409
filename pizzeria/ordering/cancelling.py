"""A client cancels an order (UC 1.4), wherever it stands: also while its payment is under way."""

from pizzeria.ordering.models import Order
from pizzeria.ordering.online import give_up
from pizzeria.ordering.services import REASON_LENGTH, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.words import one_line


def cancel_as_client(*, order: Order, reason: str = "") -> Order:
    """Cancel an order that is not yet in preparation: nothing can be paid on it any more, what was paid is owed back.

    `reason` is what the client says of it, if anything: nobody has to.
    Raises TransitionRefused once preparation started, and NotPayable while the bank has not answered.
    """
    if order.status == Order.Status.AWAITING_PAYMENT:
        order = give_up(order=order)
        if order.status == Order.Status.CANCELLED:
            return order
        # It was paid in that very moment.
    return cancel(order=order, role=CUSTOMER, acting_user=None, reason=one_line(reason)[:REASON_LENGTH])
