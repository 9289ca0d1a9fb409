"""The evening at a glance: a store's quarters of an hour, what the ovens have of each and what orders hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pizzeria.ordering.baking import QUARTER, Quarter, quarter_of, quarters_between
from pizzeria.ordering.breakdowns import A_PLACE
from pizzeria.ordering.models import OvenSlot
from pizzeria.ordering.planning import capacity_of
from pizzeria.ordering.promise import fill
from pizzeria.stores.hours import next_opening, period_at
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import informed

BEFORE = timedelta(minutes=30)
AHEAD = timedelta(hours=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningQuarter:
    """A quarter of an hour in minutes of oven: what there is, what orders hold, what a broken oven took."""

    starts_at: datetime
    minutes: int
    reserved: int
    lost: int

    @property
    def free(self) -> int:
        return self.minutes - self.reserved


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """The quarters from a little before now until the doors shut, six hours at most; none where no opening is near."""

    quarters: Sequence[EveningQuarter]
    ends_at: datetime | None
    """When the doors shut; the end of what a rush may last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Places of the oven that are out of order, and until when they were said to be."""

    places: int
    until: datetime


def loss_of(*, store: Store, at: datetime) -> Loss | None:
    """What a broken oven takes from now on; None when everything bakes."""
    store = informed(store=store)
    rows = OvenSlot.objects.filter(store=store, starts_at__gte=quarter_of(at)).order_by("starts_at")
    lost = [(row.starts_at, capacity_of(store=store, starts_at=row.starts_at) - row.minutes) for row in rows]
    found = [(start, minutes) for start, minutes in lost if minutes >= A_PLACE]
    if not found:
        return None
    return Loss(places=max(minutes for _start, minutes in found) // A_PLACE, until=found[-1][0] + QUARTER)


def evening_of(*, store: Store, at: datetime) -> Evening:
    """One query, however much is reserved."""
    store = informed(store=store)
    begins = at
    period = period_at(store=store, at=at)
    if period is None:
        opens = next_opening(store=store, at=at)
        if opens is None or opens - at > AHEAD:
            return Evening(quarters=(), ends_at=None)
        begins, period = opens, period_at(store=store, at=opens)
    if period is None:
        return Evening(quarters=(), ends_at=None)
    first = quarter_of(max(period[0], begins - BEFORE))
    end = min(period[1], begins + AHEAD)
    rows = OvenSlot.objects.filter(store=store, starts_at__gte=first, starts_at__lt=end).order_by()
    known = [Quarter(*row) for row in rows.values_list("starts_at", "minutes", "reserved", "pk")]
    quarters = fill(store, quarters_between(first, end), known)
    return Evening(quarters=[_quarter(store, each) for each in quarters], ends_at=period[1])


def _quarter(store: Store, quarter: Quarter) -> EveningQuarter:
    usual = capacity_of(store=store, starts_at=quarter.starts_at)
    return EveningQuarter(
        starts_at=quarter.starts_at,
        minutes=quarter.minutes,
        reserved=quarter.reserved,
        lost=max(0, usual - quarter.minutes),
    )
