"""All the points of sale at a moment, side by side: a fixed number of questions, however many there are."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Avg, Count, Min, QuerySet, Sum
from django.utils import timezone

from pizzeria.money import NOTHING
from pizzeria.ordering.day import WEEKS, ovens_of, stock_to_watch
from pizzeria.ordering.models import DaySales, Order, OvenSlot, Review
from pizzeria.ordering.order_list import late_at
from pizzeria.ordering.staff_selectors import Figures, figures_of
from pizzeria.stores.hours import Opening, opening_of
from pizzeria.stores.models import Rush, Store

OVENS_AHEAD = timedelta(hours=1)
QUARTER = timedelta(minutes=15)
QUARTERS_AN_HOUR = 4
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
    ready_at: datetime
    """When an order placed now would stand ready at the counter."""
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
    found = list(stores.prefetch_related("opening_hours", "special_days", "oven_hours"))
    ids = [store.pk for store in found]
    figures, late = figures_of(store_ids=ids, at=at), _longest_late(ids, at)
    rushes, slots = _rushes(ids, at), _slots(ids, at)
    usual, short, stars = _usual(ids, timezone.localdate(at)), _short(ids), _stars(ids, at)
    rows = []
    for store in found:
        minutes = [_of_quarter(store, start, slots) for start in _quarters(at)]
        rush = rushes.get(store.pk)
        rows.append(
            StoreNow(
                store=store,
                figures=figures[store.pk],
                opening=opening_of(store=store, at=at),
                longest_late=late.get(store.pk, 0),
                rush=rush,
                ready_at=_ready_at(store, at, minutes, rush),
                oven_free=sum(all_minutes - held for all_minutes, held in minutes),
                oven_all=sum(all_minutes for all_minutes, _held in minutes),
                usual=usual.get(store.pk, NOTHING),
                short=short.get(store.pk, 0),
                stars=stars.get(store.pk),
            )
        )
    return sorted(rows, key=lambda row: row.trouble, reverse=True)


Slots = dict[tuple[int, datetime], OvenSlot]


def _quarters(at: datetime) -> list[datetime]:
    """The quarter-hours of the next hour, the one that runs now first."""
    first = at - timedelta(minutes=at.minute % 15, seconds=at.second, microseconds=at.microsecond)
    return [first + QUARTER * number for number in range(QUARTERS_AN_HOUR)]


def _slots(store_ids: Sequence[int], at: datetime) -> Slots:
    quarters = _quarters(at)
    rows = ovens_of(store_ids=store_ids, start=quarters[0], stop=quarters[-1] + QUARTER)
    return {(slot.store_id, slot.starts_at): slot for slot in rows}


def _of_quarter(store: Store, start: datetime, slots: Slots) -> tuple[int, int]:
    """The minutes of oven of a quarter-hour, and how many are held; a slot that nobody asked for has none yet."""
    slot = slots.get((store.pk, start))
    if slot:
        return slot.minutes, slot.reserved
    local = timezone.localtime(start)
    of_hour = (each for each in store.oven_hours.all() if (each.weekday, each.hour) == (local.weekday(), local.hour))
    special = next(of_hour, None)
    return (special.minutes if special else store.oven_minutes) // QUARTERS_AN_HOUR, 0


def _ready_at(store: Store, at: datetime, minutes: Sequence[tuple[int, int]], rush: Rush | None) -> datetime:
    """What the kitchen's usual time, the queue at the oven and the rush make of now; an order's own promise is `promise`'s."""
    usual = at + timedelta(minutes=store.preparation_minutes)
    full = 0
    for all_minutes, held in minutes:
        if held < all_minutes:
            break
        full += 1
    queued = _quarters(at)[0] + QUARTER * full
    more = timedelta(minutes=rush.minutes or 0) if rush else timedelta(0)
    return max(usual, queued) + more


def _longest_late(store_ids: Collection[int], at: datetime) -> dict[int, int]:
    late = Order.objects.filter(late_at(at), store_id__in=store_ids).order_by()
    rows = late.values_list("store_id").annotate(due=Min("promised_at"))
    return {store_id: int((at - due).total_seconds() // 60) for store_id, due in rows}


def _rushes(store_ids: Collection[int], at: datetime) -> dict[int, Rush]:
    """The rush of each store that is in one: the newest wins."""
    running = Rush.objects.filter(store_id__in=store_ids, starts_at__lte=at, ends_at__gt=at)
    return {rush.store_id: rush for rush in running.order_by("starts_at", "pk")}


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
    minute = row.ready_at.replace(second=0, microsecond=0)
    kitchen = (row.opening, rush, minute, row.oven_free, row.oven_all)
    return row.store.pk, row.figures, row.longest_late, *kitchen, row.usual, row.short, row.stars
