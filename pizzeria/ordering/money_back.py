"""What becomes of a client's money when their order is cancelled: the same words on its page and in the mail."""

from decimal import Decimal

from django.utils.translation import gettext as _

from pizzeria.money import euros
from pizzeria.ordering.models import Order
from pizzeria.ordering.receipts import RECEIVED
from pizzeria.payments.models import Method

Status = Order.Status


def may_be_charged(order: Order) -> bool:
    """Whether this order waits, and a card may have been charged for it: nobody says then that nothing will be asked."""
    return order.status == Status.AWAITING_PAYMENT and any(payment.reference for payment in order.payments.all())


def money_back(order: Order) -> str:
    """What becomes of the client's money when this order is cancelled, or now that it is."""
    taken = [payment for payment in order.payments.all() if payment.status in RECEIVED]
    if not taken and may_be_charged(order):
        return _("Si votre carte a été débitée, tout vous est rendu.")
    if not taken:
        return _("Rien ne vous sera demandé.")
    by_card, by_hand = Decimal("0.00"), Decimal("0.00")
    for payment in taken:
        amount = payment.refunded if order.status == Status.CANCELLED else payment.amount - payment.refunded
        if payment.method == Method.ONLINE:
            by_card += amount
        else:
            by_hand += amount
    said = []
    if by_card:
        words = _("%(amount)s vous sont rendus sur votre carte, en général sous 5 à 10 jours.")
        said.append(words % {"amount": euros(by_card)})
    if by_hand:
        words = _("%(amount)s vous sont rendus par la pizzeria : appelez-la, ou passez au comptoir.")
        said.append(words % {"amount": euros(by_hand)})
    return " ".join(said)
