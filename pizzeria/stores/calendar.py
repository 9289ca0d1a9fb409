"""What a day's hours are: exceptional days go before public holidays, these before the week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from django.conf import settings
from django.utils.translation import get_language
from holidays import country_holidays

from pizzeria.stores.models import OnHolidays, Store

SUNDAY = 6
HOLIDAYS_OF: Mapping[str, str] = {"57": "57", "67": "6AE", "68": "6AE"}
"""Where more days are holidays than in the rest of France, by the department: Moselle and Alsace (law of 1 August 1892)."""
WORDED_IN: Mapping[str, str] = {"fr": "fr", "en": "en_US"}
"""The library's languages by ours."""


@dataclass(frozen=True, slots=True)
class Day:
    """A day's periods in Paris wall time, none when it is closed, and why they are not the week's, as clients read it."""

    periods: tuple[tuple[time, time], ...]
    reason: str = ""


def day_of(*, store: Store, day: date) -> Day:
    """What the store does on a day."""
    if store.known_days is None:
        return _day_of(store, day)
    asked = day, get_language()
    known = store.known_days.get(asked)
    if known is None:
        known = store.known_days[asked] = _day_of(store, day)
    return known


def _day_of(store: Store, day: date) -> Day:
    special = [row for row in store.special_days.all() if row.day == day]
    if special:
        periods = tuple((row.opens, row.closes) for row in special if row.opens is not None and row.closes is not None)
        return Day(periods, next((row.reason for row in special if row.reason), ""))
    holiday = holiday_on(store=store, day=day) if store.on_holidays != OnHolidays.USUAL else ""
    if holiday and store.on_holidays == OnHolidays.CLOSED:
        return Day((), holiday)
    weekday = SUNDAY if holiday else day.weekday()
    return Day(_of_weekday(store, weekday), holiday)


def holiday_on(*, store: Store, day: date) -> str:
    """The public holiday that a day is where the store stands, in the reader's language; empty when it is none."""
    return holidays_of(store=store, year=day.year).get(day, "")


def holidays_of(*, store: Store, year: int) -> Mapping[date, str]:
    """The public holidays of a year where the store stands, in the reader's language. Shared: read only."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    return _table(HOLIDAYS_OF.get(store.postal_code[:2], ""), year, WORDED_IN.get(language, "fr"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingHoliday:
    """A public holiday, its name, and what the store does on it."""

    day: date
    name: str
    hours: Day


def coming_holidays(*, store: Store, since: date) -> list[ComingHoliday]:
    """The public holidays of the twelve months from a day on."""
    until = date(since.year + 1, since.month, 1)
    found = {**holidays_of(store=store, year=since.year), **holidays_of(store=store, year=since.year + 1)}
    return [
        ComingHoliday(day=day, name=name, hours=day_of(store=store, day=day))
        for day, name in sorted(found.items())
        if since <= day < until
    ]


def learn_holidays(*, year: int) -> None:
    """Read the library, which at its first question makes a class for every country of the world: a tenth of a second."""
    _table("", year, WORDED_IN["fr"])


@lru_cache(maxsize=64)
def _table(where: str, year: int, language: str) -> dict[date, str]:
    """Worked out once a year: Easter takes a millisecond, and every page asks whether the store is open."""
    return dict(country_holidays("FR", subdiv=where or None, years=year, language=language, expand=False))


def _of_weekday(store: Store, weekday: int) -> tuple[tuple[time, time], ...]:
    return tuple((period.opens, period.closes) for period in store.opening_hours.all() if period.weekday == weekday)
