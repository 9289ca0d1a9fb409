"""When a store is open. Hours are said in Paris wall time and compared as moments.

So that nothing odd happens on the two nights a year on which an hour is skipped or comes twice: a period
from 18:00 to 02:30 then simply lasts an hour less or more. What a day's hours are: `calendar`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from pizzeria.stores.calendar import day_of
from pizzeria.stores.models import Store

PARIS = ZoneInfo("Europe/Paris")
DAYS_AHEAD = 8

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A store's doors at a moment: open until when (None: round the clock), or closed until when.

    `lasts_a_day`: it stays open for so long that `until` needs its day, the hour alone would be read as the next one.
    `reason` is why today is not a day like others: a holiday's name, or what the responsable wrote.
    """

    is_open: bool
    until: datetime | None = None
    lasts_a_day: bool = False
    opens_at: datetime | None = None
    reason: str = ""


def is_open(*, store: Store, at: datetime) -> bool:
    """Whether `at` (aware) falls in one of the store's opening periods."""
    return any(start <= at < stop for start, stop in _spans(store, at, days=1))


def next_opening(*, store: Store, at: datetime) -> datetime | None:
    """The next moment after `at`, within eight days, at which a period starts; None for a store without hours."""
    first = min((start for start, _stop in _spans(store, at, days=DAYS_AHEAD) if start > at), default=None)
    return first.astimezone(PARIS) if first else None


def opening_of(*, store: Store, at: datetime) -> Opening:
    reason = day_of(store=store, day=at.astimezone(PARIS).date()).reason
    if not is_open(store=store, at=at):
        return Opening(is_open=False, opens_at=next_opening(store=store, at=at), reason=reason)
    until = _closes(_spans(store, at, days=DAYS_AHEAD), at)
    lasts_a_day = until is not None and until - at >= timedelta(days=1)
    return Opening(is_open=True, until=until, lasts_a_day=lasts_a_day, reason=reason)


def period_at(*, store: Store, at: datetime, days: int = 2) -> Span | None:
    """The opening period that `at` falls in, as far as `days` days ahead; those that follow one another are one."""
    return next((span for span in periods(store=store, at=at, days=days) if span[0] <= at < span[1]), None)


def periods(*, store: Store, at: datetime, days: int) -> list[Span]:
    """The opening periods from the day before `at` on, for `days` days; those that follow one another are one."""
    joined: list[Span] = []
    for start, stop in sorted(_spans(store, at, days=days)):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], stop))
        else:
            joined.append((start, stop))
    return joined


def _closes(spans: Iterable[Span], at: datetime) -> datetime | None:
    """The end of the periods that follow one another from `at` on; None when a week has none."""
    end = at
    for start, stop in sorted(spans):
        if start <= end < stop:
            end = stop
    return None if end - at > timedelta(days=6) else end.astimezone(PARIS)


def _spans(store: Store, at: datetime, *, days: int) -> list[Span]:
    """The periods of the day before `at`, which may last into its day, and of `days` days from its day on. Read only."""
    today = at.astimezone(PARIS).date()
    if store.known_spans is None:
        return _spans_from(store, today, days)
    known = store.known_spans.get((today, days))
    if known is None:
        known = store.known_spans[today, days] = _spans_from(store, today, days)
    return known


def _spans_from(store: Store, today: date, days: int) -> list[Span]:
    dates = [today + timedelta(days=offset) for offset in range(-1, days)]
    return [_span(opens, closes, day) for day in dates for opens, closes in day_of(store=store, day=day).periods]


@lru_cache(maxsize=4096)
def _span(opens: time, closes: time, day: date) -> Span:
    # Every promise asks for the same few: turning wall time into moments is most of it.
    # One that ends at or before its start runs past midnight (equal times: round the clock).
    past_midnight = closes <= opens
    return _moment(day, opens), _moment(day + timedelta(days=1 if past_midnight else 0), closes)


def _moment(day: date, wall: time) -> datetime:
    return datetime.combine(day, wall, tzinfo=PARIS).astimezone(UTC)
