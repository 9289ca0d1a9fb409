"""Reading drivers' floats: what each should hand over, those that were closed, and cash that is in none."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, DecimalField, F, OuterRef, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Coalesce

from pizzeria.accounts.models import Role, User
from pizzeria.money import NOTHING
from pizzeria.payments.models import CashRound, Method, Payment, PaymentStatus, Refund, RefundStatus

EUROS = DecimalField(max_digits=8, decimal_places=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An open float: the cash received into it, less what its driver gave back by hand, and what is to be handed over."""

    cash_round: CashRound
    taken: Decimal

    @property
    def expected(self) -> Decimal:
        return self.cash_round.opening_amount + self.taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Loose:
    """Cash that a driver received while they had no float, in euros, and for how many orders."""

    driver: User
    amount: Decimal
    orders: int


def open_rounds(*, store_id: int) -> list[Standing]:
    """The floats that are out, the oldest first: one query, whatever their number."""
    return _standings(CashRound.objects.filter(store_id=store_id, closed_at__isnull=True).order_by("opened_at"))


def round_standing(*, store_id: int, driver: User) -> Standing | None:
    """How a driver's own float stands; None when they have none."""
    found = CashRound.objects.filter(store_id=store_id, driver=driver, closed_at__isnull=True)
    return next(iter(_standings(found)), None)


def standing_of(*, cash_round: CashRound) -> Standing:
    [found] = _standings(CashRound.objects.filter(pk=cash_round.pk))
    return found


def round_of_store(*, store_id: int, pk: int) -> CashRound | None:
    return CashRound.objects.filter(store_id=store_id, pk=pk).select_related("driver", "received_by").first()


def closed_rounds(*, store_id: int, since: datetime) -> QuerySet[CashRound]:
    """The floats that were handed over since a moment, the latest first; `difference` is what was too much (or less)."""
    rounds = CashRound.objects.filter(store_id=store_id, closed_at__gte=since).select_related("driver", "received_by")
    return rounds.annotate(difference=F("handed_over") - F("expected")).order_by("-closed_at")


def loose_cash(*, store_id: int, since: datetime) -> list[Loose]:
    """What drivers, who are no cashiers, received in cash without a float since a moment: nobody has counted it."""
    cashiers = User.objects.filter(roles__role=Role.CASHIER, roles__store=store_id)
    drivers = User.objects.filter(roles__role=Role.DRIVER, roles__store=store_id).exclude(pk__in=cashiers)
    payments = Payment.objects.filter(
        order__store=store_id,
        method=Method.CASH,
        cash_round__isnull=True,
        received_at__gte=since,
        received_by__in=drivers,
        status__in=(PaymentStatus.PAID, PaymentStatus.REFUNDED),
    )
    sums = payments.order_by().values_list("received_by").annotate(Sum("amount"), Count("order", distinct=True))
    by_driver = {driver: (amount, orders) for driver, amount, orders in sums}
    return [
        Loose(driver=driver, amount=by_driver[driver.pk][0], orders=by_driver[driver.pk][1])
        for driver in User.objects.filter(pk__in=by_driver).order_by("first_name", "last_name")
    ]


def drivers_without_round(*, store_id: int) -> QuerySet[User]:
    """Whom a float may be given to."""
    out = CashRound.objects.filter(store_id=store_id, closed_at__isnull=True).values("driver")
    drivers = User.objects.filter(is_active=True, roles__role=Role.DRIVER, roles__store=store_id)
    return drivers.exclude(pk__in=out).distinct().order_by("first_name", "last_name")


def mark_of(standings: Collection[Standing]) -> str:
    """The same for the same floats with the same money in them, another one otherwise."""
    return repr([(standing.cash_round.pk, standing.taken) for standing in standings])


def _standings(rounds: QuerySet[CashRound]) -> list[Standing]:
    """Each with its money. Of open ones: what is given back after a closing would count."""
    received = Payment.objects.filter(cash_round=OuterRef("pk")).order_by().values("cash_round")
    given_back = Refund.objects.filter(
        payment__order__store=OuterRef("store"),
        payment__method=Method.CASH,
        status=RefundStatus.DONE,
        done_by=OuterRef("driver"),
        done_at__gte=OuterRef("opened_at"),
    )
    nothing = Value(NOTHING, output_field=EUROS)
    taken = Coalesce(Subquery(received.annotate(sum=Sum("amount")).values("sum"), output_field=EUROS), nothing)
    back = Coalesce(
        Subquery(given_back.order_by().values("done_by").annotate(sum=Sum("amount")).values("sum"), output_field=EUROS),
        nothing,
    )
    found = rounds.select_related("driver").annotate(taken=taken - back)
    return [Standing(cash_round=each, taken=each.taken) for each in found]
