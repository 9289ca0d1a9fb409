"""All the points of sale at a moment, side by side: a fixed number of questions, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, Min, Prefetch, QuerySet, Sum
from django.utils import timezone

from pizzeria.money import NOTHING
from pizzeria.ordering.baking import Quarter, quarter_of, quarters_between
from pizzeria.ordering.day import WEEKS, ovens_of, stock_to_watch
from pizzeria.ordering.models import DaySales, Order, Review
from pizzeria.ordering.order_list import late_at
from pizzeria.ordering.planning import FIRST_LOOK, SEARCH, Wish, at_once
from pizzeria.ordering.promise import fill
from pizzeria.ordering.staff_selectors import Figures, figures_of
from pizzeria.stores.hours import Opening, opening_of
from pizzeria.stores.models import Rush, Store
from pizzeria.stores.rush import rush_at
from pizzeria.stores.selectors import hours_of

OVENS_AHEAD = timedelta(hours=1)
QUARTERS_AN_HOUR = 4
TWO_PIZZAS = 6
"""Minutes of oven."""
REVIEWS_OF = timedelta(days=30)
MANY_LATE = 3
LONG_LATE = 10
"""Minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stars:
    """What clients said in the last thirty days."""

    average: float
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreNow:
    """A point of sale at a moment. Money in euros; `usual` is a whole day's turnover of this weekday, on average."""

    store: Store
    figures: Figures
    opening: Opening
    longest_late: int
    """Minutes that the latest order is late by."""
    rush: Rush | None
    ready_at: datetime | None
    """What two pizzas ordered now would be promised for, at the counter; None when they cannot be made before it closes."""
    oven_free: int
    oven_all: int
    """Minutes of oven of the next hour: those that nobody holds yet, and all."""
    usual: Decimal
    short: int
    """Ingredients that have run out or stand below their threshold."""
    stars: Stars | None

    @property
    def is_paused(self) -> bool:
        return self.rush is not None and self.rush.minutes is None

    @property
    def oven_percent(self) -> int:
        """How much of the next hour's oven is taken."""
        return 100 - round(100 * self.oven_free / self.oven_all) if self.oven_all else 100

    @property
    def of_usual(self) -> int:
        """Today's turnover so far, in percent of a usual day's."""
        return round(100 * self.figures.turnover / self.usual) if self.usual else 0

    @property
    def trouble(self) -> tuple[int, ...]:
        """What sorts the worst first: orders late, a pause, a full oven, a rush, missing stock, then how much goes on."""
        is_open = self.opening.is_open
        return (
            self.figures.late,
            self.longest_late,
            int(self.is_paused),
            int(is_open and self.oven_free <= 0),
            int(self.rush is not None),
            self.short,
            int(is_open),
            self.figures.open,
        )

    @property
    def is_troubled(self) -> bool:
        """Whether somebody has to act: clients wait much longer than promised, or none can order."""
        is_full = self.opening.is_open and self.oven_free <= 0
        return self.figures.late >= MANY_LATE or self.longest_late >= LONG_LATE or self.is_paused or is_full

    @property
    def is_to_watch(self) -> bool:
        return bool(self.figures.late or self.rush)


def stores_now(*, stores: QuerySet[Store], at: datetime) -> list[StoreNow]:
    """These stores at a moment, the one in most trouble first."""
    running = Prefetch("rushes", Rush.objects.filter(ends_at__gt=at))
    found = list(stores.prefetch_related(*hours_of(), "oven_hours", running))
    ids = [store.pk for store in found]
    figures, late, quarters = figures_of(store_ids=ids, at=at), _longest_late(ids, at), _quarters(ids, at)
    usual, short, stars = _usual(ids, timezone.localdate(at)), _short(ids), _stars(ids, at)
    rows = []
    for store in found:
        next_hour = fill(store, quarters_between(at, at + OVENS_AHEAD), quarters[store.pk])[:QUARTERS_AN_HOUR]
        rows.append(
            StoreNow(
                store=store,
                figures=figures[store.pk],
                opening=opening_of(store=store, at=at) if store.is_active else Opening(is_open=False),
                longest_late=late.get(store.pk, 0),
                rush=rush_at(store=store, at=at),
                ready_at=_ready_at(store, at, quarters[store.pk]),
                oven_free=sum(quarter.minutes - quarter.reserved for quarter in next_hour),
                oven_all=sum(quarter.minutes for quarter in next_hour),
                usual=usual.get(store.pk, NOTHING),
                short=short.get(store.pk, 0),
                stars=stars.get(store.pk),
            )
        )
    return sorted(rows, key=lambda row: row.trouble, reverse=True)


def _quarters(store_ids: Sequence[int], at: datetime) -> defaultdict[int, list[Quarter]]:
    """The quarter-hours of ovens that somebody has asked for, as far ahead as a promise looks, by store."""
    rows = ovens_of(store_ids=store_ids, start=quarter_of(at), stop=at + FIRST_LOOK + SEARCH).order_by()
    found: defaultdict[int, list[Quarter]] = defaultdict(list)
    for slot in rows:
        found[slot.store_id].append(Quarter(slot.starts_at, slot.minutes, slot.reserved, slot.gone, slot.pk))
    return found


def _ready_at(store: Store, at: datetime, quarters: Sequence[Quarter]) -> datetime | None:
    """The promise at the counter of two pizzas that would be ordered now."""
    wish = Wish(store=store, oven_minutes=TWO_PIZZAS, zone=None, at=at)
    promise = at_once(wish, lambda first, end, _stop: fill(store, quarters_between(first, end), quarters), begin=at)
    return promise.promised_at if promise else None


def _longest_late(store_ids: Collection[int], at: datetime) -> dict[int, int]:
    late = Order.objects.filter(late_at(at), store_id__in=store_ids).order_by()
    rows = late.values_list("store_id").annotate(due=Min("promised_at"))
    return {store_id: int((at - due).total_seconds() // 60) for store_id, due in rows}


def _usual(store_ids: Collection[int], today: date) -> dict[int, Decimal]:
    weekdays = [today - timedelta(weeks=back) for back in range(1, WEEKS + 1)]
    rows = DaySales.objects.filter(store_id__in=store_ids, day__in=weekdays).order_by()
    sums: defaultdict[int, dict[date, Decimal]] = defaultdict(dict)
    for store_id, day, turnover in rows.values_list("store_id", "day").annotate(sum=Sum("turnover")):
        sums[store_id][day] = turnover
    return {store_id: sum(days.values(), NOTHING) / len(days) for store_id, days in sums.items()}


def _short(store_ids: Sequence[int]) -> dict[int, int]:
    items = stock_to_watch(store_ids=store_ids).order_by().select_related(None)
    return dict(items.values_list("store_id").annotate(count=Count("pk")))


def _stars(store_ids: Collection[int], at: datetime) -> dict[int, Stars]:
    said = Review.objects.filter(order__store_id__in=store_ids, at__gte=at - REVIEWS_OF).order_by()
    rows = said.values_list("order__store_id").annotate(average=Avg("stars"), count=Count("pk"))
    return {store_id: Stars(average=average, count=count) for store_id, average, count in rows}


def mark_of(rows: Sequence[StoreNow]) -> str:
    """The same while the page of these stores would say the same; the hour of a promise to the minute."""
    return repr([_told(row) for row in rows])


def _told(row: StoreNow) -> tuple[object, ...]:
    rush = (row.rush.pk, row.rush.ends_at) if row.rush else None
    kitchen = (row.opening, rush, row.ready_at, row.oven_free, row.oven_all)
    return row.store.pk, row.figures, row.longest_late, *kitchen, row.usual, row.short, row.stars
