"""A store's money, read: what waits for a person, and what a day brought by each means, beside what the journal says."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.ledger.models import Entry, Kind
from pizzeria.money import NOTHING
from pizzeria.payments.models import Discrepancy, Method, Payment, PaymentStatus, Refund, RefundReturn, RefundStatus
from pizzeria.payments.refunds import TRANSFER, left_by

RECEIVED = (PaymentStatus.PAID, PaymentStatus.REFUNDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeansOfDay:
    """What came in and went out by one means on a day, in euros; `journal` is what it says of both together."""

    means: str
    received: Decimal
    given_back: Decimal
    journal: Decimal

    @property
    def label(self) -> str:
        return str(Method(self.means).label) if self.means in Method.values else _("virement")

    @property
    def kept(self) -> Decimal:
        return self.received - self.given_back

    @property
    def is_as_in_the_journal(self) -> bool:
        return self.kept == self.journal


def refunds_that_failed(*, store_id: int) -> QuerySet[Refund]:
    return _refunds(store_id).filter(status=RefundStatus.FAILED)


def refunds_to_hand_back(*, store_id: int) -> QuerySet[Refund]:
    """What a hand took and a hand has to give back."""
    return _refunds(store_id).filter(status=RefundStatus.DUE).exclude(payment__method=Method.ONLINE)


def refunds_on_their_way(*, store_id: int) -> QuerySet[Refund]:
    """What goes back through the provider by itself."""
    due = Q(status=RefundStatus.DUE, next_attempt_at__gt=left_by(at=timezone.now()))
    return _refunds(store_id).filter(due | Q(status=RefundStatus.SENT))


def refunds_that_never_left(*, store_id: int) -> QuerySet[Refund]:
    """What should go back through the provider and does not: there are no keys, or nobody sends."""
    return _refunds(store_id).filter(status=RefundStatus.DUE, next_attempt_at__lte=left_by(at=timezone.now()))


def differences_to_explain(*, store_id: int) -> QuerySet[Discrepancy]:
    return _unexplained().filter(store_id=store_id)


def stray_differences() -> QuerySet[Discrepancy]:
    """Those of which nobody knows whose they are: they may be any store's."""
    return _unexplained().filter(store=None)


def refund_of_store(*, store_id: int, refund_id: int) -> Refund | None:
    return _refunds(store_id).filter(pk=refund_id).first()


def money_of_day(*, store_id: int, day: date) -> list[MeansOfDay]:
    """By means, as they stand in `Method`; those by which nothing moved are left out."""
    begins, ends = (timezone.make_aware(datetime.combine(on, time.min)) for on in (day, day + timedelta(days=1)))
    received = _by_means(
        Payment.objects.filter(
            order__store_id=store_id, status__in=RECEIVED, received_at__gte=begins, received_at__lt=ends
        ).values_list("method", "amount")
    )
    given_back = _by_means(_given_back(store_id, begins, ends))
    moved = Entry.objects.filter(
        store_id=store_id, kind__in=[Kind.PAYMENT, Kind.REFUND], at__gte=begins, at__lt=ends
    ).order_by()
    journal = dict(moved.values_list("means").annotate(sum=Sum("amount")))
    return [
        MeansOfDay(
            means=means,
            received=received.get(means, NOTHING),
            given_back=given_back.get(means, NOTHING),
            journal=journal.get(means, NOTHING),
        )
        for means in (*Method.values, TRANSFER)
        if means in received or means in given_back or means in journal
    ]


def _given_back(store_id: int, begins: datetime, ends: datetime) -> Iterator[tuple[str, Decimal]]:
    """What was given back, and, negative, what the provider brought back."""
    given = Refund.objects.filter(payment__order__store_id=store_id, done_at__gte=begins, done_at__lt=ends)
    for method, by, amount in given.values_list("payment__method", "done_by", "amount"):
        # Beside the provider: by a person, who made a transfer.
        yield TRANSFER if method == Method.ONLINE and by else method, amount
    returns = RefundReturn.objects.filter(refund__payment__order__store_id=store_id)
    of_refund = ("refund__payment__method", "refund__amount")
    yield from returns.filter(given_at__gte=begins, given_at__lt=ends).values_list(*of_refund)
    for method, amount in returns.filter(came_back_at__gte=begins, came_back_at__lt=ends).values_list(*of_refund):
        yield method, -amount


def _unexplained() -> QuerySet[Discrepancy]:
    return Discrepancy.objects.filter(explained_at=None).select_related("payment__order")


def _refunds(store_id: int) -> QuerySet[Refund]:
    return Refund.objects.filter(payment__order__store_id=store_id).select_related("payment__order", "asked_by")


def _by_means(amounts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    sums: defaultdict[str, Decimal] = defaultdict(lambda: NOTHING)
    for means, amount in amounts:
        sums[means] += amount
    return sums
