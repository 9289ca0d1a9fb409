"""Orders that wait for their payment are looked after each minute: none is forgotten, and none keeps its stock for ever."""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from pizzeria.ordering.errors import TransitionRefused
from pizzeria.ordering.models import Order
from pizzeria.ordering.online import move_on, settle
from pizzeria.ordering.paying import lock
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import SYSTEM
from pizzeria.payments.models import Method, Payment, PaymentStatus
from pizzeria.payments.providers import Provider, ProviderError, State, provider
from pizzeria.payments.selectors import due_of

logger = logging.getLogger(__name__)

T = TypeVar("T")

PATIENCE = timedelta(minutes=45)
"""With a provider, or a bank, that does not say whether it was paid. What comes after that is owed back."""
SETTLES_IN = timedelta(minutes=1)
"""The browser's return, or an event, has settled it by then."""
CLOSED_FOR = timedelta(hours=2)
CLOSING_MINUTES = 10
"""For how long, and how often, the provider is told that a charge is not wanted any more."""


class ProviderLine:
    """The provider, for one round: once it has not answered, it is not waited for a second time."""

    def __init__(self) -> None:
        self._provider: Provider | None = provider()

    def ask(self, request: Callable[[Provider], T]) -> T | None:
        """What it answers; None when it does not."""
        if self._provider is None:
            return None
        try:
            return request(self._provider)
        except ProviderError as error:
            logger.warning("the provider of payments: %s", error)
            if error.can_retry:
                self._provider = None
            return None


def let_go(*, at: datetime, moment: datetime | None = None) -> int:
    """Settle what was paid, and cancel what was not within its time; how many orders were cancelled.

    `moment` is when it happens: now unless a service is simulated.
    Each on its own: one that fails does not keep the others waiting.
    """
    line, gone = ProviderLine(), 0
    for order in (
        Order.objects.filter(status=Order.Status.AWAITING_PAYMENT).select_related("store").order_by("placed_at")
    ):
        try:
            gone += _look_after(order, line, at, moment)
        except TransitionRefused:
            # Somebody else was first.
            continue
        except Exception:
            logger.exception("%s: its payment could not be looked after", order.number)
    if at.minute % CLOSING_MINUTES == 0:
        for reference in _unwanted(at):
            _close(reference, line)
    return gone


def _look_after(order: Order, line: ProviderLine, at: datetime, moment: datetime | None) -> bool:
    """True when the order was cancelled."""
    if order.payment_status == PaymentStatus.PAID:
        # The process ended between the two.
        move_on(order=order, at=moment)
        return False
    due = due_of(order=order)
    reference = (due.reference or "") if due else ""
    if order.payable_until is not None and at < order.payable_until:
        if reference and order.placed_at <= at - SETTLES_IN:
            _settle(reference, line)
        return False
    if reference and not _is_closed(reference, line) and not _is_out_of_patience(order, at):
        return False
    return _cancel(order, reference, moment)


def _settle(reference: str, line: ProviderLine) -> None:
    charge = line.ask(lambda it: it.confirm(reference=reference))
    if charge:
        settle(charge=charge)


def _close(reference: str, line: ProviderLine) -> State | None:
    """How a charge stands once it was closed, and settled if it was paid; None when the provider does not answer."""
    charge = line.ask(lambda it: it.cancel(reference=reference))
    if charge:
        settle(charge=charge)
    return charge.state if charge else None


def _is_closed(reference: str, line: ProviderLine) -> bool:
    return _close(reference, line) in (State.CANCELLED, State.PAID)


def _is_out_of_patience(order: Order, at: datetime) -> bool:
    return order.payable_until is None or at >= order.payable_until + PATIENCE


def _cancel(order: Order, closed: str, moment: datetime | None) -> bool:
    """Cancel an order of which this charge, or none, was closed."""
    # In the house's language: the client and the staff read the same history.
    with translation.override(settings.LANGUAGE_CODE):
        reason = _("Le paiement n’est pas arrivé à temps.")
    with transaction.atomic():
        lock(order)
        order.refresh_from_db()
        due = due_of(order=order)
        if order.status != Order.Status.AWAITING_PAYMENT or due is None or (due.reference or "") != closed:
            # Paid, or begun a moment ago: the next minute sees.
            return False
        cancel(order=order, role=SYSTEM, acting_user=None, reason=reason, at=moment)
    return True


def _unwanted(at: datetime) -> Iterator[str]:
    """The charges that were begun for what is not due any more, of the last hours: cancelled by the staff, paid otherwise."""
    begun = Payment.objects.filter(method=Method.ONLINE, status=PaymentStatus.FAILED, reference__isnull=False)
    recent = begun.filter(order__payable_until__gt=at - CLOSED_FOR, created_at__lte=at - SETTLES_IN)
    for reference in recent.order_by("pk").values_list("reference", flat=True):
        if reference:
            yield reference
