"""The provider's list of a day against ours. What differs is kept, once, for a person to explain; what came right goes.

Days are those of Paris. Something paid around midnight may be of one day there and of the next here: what is not in a day's
list is looked for around it before it is called missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.payments.errors import NotToExplain, WordsMissing
from pizzeria.payments.models import (
    EXPLANATION_LENGTH,
    Discrepancy,
    Method,
    Payment,
    PaymentStatus,
    Refund,
    RefundStatus,
)
from pizzeria.payments.providers import Charge, GivenBack, Provider, ProviderError, State
from pizzeria.words import one_line, says_something

Kind = Discrepancy.Kind

RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)
GIVEN = (RefundStatus.SENT, RefundStatus.DONE)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Theirs:
    """What the provider took and gave back on a day, and gave back on the days beside it."""

    day: date
    charges: Sequence[Charge]
    refunds: Sequence[GivenBack]
    around: Sequence[GivenBack]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What was compared, and how many differences of the day nobody has explained yet."""

    charges: int
    refunds: int
    differences: int


def read_day(*, online: Provider, day: date) -> Theirs:
    """Ask the provider. Raises ProviderError."""
    beside = [given for other in (day - ONE_DAY, day + ONE_DAY) for given in online.refunds_of(day=other)]
    refunds = list(online.refunds_of(day=day))
    return Theirs(day=day, charges=list(online.charges_of(day=day)), refunds=refunds, around=beside)


def not_received(*, charges: Sequence[Charge]) -> list[Charge]:
    """Those that nothing here says to be paid."""
    references = [charge.reference for charge in charges]
    known = Payment.objects.filter(reference__in=references, status__in=RECEIVED).values_list("reference", flat=True)
    paid = set(known)
    return [charge for charge in charges if charge.reference not in paid]


def compare(*, theirs: Theirs, online: Provider, at: datetime) -> Counts:
    """Keep what differs on that day. Asks the provider for what its list does not have. Raises ProviderError."""
    found = [
        *_charges_not_as_here(theirs.charges),
        *_payments_not_there(theirs, online),
        *_refunds_not_as_here(theirs.refunds),
        *_refunds_not_there(theirs),
    ]
    _keep(theirs.day, found, at)
    still = Discrepancy.objects.filter(day=theirs.day, explained_at=None)
    return Counts(charges=len(theirs.charges), refunds=len(theirs.refunds), differences=still.count())


@transaction.atomic
def explain(*, discrepancy: Discrepancy, words: str, acting_user: User, at: datetime | None = None) -> Discrepancy:
    """Somebody says why a difference is none, or what was done about it; once. Raises WordsMissing and NotToExplain."""
    words = one_line(words)[:EXPLANATION_LENGTH]
    if not says_something(words):
        raise WordsMissing(_("Indiquez l’explication de cet écart."))
    unexplained = Discrepancy.objects.filter(pk=discrepancy.pk, explained_at=None)
    if not unexplained.update(explanation=words, explained_by=acting_user, explained_at=at or timezone.now()):
        raise NotToExplain(_("Cet écart est déjà expliqué, ou n’existe plus."))
    discrepancy.refresh_from_db()
    return discrepancy


def _charges_not_as_here(charges: Sequence[Charge]) -> Iterator[Discrepancy]:
    ours = _payments([charge.reference for charge in charges])
    for charge in charges:
        payment = ours.get(charge.reference)
        if payment is None:
            of_order = Payment.objects.filter(order__number=charge.order).select_related("order").first()
            yield _difference(Kind.MISSING_HERE, charge.reference, of_order, theirs=charge.amount)
        elif payment.amount != charge.amount:
            yield _difference(Kind.AMOUNT, charge.reference, payment, ours=payment.amount, theirs=charge.amount)


def _payments_not_there(theirs: Theirs, online: Provider) -> Iterator[Discrepancy]:
    begins, ends = _bounds(theirs.day)
    listed = {charge.reference for charge in theirs.charges}
    ours = Payment.objects.filter(
        method=Method.ONLINE, status__in=RECEIVED, received_at__gte=begins, received_at__lt=ends
    ).select_related("order")
    for payment in ours:
        if payment.reference in listed:
            continue
        amount = _taken(payment.reference or "", online)
        name = payment.reference or f"payment-{payment.pk}"
        if amount is None:
            yield _difference(Kind.MISSING_THERE, name, payment, ours=payment.amount)
        elif amount != payment.amount:
            yield _difference(Kind.AMOUNT, name, payment, ours=payment.amount, theirs=amount)


def _taken(reference: str, online: Provider) -> Decimal | None:
    """What the provider took under a name, whenever it was; None when it took nothing."""
    if not reference:
        return None
    try:
        charge = online.confirm(reference=reference)
    except ProviderError as error:
        if error.can_retry:
            raise
        return None
    return charge.amount if charge.state == State.PAID else None


def _refunds_not_as_here(refunds: Sequence[GivenBack]) -> Iterator[Discrepancy]:
    stand = [given for given in refunds if not given.is_failed]
    ours = {
        refund.reference: refund
        for refund in Refund.objects.filter(
            reference__in=[given.reference for given in stand], status__in=GIVEN
        ).select_related("payment__order")
    }
    charged = _payments([given.charge for given in stand])
    for given in stand:
        refund = ours.get(given.reference)
        if refund is None:
            yield _difference(Kind.REFUND_MISSING_HERE, given.reference, charged.get(given.charge), theirs=given.amount)
        elif refund.amount != given.amount:
            yield _difference(
                Kind.REFUND_AMOUNT, given.reference, refund.payment, ours=refund.amount, theirs=given.amount
            )


def _refunds_not_there(theirs: Theirs) -> Iterator[Discrepancy]:
    begins, ends = _bounds(theirs.day)
    there = {given.reference for given in [*theirs.refunds, *theirs.around] if not given.is_failed}
    ours = Refund.objects.filter(
        payment__method=Method.ONLINE, status__in=GIVEN, done_by=None, done_at__gte=begins, done_at__lt=ends
    ).select_related("payment__order")
    for refund in ours:
        if refund.reference not in there:
            name = refund.reference or f"refund-{refund.pk}"
            yield _difference(Kind.REFUND_MISSING_THERE, name, refund.payment, ours=refund.amount)


def _difference(
    kind: str, reference: str, payment: Payment | None, *, ours: Decimal | None = None, theirs: Decimal | None = None
) -> Discrepancy:
    return Discrepancy(
        kind=kind,
        reference=reference,
        payment=payment,
        store_id=payment.order.store_id if payment else None,
        ours=ours,
        theirs=theirs,
    )


@transaction.atomic
def _keep(day: date, found: Sequence[Discrepancy], at: datetime) -> None:
    """Each once; those of the day that nobody has explained and that hold no more are gone."""
    for difference in found:
        difference.day, difference.found_at = day, at
    names = {(difference.kind, difference.reference) for difference in found}
    for known in Discrepancy.objects.filter(day=day, explained_at=None):
        if (known.kind, known.reference) not in names:
            known.delete()
    # Another city's morning may be at it too.
    Discrepancy.objects.bulk_create(found, ignore_conflicts=True)
    for difference in found:
        Discrepancy.objects.filter(kind=difference.kind, reference=difference.reference, explained_at=None).update(
            ours=difference.ours, theirs=difference.theirs
        )


def _payments(references: Sequence[str]) -> dict[str | None, Payment]:
    received = Payment.objects.filter(reference__in=references, status__in=RECEIVED).select_related("order")
    return {payment.reference: payment for payment in received}


def _bounds(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in Paris: 23, 24 or 25 hours."""
    begins, ends = (timezone.make_aware(datetime.combine(on, time.min)) for on in (day, day + ONE_DAY))
    return begins, ends
