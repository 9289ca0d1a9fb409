"""Giving back a part of what was paid for an order that stands: a gesture of the house, or less that was sold."""

import logging
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.money import CENT, NOTHING, euros
from pizzeria.ordering.errors import StillWaits
from pizzeria.ordering.journal import sell_less
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import lock
from pizzeria.payments.errors import LeftChanged, MoreThanWasPaid, WordsMissing
from pizzeria.payments.models import Method, Payment, PaymentStatus
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import give_back, mark
from pizzeria.words import one_line, says_something

logger = logging.getLogger(__name__)

WORDS_LENGTH = 120


def gesture(
    *,
    order: Order,
    amount: Decimal,
    words: str,
    acting_user: User,
    expected_left: Decimal | None = None,
    at: datetime | None = None,
) -> Order:
    """The responsable gives back, in euros, a part of what was paid, or all of it, and says why.

    Raises WordsMissing, MoreThanWasPaid, and LeftChanged: see `give_back_part`.
    """
    words = one_line(words)[:WORDS_LENGTH]
    if not says_something(words):
        raise WordsMissing(_("Indiquez la raison du geste."))
    return give_back_part(
        order=order,
        amount=amount,
        reason=Reason.GESTURE,
        words=words,
        acting_user=acting_user,
        expected_left=expected_left,
        at=at,
    )


@transaction.atomic
def give_back_part(
    *,
    order: Order,
    amount: Decimal,
    reason: Reason,
    words: str = "",
    acting_user: User | None = None,
    expected_left: Decimal | None = None,
    at: datetime | None = None,
) -> Order:
    """Owe back an amount of what was paid, in euros, and sell so much less: what was paid online first, then the newest.

    The order goes on. `expected_left` is what still was paid, in euros, on the screen of whoever gives it back, where a
    screen showed it: it is less after each time, so that a second tap is told (LeftChanged) and gives nothing back. Raises
    MoreThanWasPaid, which is also said of nothing and of half a cent, and StillWaits for an order that is paid and has not
    left for the kitchen: refunded whole, it never would.
    """
    lock(order)
    order.refresh_from_db(fields=["status", "payment_status"])
    if order.status == Order.Status.AWAITING_PAYMENT:
        raise StillWaits(
            _("La commande %(number)s n’est pas encore en cuisine. Attendez une minute, puis recommencez.")
            % {"number": order.number}
        )
    paid = _paid(order)
    left = sum((payment.amount - payment.refunded for payment in paid), NOTHING)
    if expected_left is not None and left != expected_left:
        raise LeftChanged(
            _("Il reste maintenant %(left)s de payés : un geste vient d’être enregistré.") % {"left": euros(left)},
            left=str(left),
        )
    if not (CENT <= amount <= left and amount == amount.quantize(CENT)):
        raise _refused(left)
    owe_back(order=order, amount=amount, reason=reason, words=words, acting_user=acting_user, at=at)
    is_over = amount == left and due_of(order=order) is None
    mark(order=order, status=PaymentStatus.REFUNDED if is_over else PaymentStatus(order.payment_status))
    sell_less(order=order, amount=amount, reason=reason, acting_user=acting_user, at=at)
    return order


def owe_back(
    *,
    order: Order,
    amount: Decimal,
    reason: Reason,
    words: str = "",
    acting_user: User | None = None,
    at: datetime | None = None,
) -> None:
    """Owe back an amount of what still is paid, in euros: online first, as it goes back by itself; then the newest.

    Runs in the caller's transaction, who holds the order's lock and has seen that so much is paid.
    """
    for payment, share in _shares(_paid(order), amount):
        give_back(payment=payment, amount=share, reason=reason, words=words, acting_user=acting_user, at=at)


def still_paid(*, order: Order) -> Decimal:
    """What was paid for an order and not given back, nor owed back, in euros."""
    return sum((payment.amount - payment.refunded for payment in _paid(order)), NOTHING)


def _paid(order: Order) -> list[Payment]:
    """What still is paid: online first, as it goes back by itself; then the newest."""
    paid = Payment.objects.filter(order=order, status=PaymentStatus.PAID)
    return sorted(paid, key=lambda payment: (payment.method != Method.ONLINE, -payment.pk))


def _shares(paid: Sequence[Payment], amount: Decimal) -> list[tuple[Payment, Decimal]]:
    shares = []
    for payment in paid:
        share = min(amount, payment.amount - payment.refunded)
        amount -= share
        if share:
            shares.append((payment, share))
    return shares


def _refused(left: Decimal) -> MoreThanWasPaid:
    if not left:
        return MoreThanWasPaid(_("Rien n’est payé pour cette commande : il n’y a rien à rendre."), left=str(left))
    return MoreThanWasPaid(
        _("Indiquez un montant d’un centime à %(left)s : c’est ce qui reste payé.") % {"left": euros(left)},
        left=str(left),
    )
