"""Stripe, through its own library. Euros outside, cents inside; nobody else imports the library."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Self, TypeVar

import stripe
from django.conf import settings
from django.utils import timezone

from pizzeria.money import CENT, in_cents
from pizzeria.payments.providers import Charge, ForgedEvent, GivenBack, ProviderError, State, Told, UnknownCustomer

if TYPE_CHECKING:
    from stripe.params import ChargeListParamsCreated, PaymentIntentCreateParams, RefundCreateParams

logger = logging.getLogger(__name__)

T = TypeVar("T")
Thing = TypeVar("Thing", bound=stripe.StripeObject)

API_VERSION = "2026-10-28.endive"
"""What this module understands; the account's own may move on. The page's Stripe.js is of the same release (`endive`): there as
here `payment_method_types` is refused since, and `allowedPaymentMethodTypes` says what may be paid with."""
CONNECT_SECONDS, ANSWER_SECONDS = 1.0, 3.0
"""Somebody may be waiting, and a thread of the site with them."""
RETRIES = 2
"""By the library, with its pauses and the same idempotency key: in jobs, where nobody waits."""
OLDEST_EVENT_SECONDS = 300
NO_SUCH_CUSTOMER = ("resource_missing", "customer")
PAGE = 100

STATES = {
    "succeeded": State.PAID,
    "canceled": State.CANCELLED,
    "processing": State.PROCESSING,
}
BROKEN = 500
"""From this status on it is Stripe's own error, which it has kept as its answer to the key."""
FINAL = (stripe.InvalidRequestError, stripe.IdempotencyError, stripe.CardError)
"""The same request would be refused again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stripe:
    """The provider's protocol: see `providers.Provider`."""

    client: stripe.StripeClient
    webhook_secret: str

    @classmethod
    def from_settings(cls, *, retries: int = RETRIES) -> Self:
        return cls(
            client=_client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API, CONNECT_SECONDS, ANSWER_SECONDS, retries),
            webhook_secret=settings.STRIPE_WEBHOOK_SECRET,
        )

    def charge(self, *, amount: Decimal, order: str, key: str, customer: str = "") -> Charge:
        wanted: PaymentIntentCreateParams = {
            "amount": in_cents(amount),
            "currency": "eur",
            # Apple Pay and Google Pay are cards too; what is paid days later does not make a pizza.
            "allowed_payment_method_types": ["card"],
            "description": order,
            "metadata": {"order": order},
        }
        if customer:
            wanted["customer"] = customer
        intents = self.client.v1.payment_intents
        return _charge(_asked(lambda: intents.create(wanted, {"idempotency_key": key})))

    def confirm(self, *, reference: str) -> Charge:
        return _charge(_asked(lambda: self.client.v1.payment_intents.retrieve(reference)))

    def change(self, *, reference: str, amount: Decimal) -> Charge:
        intents, cents = self.client.v1.payment_intents, in_cents(amount)
        return _charge(_asked(lambda: intents.update(reference, {"amount": cents})))

    def cancel(self, *, reference: str) -> Charge:
        try:
            intent = _asked(lambda: self.client.v1.payment_intents.cancel(reference))
        except ProviderError as error:
            if error.can_retry:
                raise
            # Not in a state to be cancelled: paid, on its way, or cancelled before.
            charge = self.confirm(reference=reference)
            if charge.state == State.OPEN:
                raise ProviderError(str(error), can_retry=True) from error
            return charge
        return _charge(intent)

    def refund(self, *, reference: str, amount: Decimal, key: str) -> GivenBack:
        refunds, cents = self.client.v1.refunds, in_cents(amount)
        wanted: RefundCreateParams = {
            "payment_intent": reference,
            "amount": cents,
            # A message of it may come before this answer, or in its place.
            "metadata": {"refund": key},
        }
        return _given_back(_asked(lambda: refunds.create(wanted, {"idempotency_key": key})))

    def customer(self, *, name: str, key: str) -> str:
        customers = self.client.v1.customers
        return str(_asked(lambda: customers.create({"name": name}, {"idempotency_key": key})).id)

    def customer_session(self, *, customer: str) -> str:
        sessions = self.client.v1.customer_sessions
        session = _asked(
            lambda: sessions.create(
                {
                    "customer": customer,
                    "components": {
                        "payment_element": {
                            "enabled": True,
                            "features": {
                                "payment_method_redisplay": "enabled",
                                "payment_method_remove": "enabled",
                                "payment_method_save": "enabled",
                                # Nobody is charged while away.
                                "payment_method_save_usage": "on_session",
                            },
                        }
                    },
                }
            )
        )
        return session.client_secret

    def forget(self, *, customer: str) -> None:
        try:
            _asked(lambda: self.client.v1.customers.delete(customer))
        except ProviderError as error:
            if error.can_retry:
                raise

    def charges_of(self, *, day: date) -> Iterator[Charge]:
        page = _asked(lambda: self.client.v1.charges.list({"created": _within(day), "limit": PAGE}))
        for charge in _every(page):
            if charge.status == "succeeded" and charge.payment_intent:
                yield Charge(
                    reference=_name_of(charge.payment_intent),
                    state=State.PAID,
                    amount=_euros(charge.amount),
                    order=getattr(charge.metadata, "order", ""),
                )

    def refunds_of(self, *, day: date) -> Iterator[GivenBack]:
        page = _asked(lambda: self.client.v1.refunds.list({"created": _within(day), "limit": PAGE}))
        for refund in _every(page):
            yield _given_back(refund)

    def read_event(self, *, body: bytes, signature: str) -> Told:
        if not signature.isascii():
            # The library compares texts that may hold nothing else.
            raise ForgedEvent("a signature that is not one")
        try:
            event = self.client.construct_event(body, signature, self.webhook_secret, OLDEST_EVENT_SECONDS)
        except (ValueError, stripe.SignatureVerificationError) as error:
            raise ForgedEvent(str(error)) from error
        thing = event.data.object
        return Told(
            reference=event.id,
            kind=event.type,
            at=datetime.fromtimestamp(event.created, UTC),
            charge=_charge(thing) if isinstance(thing, stripe.PaymentIntent) else None,
            refund=_given_back(thing) if isinstance(thing, stripe.Refund) else None,
        )


@lru_cache(maxsize=8)
def _client(secret_key: str, api: str, connect: float, answer: float, retries: int) -> stripe.StripeClient:
    """One a process: it keeps a connection a thread."""
    return stripe.StripeClient(
        secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": api},
        max_network_retries=retries,
        http_client=stripe.RequestsClient(timeout=(connect, answer)),
    )


def _asked(ask: Callable[[], T]) -> T:
    """What Stripe answers. Raises ProviderError."""
    try:
        return ask()
    except stripe.StripeError as error:
        if isinstance(error, stripe.InvalidRequestError) and (error.code, error.param) == NO_SUCH_CUSTOMER:
            raise UnknownCustomer(str(error), can_retry=False) from error
        if isinstance(error, stripe.AuthenticationError | stripe.PermissionError):
            # Nobody can pay until an operator has seen to the key.
            logger.exception("Stripe refuses our key")
        told = f"{type(error).__name__} {error.code or ''}: {error.user_message or error}"
        is_kept = (error.http_status or 0) >= BROKEN
        raise ProviderError(told, can_retry=not isinstance(error, FINAL), is_kept=is_kept) from error


def _every(page: "stripe.ListObject[Thing]") -> Iterator[Thing]:
    """All that a list holds, page by page. Raises ProviderError."""
    while True:
        yield from page.data
        if not page.has_more:
            return
        page = _asked(page.next_page)


def _charge(intent: stripe.PaymentIntent) -> Charge:
    state = STATES.get(intent.status, State.OPEN)
    refused = intent.last_payment_error if state == State.OPEN else None
    received = intent.amount_received if state == State.PAID else intent.amount
    return Charge(
        reference=intent.id,
        state=state,
        amount=_euros(received),
        order=getattr(intent.metadata, "order", ""),
        client_secret=intent.client_secret or "",
        refusal=(getattr(refused, "decline_code", None) or refused.code or "unknown") if refused else "",
    )


def _given_back(refund: stripe.Refund) -> GivenBack:
    return GivenBack(
        reference=refund.id,
        charge=_name_of(refund.payment_intent),
        amount=_euros(refund.amount),
        is_done=refund.status == "succeeded",
        is_failed=refund.status in ("failed", "canceled"),
        key=getattr(refund.metadata, "refund", ""),
        problem=getattr(refund, "failure_reason", None) or "",
    )


def _name_of(thing: str | stripe.PaymentIntent | None) -> str:
    return thing.id if isinstance(thing, stripe.PaymentIntent) else thing or ""


def _within(day: date) -> "ChargeListParamsCreated":
    """From midnight to midnight in Paris: 23, 24 or 25 hours."""
    begins, ends = (timezone.make_aware(datetime.combine(on, time.min)) for on in (day, day + timedelta(days=1)))
    return {"gte": int(begins.timestamp()), "lt": int(ends.timestamp())}


def _euros(cents: int) -> Decimal:
    return cents * CENT
