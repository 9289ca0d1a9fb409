"""The last 24 hours as lines: whole numbers, which every language writes the same in an SVG.

A minute that was not measured is a gap: no line goes through what nobody knows. Each point is the highest minute of
five, so that a minute in which everything stood still is seen from across the room.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from statistics import median

from django.conf import settings
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext_lazy

from pizzeria.backoffice.charts import HEIGHT, nice_ceiling
from pizzeria.supervision.models import Sample

HOURS = 24
HOURS_A_LABEL = 3
STEP = timedelta(minutes=5)
WIDTH = HOURS * 3600 // int(STEP.total_seconds())
"""One unit a step."""
NOW = timedelta(minutes=3)
"""What was measured before is not how it is now."""
PERCENT = Decimal(100)
MILLISECONDS = 1000

Words = str | Promise
Value = float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A figure of the samples: what it is called, and where it stands in a row of FIELDS."""

    name: Words
    field: str
    factor: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A graph: its title, its unit, its lines, where its scale ends, and from where on it is too much."""

    slug: str
    title: Words
    unit: Words
    series: tuple[Series, ...]
    top: Decimal | None = None
    limit: Callable[[], int] | None = None


A_MINUTE = gettext_lazy("par minute")
PLANS = (
    Plan(slug="cpu", title=gettext_lazy("Processeur"), unit="%", top=PERCENT, series=(Series(name=gettext_lazy("Processeur"), field="cpu"),)),
    Plan(slug="memory", title=gettext_lazy("Mémoire"), unit="%", top=PERCENT, series=(Series(name=gettext_lazy("Mémoire"), field="memory"),)),
    Plan(
        slug="disk", title=gettext_lazy("Disque"), unit="%", top=PERCENT,
        series=(Series(name=gettext_lazy("Disque"), field="disk"),),
        limit=lambda: settings.ALERT_DISK_FULL,
    ),
    Plan(
        slug="latency", title=gettext_lazy("Temps de réponse"), unit="ms",
        series=(
            Series(name=gettext_lazy("une requête sur deux (p50)"), field="p50", factor=MILLISECONDS),
            Series(name=gettext_lazy("19 requêtes sur 20 (p95)"), field="p95", factor=MILLISECONDS),
        ),
    ),
    Plan(
        slug="requests", title=gettext_lazy("Requêtes"), unit=A_MINUTE,
        series=(
            Series(name=gettext_lazy("répondues"), field="requests"),
            Series(name=gettext_lazy("en erreur (5xx)"), field="errors"),
        ),
    ),
    Plan(
        slug="orders", title=pgettext_lazy("graphique", "Commandes"), unit=A_MINUTE,
        series=(
            Series(name=gettext_lazy("passées"), field="orders"),
            Series(name=gettext_lazy("refusées"), field="refused"),
        ),
    ),
)  # fmt: skip
FIELDS = ("at", *(series.field for plan in PLANS for series in plan.series))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series, drawn and in figures; None where nothing was measured."""

    field: str
    name: str
    path: str
    low: Value
    middle: Value
    high: Value
    now: Value


@dataclass(frozen=True, slots=True, kw_only=True)
class Graph:
    slug: str
    title: str
    unit: str
    top: Decimal
    lines: list[Line]
    limit: int | None
    """The height at which it is too much."""

    @property
    def half(self) -> Decimal:
        return self.top / 2

    @property
    def now(self) -> Value:
        return self.lines[0].now


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """The graphs of the 24 hours that end with the hour that has begun."""

    graphs: list[Graph]
    labels: list[datetime]
    measured: int
    """How many minutes there are; the page has nothing to draw without one."""

    width: int = WIDTH
    height: int = HEIGHT

    @property
    def hours(self) -> str:
        """The upright lines of the grid, one a label."""
        step = WIDTH * HOURS_A_LABEL // HOURS
        return "".join(f"M{x} 0V{HEIGHT}" for x in range(0, WIDTH, step))


def last_day(*, at: datetime) -> Day:
    """One query. Labels are Paris's hours: on the nights on which a clock is changed, one is skipped or comes twice."""
    start = at.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    rows = list(Sample.objects.filter(at__gt=start, at__lte=at).order_by("at").values_list(*FIELDS))
    columns = dict(zip(FIELDS, zip(*rows, strict=True), strict=True)) if rows else {}
    moments: Sequence[datetime] = columns.get("at", ())
    places = [min(WIDTH - 1, (moment - start) // STEP) for moment in moments]
    is_now = bool(moments) and at - moments[-1] <= NOW
    hours = range(0, HOURS, HOURS_A_LABEL)
    return Day(
        graphs=[_graph(plan, columns, places, is_now=is_now) for plan in PLANS],
        labels=[timezone.localtime(start + timedelta(hours=hour)) for hour in hours],
        measured=len(rows),
    )


def _graph(plan: Plan, columns: Mapping[str, Sequence[Value]], places: Sequence[int], *, is_now: bool) -> Graph:
    series = [(each, _scaled(columns.get(each.field, ()), each.factor)) for each in plan.series]
    highest = max((value for _each, values in series for value in values if value is not None), default=0)
    top = plan.top or nice_ceiling(Decimal(highest))
    limit = plan.limit() if plan.limit else None
    return Graph(
        slug=plan.slug,
        title=str(plan.title),
        unit=str(plan.unit),
        top=top,
        lines=[_line(each, values, places, top, is_now=is_now) for each, values in series],
        limit=None if limit is None else _height(limit, top),
    )


def _scaled(values: Sequence[Value], factor: int) -> list[Value]:
    return [None if value is None else value * factor for value in values]


def _line(series: Series, values: Sequence[Value], places: Sequence[int], top: Decimal, *, is_now: bool) -> Line:
    measured = [value for value in values if value is not None]
    return Line(
        field=series.field,
        name=str(series.name),
        path="".join(_path(values, places, top)),
        low=min(measured, default=None),
        middle=median(measured) if measured else None,
        high=max(measured, default=None),
        now=values[-1] if is_now and values else None,
    )


def _path(values: Sequence[Value], places: Sequence[int], top: Decimal) -> Iterator[str]:
    """A point a step, joined to the one before only where that is the step just before. One alone is a dot."""
    highest: dict[int, float] = {}
    for value, place in zip(values, places, strict=True):
        if value is not None:
            highest[place] = max(value, highest.get(place, 0))
    for place, value in highest.items():
        joins = place - 1 in highest
        yield f"{'L' if joins else 'M'}{place} {_height(value, top)}{'' if joins else 'h0'}"


def _height(value: float, top: Decimal) -> int:
    return HEIGHT - min(HEIGHT, round(HEIGHT * value / float(top)))
