"""cron's five fields: what they mean, the same for systemd (OnCalendar=), and when they are next due.

As Debian's cron has it: a day of the month and a day of the week that are both given are alternatives.
Hours are those of Paris.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pizzeria.stores.hours import PARIS

SHORTHANDS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
PART = re.compile(r"(?P<all>\*)?(?:(?P<low>[a-z0-9]+)(?:-(?P<high>[a-z0-9]+))?)?(?:/(?P<step>[0-9]{1,3}))?")
LONGEST_WAIT = timedelta(days=366 * 8)
"""From 29 February 2096 to that of 2104; what does not come by then never comes."""


class InvalidSchedule(ValueError):
    """These are not cron's five fields; the message says which one is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    label: str
    first: int
    last: int
    names: tuple[str, ...] = ()


MINUTE = Field(label=gettext_noop("minute"), first=0, last=59)
HOUR = Field(label=gettext_noop("heure"), first=0, last=23)
DAY = Field(label=gettext_noop("jour du mois"), first=1, last=31)
MONTH = Field(label=gettext_noop("mois"), first=1, last=12, names=MONTHS)
WEEKDAY = Field(label=gettext_noop("jour de la semaine"), first=0, last=7, names=WEEKDAYS)
FIELDS = (MINUTE, HOUR, DAY, MONTH, WEEKDAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The values of each field, sorted; Sunday is 0. A day that was left open does not choose the days."""

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: tuple[int, ...]
    months: tuple[int, ...]
    weekdays: tuple[int, ...]
    days_are_open: bool
    weekdays_are_open: bool

    @property
    def days_are_alternatives(self) -> bool:
        return not (self.days_are_open or self.weekdays_are_open)

    def falls_on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        chosen = (day.day in self.days, day.isoweekday() % 7 in self.weekdays)
        return any(chosen) if self.days_are_alternatives else all(chosen)


def parse(expression: str) -> Schedule:
    """Read `0 6 * * 1-5`, or a shorthand such as `@daily`. Raises InvalidSchedule."""
    texts = SHORTHANDS.get(expression.strip().lower(), expression).lower().split()
    if len(texts) != len(FIELDS):
        raise InvalidSchedule(
            _("« %(expression)s » n’a pas cinq champs : minute, heure, jour du mois, mois, jour de la semaine.")
            % {"expression": expression}
        )
    minutes, hours, days, months, weekdays = (_values(text, field) for text, field in zip(texts, FIELDS, strict=True))
    schedule = Schedule(
        minutes=minutes,
        hours=hours,
        days=days,
        months=months,
        weekdays=tuple(sorted({day % 7 for day in weekdays})),
        days_are_open=texts[2].startswith("*"),
        weekdays_are_open=texts[4].startswith("*"),
    )
    if next_run(schedule, after=datetime.now(UTC)) is None:
        raise InvalidSchedule(_("« %(expression)s » ne tombe jamais.") % {"expression": expression})
    return schedule


def on_calendar(schedule: Schedule) -> list[str]:
    """The OnCalendar= lines that are due exactly when cron's fields are."""
    weekdays = ",".join(WEEKDAYS[day].title() for day in schedule.weekdays)
    months, days = _listed(schedule.months, MONTH), _listed(schedule.days, DAY)
    at = f"{_listed(schedule.hours, HOUR)}:{_listed(schedule.minutes, MINUTE)}:00 {PARIS.key}"
    if schedule.days_are_alternatives:
        return [f"*-{months}-{days} {at}", f"{weekdays} *-{months}-* {at}"]
    week = f"{weekdays} " if len(schedule.weekdays) < len(WEEKDAYS) else ""
    return [f"{week}*-{months}-{days} {at}"]


def next_run(schedule: Schedule, *, after: datetime) -> datetime | None:
    """When systemd will start it next, in Paris; a time that a night in March skips is skipped that night."""
    day = after.astimezone(PARIS).date()
    for _day in range(LONGEST_WAIT.days):
        if schedule.falls_on(day):
            # In UTC: two times of one zone are compared by their clocks, whatever was done to the clocks.
            due = next((moment for moment in _moments(schedule, day) if moment.astimezone(UTC) > after), None)
            if due:
                return due
        day += timedelta(days=1)
    return None


def _moments(schedule: Schedule, day: date) -> Iterator[datetime]:
    for hour in schedule.hours:
        for minute in schedule.minutes:
            moment = datetime.combine(day, time(hour, minute), tzinfo=PARIS)
            if moment.astimezone(UTC).astimezone(PARIS).hour == hour:
                yield moment


def _values(text: str, field: Field) -> tuple[int, ...]:
    return tuple(sorted({value for part in text.split(",") for value in _part(part, field)}))


def _part(text: str, field: Field) -> range:
    found = PART.fullmatch(text)
    if not found or bool(found["all"]) == bool(found["low"]) or (found["step"] and not (found["all"] or found["high"])):
        raise _wrong(text, field)
    step = int(found["step"] or 1)
    if found["all"]:
        low, high = field.first, field.last
    else:
        low = _number(found["low"], field)
        high = _number(found["high"], field) if found["high"] else low
    if field is WEEKDAY and high == 0 < low:
        high = field.last  # Saturday to Sunday: the week's two ends are the same day
    if step == 0 or low > high:
        raise _wrong(text, field)
    return range(low, high + 1, step)


def _number(text: str, field: Field) -> int:
    if text in field.names:
        return field.names.index(text) + field.first
    if not text.isdecimal() or not field.first <= int(text) <= field.last:
        raise _wrong(text, field)
    return int(text)


def _wrong(text: str, field: Field) -> InvalidSchedule:
    words = {"text": text, "field": _(field.label), "first": field.first, "last": field.last}
    return InvalidSchedule(
        _("« %(text)s » ne convient pas au champ %(field)s, qui va de %(first)s à %(last)s (*, 1,2, 1-5, */2, 1-5/2).")
        % words
    )


def _listed(values: Collection[int], field: Field) -> str:
    if len(values) == field.last - field.first + 1:
        return "*"
    return ",".join(f"{value:02}" for value in values)
