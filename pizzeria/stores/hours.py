"""When a store is open. Hours are said in Paris wall time and compared as moments.

So that nothing odd happens on the two nights a year on which an hour is skipped or comes twice: a period
from 18:00 to 02:30 then simply lasts an hour less or more.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from pizzeria.stores.models import OpeningHours, Store

PARIS = ZoneInfo("Europe/Paris")
DAYS_AHEAD = 8

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A store's doors at a moment: open until when (None: round the clock), or closed until when."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


def is_open(*, store: Store, at: datetime) -> bool:
    """Whether `at` (aware) falls in one of the store's opening periods."""
    return any(start <= at < stop for start, stop in _spans(store.opening_hours.all(), at, days=1))


def next_opening(*, store: Store, at: datetime) -> datetime | None:
    """The next moment after `at`, within eight days, at which a period starts; None for a store without hours."""
    starts = (start for start, _stop in _spans(store.opening_hours.all(), at, days=DAYS_AHEAD) if start > at)
    first = min(starts, default=None)
    return first.astimezone(PARIS) if first else None


def opening_of(*, store: Store, at: datetime) -> Opening:
    if not is_open(store=store, at=at):
        return Opening(is_open=False, opens_at=next_opening(store=store, at=at))
    return Opening(is_open=True, until=_closes(store.opening_hours.all(), at))


def _closes(periods: Iterable[OpeningHours], at: datetime) -> datetime | None:
    """The end of the periods that follow one another from `at` on; None when a week has none."""
    end = at
    for start, stop in sorted(_spans(periods, at, days=DAYS_AHEAD)):
        if start <= end < stop:
            end = stop
    return None if end - at > timedelta(days=6) else end.astimezone(PARIS)


def _spans(periods: Iterable[OpeningHours], at: datetime, *, days: int) -> list[Span]:
    """The periods of the day before `at`, which may last into its day, and of `days` days from its day on."""
    today = at.astimezone(PARIS).date()
    dates = [today + timedelta(days=offset) for offset in range(-1, days)]
    return [_span(period, day) for period in periods for day in dates if day.weekday() == period.weekday]


def _span(period: OpeningHours, day: date) -> Span:
    # One that ends at or before its start runs past midnight (equal times: round the clock).
    past_midnight = period.closes <= period.opens
    return _moment(day, period.opens), _moment(day + timedelta(days=1 if past_midnight else 0), period.closes)


def _moment(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, tzinfo=PARIS).astimezone(UTC)
