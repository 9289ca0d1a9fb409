"""A schedule in words, for who checks it: « chaque jour à 06:00 »."""

from django.utils.dates import MONTHS, WEEKDAYS
from django.utils.translation import gettext as _

from pizzeria.operations.crontab import DAY, HOUR, MINUTE, MONTH, Schedule
from pizzeria.operations.crontab import WEEKDAYS as WEEK

MOST_TIMES = 6
"""More times a day than this are not listed one by one."""


def in_words(schedule: Schedule) -> str:
    days = _days(schedule)
    if len(schedule.months) < MONTH.last:
        months = ", ".join(str(MONTHS[month]) for month in schedule.months)
        days = _("%(days)s, en %(months)s") % {"days": days, "months": months}
    return f"{days} {_times(schedule)}"


def _days(schedule: Schedule) -> str:
    by_month = _("le %(days)s du mois") % {"days": ", ".join(map(str, schedule.days))}
    # Django's week begins on Monday, cron's on Sunday.
    names = ", ".join(str(WEEKDAYS[(day - 1) % 7]).lower() for day in schedule.weekdays)
    by_week = _("le %(days)s") % {"days": names}
    if schedule.days_are_alternatives:
        return _("%(one)s ou %(other)s") % {"one": by_month, "other": by_week}
    some_days, some_weekdays = len(schedule.days) < DAY.last, len(schedule.weekdays) < len(WEEK)
    if some_days and some_weekdays:
        return _("%(one)s si c’est %(other)s") % {"one": by_month, "other": by_week}
    if some_days:
        return by_month
    return by_week if some_weekdays else _("chaque jour")


def _times(schedule: Schedule) -> str:
    every_hour, every_minute = len(schedule.hours) > HOUR.last, len(schedule.minutes) > MINUTE.last
    if len(schedule.hours) * len(schedule.minutes) <= MOST_TIMES:
        times = ", ".join(f"{hour:02}:{minute:02}" for hour in schedule.hours for minute in schedule.minutes)
        return _("à %(times)s") % {"times": times}
    minutes = (
        _("à chaque minute") if every_minute else _("à la minute %(minutes)s") % {"minutes": _list(schedule.minutes)}
    )
    if every_hour:
        return minutes if every_minute else _("%(minutes)s de chaque heure") % {"minutes": minutes}
    return _("%(minutes)s des heures %(hours)s") % {"minutes": minutes, "hours": _list(schedule.hours)}


def _list(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values))
