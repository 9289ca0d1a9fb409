"""The stock as its pages show it: what wants a look first, for how long it will do, what explains every quantity."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import connection
from django.db.models import QuerySet, Sum
from django.utils import timezone

from pizzeria.languages import in_alphabet, localized
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stores.models import Store

USE_DAYS = 14
"""What was used on so many days before today says how long the rest will do."""
CHART_DAYS = 14
LOUD = ("off_sale", "out", "low")
"""The states that want somebody, the most urgent first."""

USED = """
SELECT movement.item_id, -sum(movement.change)
FROM stock_movement AS movement JOIN stock_stockitem AS item ON item.id = movement.item_id
WHERE item.store_id = %(store)s AND movement.reason IN ('order', 'return')
  AND movement.created_at >= %(start)s AND movement.created_at < %(end)s
GROUP BY movement.item_id
"""

MOVED_BY_DAY = """
SELECT (created_at AT TIME ZONE 'Europe/Paris')::date AS day, sum(change)
FROM stock_movement WHERE item_id = %(item)s AND created_at >= %(start)s
GROUP BY day
"""

LEFT = """
WITH later AS (
    SELECT id, item_id, change, sum(change) OVER (PARTITION BY item_id ORDER BY id DESC) AS moved
    FROM stock_movement WHERE item_id = ANY(%(items)s) AND id >= %(first)s
)
SELECT later.id, item.available - later.moved + later.change
FROM later JOIN stock_stockitem AS item ON item.id = later.item_id WHERE later.id = ANY(%(shown)s)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the table. `daily` is what a day uses, in the ingredient's unit, on average and rounded up."""

    item: StockItem
    daily: int

    @property
    def days_left(self) -> int | None:
        """For how many whole days it will do; None where nobody has used any."""
        return self.item.available // self.daily if self.daily else None

    @property
    def is_loud(self) -> bool:
        return self.item.state in LOUD


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A movement, and the quantity that it left."""

    movement: Movement
    left: int


def stock_fingerprint(*, store: Store) -> str:
    """The same while every line of the store stands as it does."""
    rows = StockItem.objects.filter(store=store).order_by("pk")
    told = list(rows.values_list("pk", "available", "version"))
    return hashlib.blake2s(repr(told).encode(), digest_size=10).hexdigest()


def stock_lines(*, store: Store, at: datetime, words: str = "") -> list[Line]:
    """Every line whose name holds the words, what wants a look first."""
    today = timezone.localdate(at)
    items = StockItem.objects.filter(store=store).select_related("ingredient", "off_sale_by")
    used = _used(store, today - timedelta(days=USE_DAYS), today)
    lines = [Line(item=item, daily=-(-max(0, used.get(item.pk, 0)) // USE_DAYS)) for item in items]
    found = [line for line in lines if in_alphabet(words) in in_alphabet(localized(line.item.ingredient, "name"))]
    return sorted(found, key=lambda line: (_urgency(line), in_alphabet(localized(line.item.ingredient, "name"))))


def item_of(*, store: Store, pk: int) -> StockItem | None:
    return StockItem.objects.select_related("ingredient", "off_sale_by").filter(store=store, pk=pk).first()


def movements_of(
    *, store: Store, item: StockItem | None = None, reason: str = "", day: date | None = None, before: int | None = None
) -> QuerySet[Movement]:
    """What changed the store's quantities, the newest first; `before` is the movement at which a page ended."""
    found = Movement.objects.filter(item__store=store).select_related("item__ingredient", "acting_user")
    if item:
        found = found.filter(item=item)
    if reason:
        found = found.filter(reason=reason)
    if day:
        found = found.filter(created_at__gte=_midnight(day), created_at__lt=_midnight(day + timedelta(days=1)))
    return found.filter(pk__lt=before) if before else found


def explained(*, movements: Sequence[Movement]) -> list[Explained]:
    """Each of these movements with the quantity that it left: one query, whose cost is what came after the oldest."""
    if not movements:
        return []
    shown = [movement.pk for movement in movements]
    items = list({movement.item_id for movement in movements})
    with connection.cursor() as cursor:
        cursor.execute(LEFT, {"items": items, "first": min(shown), "shown": shown})
        left = dict(cursor.fetchall())
    return [Explained(movement=movement, left=left[movement.pk]) for movement in movements]


def quantities_by_day(*, item: StockItem, at: datetime) -> list[tuple[date, int]]:
    """What there was at the end of each of the last days, today's end being now."""
    today = timezone.localdate(at)
    first = today - timedelta(days=CHART_DAYS - 1)
    with connection.cursor() as cursor:
        cursor.execute(MOVED_BY_DAY, {"item": item.pk, "start": _midnight(first)})
        moved: Mapping[date, int] = {day: int(change) for day, change in cursor.fetchall()}
    found, left = [], item.available
    for back in range(CHART_DAYS):
        day = today - timedelta(days=back)
        found.append((day, max(0, left)))
        left -= moved.get(day, 0)
    return found[::-1]


def waiting_delivery(*, store: Store) -> dict[int, Proposal]:
    """What was proposed and has not come yet, by stock line: the oldest of each."""
    waiting = Proposal.objects.filter(item__store=store, received_at=None).order_by("-for_day")
    return {proposal.item_id: proposal for proposal in waiting}


def held_of_items(*, items: Collection[int], references: Collection[str]) -> dict[int, set[str]]:
    """Which of these orders (their references) hold something of these stock lines."""
    rows = (
        Movement.objects.filter(item__in=items, reference__in=references).order_by().values_list("item_id", "reference")
    )
    found: dict[int, set[str]] = {}
    for item_id, reference, change in rows.annotate(moved=Sum("change")):
        if change < 0:
            found.setdefault(item_id, set()).add(reference)
    return found


def _urgency(line: Line) -> int:
    return LOUD.index(line.item.state) if line.is_loud else len(LOUD)


def _used(store: Store, start: date, end: date) -> dict[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(USED, {"store": store.pk, "start": _midnight(start), "end": _midnight(end)})
        return {item: int(quantity) for item, quantity in cursor.fetchall()}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
