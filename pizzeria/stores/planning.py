"""Planning the service of a store: its week, exceptional days, holidays, ovens and zones.

Whoever plans says by a mark what they saw; when something else stands by now, nothing is written and `ServiceChanged`
holds what stands. The store's row is locked first, so that of two who save at once the second is told.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from decimal import Decimal
from itertools import pairwise
from typing import Generic, TypeVar

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.stores.errors import InvalidService, ServiceChanged
from pizzeria.stores.models import DeliveryZone, OnHolidays, OpeningHours, OvenHour, RoadHour, SpecialDay, Store

T = TypeVar("T")
DAY_MINUTES = 24 * 60
WEEK_MINUTES = 7 * DAY_MINUTES
NIGHT_ENDS = 6
"""The hour at which a day begins where hours are listed."""


@dataclass(frozen=True, slots=True, order=True)
class Hours:
    """From when to when a store is open, Paris wall time; past midnight when it closes at or before it opens."""

    opens: time
    closes: time

    @property
    def minutes(self) -> tuple[int, int]:
        """Start and end in minutes of the day, the end above 1440 past midnight."""
        start, end = (each.hour * 60 + each.minute for each in (self.opens, self.closes))
        return start, end if end > start else end + DAY_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class DayPlan:
    """An exceptional day: its hours, none when it is closed, and the reason that clients read."""

    reason: str = ""
    hours: tuple[Hours, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OvenPlan:
    """Minutes of oven an hour: the usual ones, and those of hours that differ, by (weekday, hour); minutes to prepare."""

    usual: int
    preparation: int
    differing: Mapping[tuple[int, int], int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ZonePlan:
    """What a delivery to a postal code costs in euros, and takes in minutes; `by_hour` where an hour differs."""

    postal_code: str
    fee: Decimal
    minimum_order: Decimal
    free_from: Decimal | None
    minutes: int
    by_hour: Mapping[int, int] = field(default_factory=dict)


Week = Mapping[int, tuple[Hours, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen(Generic[T]):
    """What stands, and the mark by which whoever changes it says that this is what they saw."""

    stands: T

    @property
    def mark(self) -> str:
        return hashlib.blake2s(repr(self.stands).encode(), digest_size=10).hexdigest()


def week_of(*, store: Store) -> Seen[Week]:
    """The hours of each weekday, 0 being Monday."""
    periods = OpeningHours.objects.filter(store=store).order_by("opens").values_list("weekday", "opens", "closes")
    found: dict[int, tuple[Hours, ...]] = dict.fromkeys(range(7), ())
    for weekday, opens, closes in periods:
        found[weekday] += (Hours(opens, closes),)
    return Seen(stands=found)


def day_plans_of(*, store: Store, since: date) -> dict[date, DayPlan]:
    """The exceptional days from a day on."""
    found: dict[date, DayPlan] = {}
    for row in SpecialDay.objects.filter(store=store, day__gte=since):
        known = found.get(row.day, DayPlan(reason=row.reason))
        more = (Hours(row.opens, row.closes),) if row.opens and row.closes else ()
        found[row.day] = DayPlan(reason=known.reason or row.reason, hours=known.hours + more)
    return found


def day_plan_of(*, store: Store, day: date) -> Seen[DayPlan | None]:
    """What is planned for a day; None for a day like any other."""
    return Seen(stands=day_plans_of(store=store, since=day).get(day))


def on_holidays_of(*, store: Store) -> Seen[str]:
    return Seen(stands=Store.objects.values_list("on_holidays", flat=True).get(pk=store.pk))


def oven_plan_of(*, store: Store) -> Seen[OvenPlan]:
    usual, preparation = Store.objects.values_list("oven_minutes", "preparation_minutes").get(pk=store.pk)
    rows = OvenHour.objects.filter(store=store).values_list("weekday", "hour", "minutes")
    differing = {(weekday, hour): minutes for weekday, hour, minutes in rows}
    return Seen(stands=OvenPlan(usual=usual, preparation=preparation, differing=differing))


def zone_plans_of(*, store: Store) -> dict[str, ZonePlan]:
    """The zones by postal code."""
    zones = DeliveryZone.objects.filter(store=store).prefetch_related("road_hours")
    return {zone.postal_code: _zone_plan(zone) for zone in zones}


def zone_plan_of(*, store: Store, postal_code: str) -> Seen[ZonePlan | None]:
    """One zone; None where the store does not deliver."""
    zone = DeliveryZone.objects.filter(store=store, postal_code=postal_code).prefetch_related("road_hours").first()
    return Seen(stands=_zone_plan(zone) if zone else None)


@transaction.atomic
def plan_week(*, store: Store, week: Week, seen: str) -> None:
    """Give the store these hours. Raises InvalidService for hours that overlap, and ServiceChanged."""
    _require_apart(week)
    if not is_to_write(store, week, seen, lambda: week_of(store=store)):
        return
    OpeningHours.objects.filter(store=store).delete()
    OpeningHours.objects.bulk_create(
        OpeningHours(store=store, weekday=day, opens=each.opens, closes=each.closes)
        for day, hours in week.items()
        for each in hours
    )


@transaction.atomic
def plan_day(*, store: Store, day: date, plan: DayPlan | None, seen: str) -> None:
    """Give a day hours of its own, or by None those of any other. Raises InvalidService and ServiceChanged."""
    _require_apart({0: plan.hours if plan else ()})
    if not is_to_write(store, plan, seen, lambda: day_plan_of(store=store, day=day)):
        return
    SpecialDay.objects.filter(store=store, day=day).delete()
    if plan is None:
        return
    closed: list[tuple[time | None, time | None]] = [(None, None)]
    periods = [(each.opens, each.closes) for each in plan.hours] or closed
    SpecialDay.objects.bulk_create(
        SpecialDay(store=store, day=day, opens=opens, closes=closes, reason=plan.reason) for opens, closes in periods
    )


@transaction.atomic
def plan_holidays(*, store: Store, on_holidays: str, seen: str) -> None:
    """Say what the store does on public holidays. Raises ServiceChanged."""
    wanted = OnHolidays(on_holidays).value
    if is_to_write(store, wanted, seen, lambda: on_holidays_of(store=store)):
        Store.objects.filter(pk=store.pk).update(on_holidays=wanted)


@transaction.atomic
def plan_ovens(*, store: Store, plan: OvenPlan, seen: str) -> None:
    """Say what the ovens take. Raises ServiceChanged. What orders hold already is `ordering.planned_hours`' to keep."""
    if not is_to_write(store, plan, seen, lambda: oven_plan_of(store=store)):
        return
    Store.objects.filter(pk=store.pk).update(oven_minutes=plan.usual, preparation_minutes=plan.preparation)
    OvenHour.objects.filter(store=store).delete()
    OvenHour.objects.bulk_create(
        OvenHour(store=store, weekday=weekday, hour=hour, minutes=minutes)
        for (weekday, hour), minutes in plan.differing.items()
    )


@transaction.atomic
def plan_zone(*, store: Store, postal_code: str, plan: ZonePlan | None, seen: str) -> None:
    """Deliver to a postal code on these terms, or by None no more. Raises ServiceChanged."""
    if not is_to_write(store, plan, seen, lambda: zone_plan_of(store=store, postal_code=postal_code)):
        return
    if plan is None:
        DeliveryZone.objects.filter(store=store, postal_code=postal_code).delete()
        return
    terms = {name: getattr(plan, name) for name in ("fee", "minimum_order", "free_from", "minutes")}
    zone, _is_new = DeliveryZone.objects.update_or_create(store=store, postal_code=postal_code, defaults=terms)
    RoadHour.objects.filter(zone=zone).delete()
    RoadHour.objects.bulk_create(
        RoadHour(zone=zone, hour=hour, minutes=minutes) for hour, minutes in plan.by_hour.items()
    )


def served_hours(*, week: Week, besides: Iterable[int] = ()) -> list[int]:
    """The hours of the day in which the store is open on some weekday, and these `besides`; a night goes after its evening."""
    found = set(besides)
    for hours in week.values():
        for each in hours:
            start, end = each.minutes
            found |= {minute // 60 % 24 for minute in range(start - start % 60, end, 60)}
    return sorted(found, key=lambda hour: (hour < NIGHT_ENDS, hour))


def _zone_plan(zone: DeliveryZone) -> ZonePlan:
    return ZonePlan(
        postal_code=zone.postal_code,
        fee=zone.fee,
        minimum_order=zone.minimum_order,
        free_from=zone.free_from,
        minutes=zone.minutes,
        by_hour={each.hour: each.minutes for each in zone.road_hours.all()},
    )


def is_to_write(store: Store, wanted: T, seen: str, read: Callable[[], Seen[T]]) -> bool:
    """Whether there is something to write: not what stands already, as after a second tap.

    Raises ServiceChanged when what stands is not what was seen. Two who save at once take turns at the store's row.
    """
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    now = read()
    if now.stands == wanted:
        return False
    if now.mark != seen:
        raise ServiceChanged(_("Quelqu’un l’a modifié entre-temps."), now)
    return True


def _require_apart(week: Week) -> None:
    """Refuse hours that begin before those before them have ended, from one day into the next included."""
    spans = sorted(_spans(week))
    # After Sunday comes Monday.
    around = [*spans, *((start + WEEK_MINUTES, end + WEEK_MINUTES) for start, end in spans[:1])]
    if any(after[0] < before[1] for before, after in pairwise(around)):
        raise InvalidService(_("Deux périodes d’ouverture se chevauchent."))


def _spans(week: Week) -> Iterable[tuple[int, int]]:
    for day, hours in week.items():
        for each in hours:
            start, end = each.minutes
            yield day * DAY_MINUTES + start, day * DAY_MINUTES + end


def differences(mine: Mapping[str, str], theirs: Mapping[str, str]) -> Sequence[tuple[str, str, str]]:
    """What two people said of the same things, where it differs: the thing, mine, theirs."""
    names = [*mine, *(name for name in theirs if name not in mine)]
    found = [(name, mine.get(name, ""), theirs.get(name, "")) for name in names]
    return [(name, said, stands) for name, said, stands in found if said != stands]
