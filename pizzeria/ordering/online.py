"""Paid on the page (B31): what a client begins, what the provider tells, and what becomes of the order (decision 17).

The provider is asked outside of every transaction. What it says counts as a hint of what it will say when it is asked again: states
only move forward, so hearing of one late, twice or in another order ends the same. Money is recorded first, in its own
transaction; then the order moves. What came for nothing, or was too much, is owed back.
"""

import logging
from dataclasses import dataclass
from datetime import datetime
from secrets import token_hex

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.ledger.models import Reason
from pizzeria.ordering.asking import ask
from pizzeria.ordering.counted import count_placed
from pizzeria.ordering.errors import InvalidChoice, NotPayable, PaymentUnavailable
from pizzeria.ordering.journal import record_sale
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import lock
from pizzeria.ordering.rebooking import promise_again
from pizzeria.ordering.saved_cards import customer_of, forget_name
from pizzeria.ordering.services import cancel, move
from pizzeria.ordering.transitions import CUSTOMER, SYSTEM
from pizzeria.payments import refunds
from pizzeria.payments.models import AT_DOOR, Method, Payment, PaymentStatus, ProviderEvent
from pizzeria.payments.providers import Charge, Provider, ProviderError, State, Told, UnknownCustomer
from pizzeria.payments.refusal_words import refusal_words
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import expect, give_back, mark, record_received
from pizzeria.rows import insert_all

logger = logging.getLogger(__name__)

AWAITING = Order.Status.AWAITING_PAYMENT
SETTLED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An order as it stands once the provider was asked.

    `why_refused` is the sentence about the last card, empty when none was refused; `is_awaited` says that the bank, or the
    provider, has yet to answer.
    """

    order: Order
    why_refused: str
    is_awaited: bool


def begin(*, order: Order) -> Charge:
    """The one charge of what is due for an order: made at the provider, or found again. Outside of any transaction.

    Two tabs get the same one. Raises NotPayable and PaymentUnavailable.
    """
    due = _payable(order)
    charge = _begun(order, due)
    if charge.state in (State.PAID, State.PROCESSING):
        settle(charge=charge)
        raise not_payable(order, charge)
    if charge.amount != due.amount:
        # What is due has changed since.
        charge = ask(lambda it: it.change(reference=charge.reference, amount=due.amount))
    if not _keep(order, due, charge):
        # Paid otherwise, let go, or begun otherwise in between: nobody has seen this one.
        _close(charge.reference)
        return begin(order=order)
    return charge


def look_up(*, order: Order) -> Seen:
    """Ask the provider, once, how the charge of an order does, and settle it. One that does not answer is waited for."""
    reference = _newest(order)
    charge = _asked_about(reference) if reference else None
    if charge:
        settle(charge=charge)
    order.refresh_from_db()
    return Seen(
        order=order,
        why_refused=refusal_words(code=charge.refusal) if charge and charge.refusal else "",
        is_awaited=bool(reference) and (charge is None or charge.state == State.PROCESSING),
    )


def settle(*, charge: Charge, at: datetime | None = None) -> None:
    """Record the money that a charge brought, and let the order go to the kitchen; a second time changes nothing.

    `at` is now unless history is being written.
    """
    if charge.state != State.PAID:
        return
    with transaction.atomic():
        order = _record(charge, at)
    if order:
        move_on(order=order, at=at)


def hear(*, told: Told) -> bool:
    """Act upon what the provider tells, once an event; False when it was told before."""
    order = None
    with transaction.atomic():
        _event, is_new = ProviderEvent.objects.get_or_create(
            reference=told.reference, defaults={"kind": told.kind, "received_at": timezone.now()}
        )
        if not is_new:
            return False
        if told.charge and told.charge.state == State.PAID:
            order = _record(told.charge, None)
        if told.refund:
            refunds.told(given_back=told.refund)
    if told.charge and told.charge.refusal:
        logger.info("%s: card refused: %s", told.charge.order, told.charge.refusal)
    if order:
        move_on(order=order)
    return True


def move_on(*, order: Order, at: datetime | None = None) -> None:
    """Let an order that is paid go to the kitchen, in its own transaction; does nothing for one that does not wait for that."""
    with transaction.atomic():
        _take(order)
        if order.status == AWAITING and order.payment_status == PaymentStatus.PAID:
            _to_the_kitchen(order, at)


def pay_at_door(*, order: Order, method: str) -> Order:
    """The client will pay at the door instead, by one of `AT_DOOR`: the order goes to the kitchen.

    What was paid meanwhile is paid: the order then comes back so. Raises InvalidChoice and NotPayable.
    """
    if method not in AT_DOOR:
        raise InvalidChoice(_("Choisissez un moyen de paiement."), field="payment_method")
    if _was_paid_when_closed(order):
        return order
    with transaction.atomic():
        _take(order)
        due = due_of(order=order)
        if order.status != AWAITING or due is None:
            raise not_payable(order)
        _due_by(order, due, method)
        Order.objects.filter(pk=order.pk).update(payment_method=method)
        order.payment_method = method
        _to_the_kitchen(order, None)
    return order


def give_up(*, order: Order) -> Order:
    """The client goes back to the cart: nothing can be paid any more, the ingredients return to the stock.

    What was paid meanwhile is paid: the order then comes back so. Raises NotPayable and TransitionRefused.
    """
    if _was_paid_when_closed(order):
        return order
    if order.status != AWAITING:
        raise not_payable(order)
    return cancel(order=order, role=CUSTOMER, acting_user=None, reason="")


def not_payable(order: Order, charge: Charge | None = None) -> NotPayable:
    """Why an order cannot be paid on its page."""
    order.refresh_from_db()
    if order.payment_status == PaymentStatus.PAID:
        return NotPayable(_("Cette commande est déjà payée."), status="paid")
    if order.status == Order.Status.CANCELLED:
        return NotPayable(_("Cette commande est annulée : rien n’est à payer."), status="cancelled")
    if charge and charge.state == State.PROCESSING:
        return NotPayable(_("Votre banque n’a pas encore répondu. Attendez un instant."), status="processing")
    if order.status == AWAITING:
        return NotPayable(_("Le délai de paiement est passé. Recommencez votre commande."), status="expired")
    return NotPayable(_("Cette commande se paie à la remise."), status="door")


def _payable(order: Order) -> Payment:
    """What is due online, of an order that still waits for it. Raises NotPayable."""
    order.refresh_from_db()
    due = due_of(order=order)
    is_in_time = order.payable_until is not None and timezone.now() < order.payable_until
    if order.status != AWAITING or due is None or due.method != Method.ONLINE or not is_in_time:
        raise not_payable(order)
    return due


def _begun(order: Order, due: Payment) -> Charge:
    reference = due.reference
    if reference:
        charge = ask(lambda it: it.confirm(reference=reference))
        if charge.state != State.CANCELLED:
            return charge
    return ask(lambda it: _made(it, order, due))


def _made(it: Provider, order: Order, due: Payment) -> Charge:
    """A charge of what is due, with the cards that the client keeps; without them where the provider does not know the client."""
    customer = customer_of(order=order)
    try:
        return _made_once(it, order, due, customer)
    except UnknownCustomer:
        forget_name(reference=customer)
        return _made_once(it, order, due, "")


def _made_once(it: Provider, order: Order, due: Payment, customer: str) -> Charge:
    # Of everything that the request says: a key that comes again with another amount would be refused.
    key = ":".join(("pay", order.number, str(due.pk), str(due.amount), customer, due.reference or ""))
    try:
        return it.charge(amount=due.amount, order=order.number, key=key, customer=customer)
    except ProviderError as error:
        if not error.is_kept:
            raise
    # Another key, or it would fail for as long as it knows this one. Should it have made a charge nevertheless: nobody has
    # its secret, so nobody pays it.
    return it.charge(amount=due.amount, order=order.number, key=f"{key}:{token_hex(8)}", customer=customer)


@transaction.atomic
def _keep(order: Order, due: Payment, charge: Charge) -> bool:
    """Write down which charge it is, if what is due still stands as it was read."""
    # Under the order's lock: compared in one statement, what another transaction has just changed would be compared as it was.
    _take(order)
    standing = Payment.objects.filter(pk=due.pk, status=PaymentStatus.UNPAID, method=Method.ONLINE, amount=due.amount)
    if order.status != AWAITING:
        return False
    if standing.filter(reference=due.reference).update(reference=charge.reference):
        return True
    # Another tab was first, with the same one.
    return standing.filter(reference=charge.reference).exists()


def _close(reference: str) -> Charge | None:
    """Make sure that nothing can be paid on a charge any more; how it stands, None when the provider does not answer."""
    try:
        return ask(lambda it: it.cancel(reference=reference))
    except PaymentUnavailable:
        return None


def _was_paid_when_closed(order: Order) -> bool:
    """Close what was begun for an order. Raises NotPayable while the bank has not answered.

    A provider that does not answer keeps nobody from another choice: what is paid there nevertheless is owed back.
    """
    due = due_of(order=order)
    charge = _close(due.reference) if due and due.reference else None
    if charge and charge.state == State.PROCESSING:
        raise not_payable(order, charge)
    if charge:
        settle(charge=charge)
    order.refresh_from_db()
    return charge is not None and charge.state == State.PAID


def _newest(order: Order) -> str | None:
    """The newest charge that was begun for an order and brought nothing yet."""
    begun = Payment.objects.filter(order=order, method=Method.ONLINE, reference__isnull=False)
    return begun.exclude(status__in=SETTLED).order_by("pk").values_list("reference", flat=True).last()


def _asked_about(reference: str) -> Charge | None:
    """How a charge stands; None when the provider does not answer."""
    try:
        return ask(lambda it: it.confirm(reference=reference))
    except PaymentUnavailable:
        return None


def _take(order: Order) -> None:
    """The order's lock, and the order as it stands under it."""
    lock(order)
    order.refresh_from_db()


def _to_the_kitchen(order: Order, at: datetime | None) -> None:
    """From now on it is an order like any other: placed now, and promised what can be kept from now on."""
    now = at or timezone.now()
    if order.start_at is None or order.start_at < now:
        promise_again(order=order, at=now)
    order.placed_at = now
    Order.objects.filter(pk=order.pk).update(placed_at=now)
    move(order, to_status=Order.Status.TO_PREPARE, role=SYSTEM, acting_user=None, reason="", at=now)
    if at is None:
        count_placed(order)


def _due_by(order: Order, due: Payment, method: str) -> None:
    """Let what is due be paid by another means. What was begun at the provider keeps its row, should money still come."""
    if not due.reference:
        Payment.objects.filter(pk=due.pk).update(method=method)
        return
    Payment.objects.filter(pk=due.pk).update(status=PaymentStatus.FAILED)
    insert_all(expect(order=order, method=method, amount=due.amount))


def _record(charge: Charge, at: datetime | None) -> Order | None:
    """Record what came in, in the caller's transaction: for the order as far as it is due, else to be given back."""
    order = _order_of(charge)
    if order:
        _take(order)
    payment = _payment_of(charge, order) if order else None
    if order is None or payment is None:
        logger.error("%s: paid at the provider, but unknown here: %s", charge.order, charge.reference)
        return None
    if payment.status in SETTLED:
        return order
    due = payment if payment.status == PaymentStatus.UNPAID else due_of(order=order)
    if due is None or order.status == Order.Status.CANCELLED:
        _owe_back(order, payment, charge, at)
    elif charge.amount < due.amount:
        still_due = expect(order=order, method=due.method, amount=due.amount)
        _owe_back(order, payment, charge, at, reason=Reason.CHANGED)
        if due.pk == payment.pk:
            insert_all(still_due)
    else:
        _accept(order, payment, due, charge, at)
    return order


def _accept(order: Order, payment: Payment, due: Payment, charge: Charge, at: datetime | None) -> None:
    surplus = charge.amount - due.amount
    if due.pk != payment.pk:
        Payment.objects.filter(pk=due.pk).update(status=PaymentStatus.FAILED)
    mark(order=order, status=PaymentStatus.PAID)
    record_sale(order=order, at=at)
    payment.amount = charge.amount
    record_received(payment=payment, order=order, at=at)
    if surplus:
        give_back(payment=payment, amount=surplus, reason=Reason.OVERPAID, at=at)


def _owe_back(
    order: Order, payment: Payment, charge: Charge, at: datetime | None, *, reason: Reason = Reason.OVERPAID
) -> None:
    is_cancelled = order.status == Order.Status.CANCELLED
    payment.amount = charge.amount
    record_received(payment=payment, order=order, at=at)
    give_back(payment=payment, amount=charge.amount, reason=Reason.CANCELLED if is_cancelled else reason, at=at)
    if is_cancelled:
        mark(order=order, status=PaymentStatus.REFUNDED)


def _order_of(charge: Charge) -> Order | None:
    """The order that a charge is of; after a restore, that of its number, whose reference was lost with the rest."""
    orders = Order.objects.select_related("store")
    found = orders.filter(payments__reference=charge.reference).first()
    return found or orders.filter(number=charge.order).first()


def _payment_of(charge: Charge, order: Order) -> Payment | None:
    """The payment of an order, whose lock the caller holds, that a charge is of: if need be, one whose reference was lost."""
    payments = Payment.objects.filter(order=order)
    found = payments.filter(reference=charge.reference).first()
    if found:
        return found
    payment = payments.filter(method=Method.ONLINE, reference__isnull=True).exclude(status__in=SETTLED).first()
    if payment:
        payment.reference = charge.reference
        payment.save(update_fields=["reference"])
    return payment
