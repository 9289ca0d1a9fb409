"""What a change does to an order's money: what is due, or owed back, is what the order says now (UC 1.3)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Sum

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.money import NOTHING
from pizzeria.ordering.gestures import owe_back, still_paid
from pizzeria.ordering.journal import sell_anew
from pizzeria.ordering.models import Order
from pizzeria.payments.models import Payment, PaymentStatus, Refund
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import expect, mark
from pizzeria.rows import insert_all

RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """What a total asks for beyond what was paid, in euros: `due` from the client, or `owed` to them. One is nothing."""

    due: Decimal
    owed: Decimal
    is_begun: bool
    """Whether anything was received: what is due then is a difference."""


def balance_of(*, order: Order, total: Decimal) -> Balance:
    """How an order's money would stand with this total. What the house gave back as a gesture stays given."""
    received = Payment.objects.filter(order=order, status__in=RECEIVED)
    sums = received.aggregate(amount=Sum("amount", default=NOTHING), refunded=Sum("refunded", default=NOTHING))
    kept = sums["amount"] - sums["refunded"]
    missing = total - gestures_of(order=order) - kept
    return Balance(due=max(missing, NOTHING), owed=min(max(-missing, NOTHING), kept), is_begun=bool(sums["amount"]))


def gestures_of(*, order: Order) -> Decimal:
    """What the house gave back, or owes back, of an order as a gesture, in euros."""
    given = Refund.objects.filter(payment__order=order, reason=Reason.GESTURE)
    return given.aggregate(sum=Sum("amount", default=NOTHING))["sum"]  # type: ignore[no-any-return]


def settle_change(*, order: Order, method: str, acting_user: User | None, at: datetime | None) -> None:
    """Make what is due, or owed back, agree with the order's total, in the caller's transaction, who holds its lock.

    `method` is how a difference is paid that is due beside what was paid already.
    """
    balance, due = balance_of(order=order, total=order.total), due_of(order=order)
    if balance.due:
        _expect(order, due, balance.due, method)
    elif due:
        _expect_no_more(due)
    if balance.owed:
        owe_back(order=order, amount=balance.owed, reason=Reason.CHANGED, acting_user=acting_user, at=at)
    if balance.is_begun:
        mark(order=order, status=_status(order, balance))


def correct_sale(*, order: Order, acting_user: User | None, at: datetime | None) -> None:
    """Tell the journal, where it knows the sale, what the order is now. It comes last: others wait for the journal's head."""
    if order.sold_at:
        sell_anew(
            order=order,
            gestures=gestures_of(order=order),
            reason=Reason.CHANGED,
            acting_user=acting_user,
            at=at,
        )


def _expect(order: Order, due: Payment | None, amount: Decimal, method: str) -> None:
    if due is None:
        insert_all(expect(order=order, method=method, amount=amount))
    elif due.amount != amount:
        # A charge that was begun for the other amount is changed when its page is opened again: see `online`.
        Payment.objects.filter(pk=due.pk).update(amount=amount)


def _expect_no_more(due: Payment) -> None:
    if due.reference:
        # Should money still come on it, it is known, and owed back.
        Payment.objects.filter(pk=due.pk).update(status=PaymentStatus.FAILED)
    else:
        due.delete()


def _status(order: Order, balance: Balance) -> PaymentStatus:
    if balance.due:
        return PaymentStatus.UNPAID
    return PaymentStatus.PAID if still_paid(order=order) else PaymentStatus.REFUNDED
