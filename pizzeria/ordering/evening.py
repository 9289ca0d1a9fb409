"""The evening at a glance: a store's quarters of an hour, what the ovens have of each and what orders hold."""

from collections.abc import Mapping, Sequence
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
    """A quarter of an hour in minutes of oven: what there is, what orders hold, what had passed unasked, what a broken oven took."""

    starts_at: datetime
    minutes: int
    reserved: int
    gone: int
    lost: int

    @property
    def free(self) -> int:
        return self.minutes - self.reserved - self.gone


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
    rows = OvenSlot.objects.filter(store=store, starts_at__gte=quarter_of(at), lost__gt=0).order_by("starts_at")
    found = list(rows.values_list("starts_at", "lost"))
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
    slots = {slot.starts_at: slot for slot in rows}
    known = [Quarter(slot.starts_at, slot.minutes, slot.reserved, slot.gone, slot.pk) for slot in slots.values()]
    quarters = fill(store, quarters_between(first, end), known)
    return Evening(quarters=[_quarter(store, each, slots) for each in quarters], ends_at=period[1])


def _quarter(store: Store, quarter: Quarter, slots: Mapping[datetime, OvenSlot]) -> EveningQuarter:
    slot = slots.get(quarter.starts_at)
    return EveningQuarter(
        starts_at=quarter.starts_at,
        minutes=quarter.minutes,
        reserved=quarter.reserved,
        gone=quarter.gone,
        # More places may be out of order than there are.
        lost=min(slot.lost, capacity_of(store=store, starts_at=slot.starts_at)) if slot else 0,
    )
