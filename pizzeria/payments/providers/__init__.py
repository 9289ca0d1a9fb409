"""Who takes money online for us: one small module each, behind one protocol. Nothing here touches the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from django.conf import settings


class State(StrEnum):
    """How money stands at the provider."""

    OPEN = "open"  # nobody has paid; may still be paid
    PROCESSING = "processing"
    PAID = "paid"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """What the provider takes, or took, for one payment, in euros. `refusal` is why the last attempt was refused."""

    reference: str
    state: State
    amount: Decimal
    order: str = ""
    client_secret: str = ""
    refusal: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """A refund as the provider sees it, in euros. `key` is the idempotency key under which we asked for it, if we did."""

    reference: str
    charge: str
    amount: Decimal
    is_done: bool
    key: str = ""
    is_failed: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An event that the provider sent, and whose signature held: about a charge, a refund, or neither."""

    reference: str
    kind: str
    at: datetime
    charge: Charge | None = None
    refund: GivenBack | None = None


class ProviderError(Exception):
    """The provider did not do it; `can_retry` says whether the same request may succeed later.

    `is_kept` says that it answered, and answers the same to the same key as long as it knows that.
    """

    def __init__(self, message: str, *, can_retry: bool, is_kept: bool = False) -> None:
        super().__init__(message)
        self.can_retry = can_retry
        self.is_kept = is_kept


class UnknownCustomer(ProviderError):
    """The provider does not know the client, or not any more."""


class ForgedEvent(Exception):
    """A message whose signature, or whose age, is not the provider's."""


class Provider(Protocol):
    """`key` is the idempotency key: the same one never takes, or gives back, twice. All raise ProviderError."""

    def charge(self, *, amount: Decimal, order: str, key: str, customer: str = "") -> Charge: ...

    def confirm(self, *, reference: str) -> Charge:
        """How it stands now."""

    def change(self, *, reference: str, amount: Decimal) -> Charge:
        """Take another amount. Without a key: twice is as once, and one that came back would answer what no longer is."""

    def cancel(self, *, reference: str) -> Charge:
        """Make sure that nothing can be paid on it any more; returns how it stands, which may be paid."""

    def refund(self, *, reference: str, amount: Decimal, key: str) -> GivenBack: ...

    def customer(self, *, name: str, key: str) -> str: ...

    def customer_session(self, *, customer: str) -> str:
        """A secret with which the client's page shows the cards that are kept at the provider."""

    def forget(self, *, customer: str) -> None:
        """Delete a client and their cards at the provider; nothing happens for one that it does not know any more."""

    def charges_of(self, *, day: date) -> Iterator[Charge]:
        """What was paid on a day in Paris."""

    def refunds_of(self, *, day: date) -> Iterator[GivenBack]: ...

    def read_event(self, *, body: bytes, signature: str) -> Told:
        """Raises ForgedEvent."""


def provider() -> Provider | None:
    """The one that the environment has keys for, None where nothing is taken online: for jobs, as it is asked again at
    once when it does not answer.
    """
    if not is_online():
        return None
    # Imported only where it is used: the library costs a process memory and a start.
    from pizzeria.payments.providers.stripe import Stripe  # noqa: PLC0415

    return Stripe.from_settings()


def provider_of_a_page() -> Provider | None:
    """The same, for somebody who waits at a page: one that does not answer is not asked again."""
    if not is_online():
        return None
    from pizzeria.payments.providers.stripe import Stripe  # noqa: PLC0415

    return Stripe.from_settings(retries=0)


def is_online() -> bool:
    """Whether clients may pay on the page: all three keys are there (`manage.py check` says which are missing)."""
    return bool(settings.STRIPE_SECRET_KEY and settings.STRIPE_PUBLISHABLE_KEY and settings.STRIPE_WEBHOOK_SECRET)
