"""Closing what is over: the day, the month, the year, each once and in order.

A closed period gets no entry any more: what comes late is of the first day that is open.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.ledger.chain import BEGINNING, Totals, digest, perpetual
from pizzeria.ledger.errors import NotItsTurn, PeriodNotOver
from pizzeria.ledger.models import Closing, Entry, Head, Period
from pizzeria.ledger.services import append_closing, lock_head
from pizzeria.stores.models import Store

ONE_DAY = timedelta(days=1)
COUNTED = ("number", "kind", "amount", "means", "vat")
BIGGER = {Period.DAY: Period.MONTH, Period.MONTH: Period.YEAR}
"""What may end with a period that is closed."""


def close_day(*, store: Store, day: date, at: datetime | None = None) -> Closing:
    """Close a day that is over, after the one before it; the closing that there is when it is closed already.

    Raises PeriodNotOver, and NotItsTurn when something else is to be closed first (`next_to_close`).
    """
    return _close(store=store, period=Period.DAY, starts_on=day, at=at or timezone.now())


def close_month(*, store: Store, month: date, at: datetime | None = None) -> Closing:
    """Close the month in which a day is, after the last of its days, as `close_day` does."""
    return _close(store=store, period=Period.MONTH, starts_on=month.replace(day=1), at=at or timezone.now())


def close_year(*, store: Store, year: int, at: datetime | None = None) -> Closing:
    """Close a calendar year, after its December, as `close_day` does."""
    return _close(store=store, period=Period.YEAR, starts_on=date(year, 1, 1), at=at or timezone.now())


def close_due(*, store: Store, at: datetime) -> list[Closing]:
    """Close everything that is over and still open, each in a transaction of its own; what was closed."""
    return list(_due(store, at))


def _due(store: Store, at: datetime) -> Iterator[Closing]:
    while (due := next_to_close(store=store)) and _is_over(*due, at=at):
        period, starts_on = due
        yield _close(store=store, period=period, starts_on=starts_on, at=at)


def next_to_close(*, store: Store) -> tuple[Period, date] | None:
    """What follows the last closing: after a month's last day the month, after December the year, otherwise a day.

    None while there is no journal.
    """
    last = Closing.objects.filter(store=store).order_by("-number").first()
    if last is None:
        first: date | None = Entry.objects.filter(store=store).aggregate(first=Min("day"))["first"]
        return (Period.DAY, first) if first else None
    period = BIGGER.get(Period(last.period))
    if period and last.ends_on == _end(period, starts_on := _start(period, last.ends_on)):
        return period, starts_on
    return Period.DAY, last.ends_on + ONE_DAY


@transaction.atomic
def _close(*, store: Store, period: Period, starts_on: date, at: datetime) -> Closing:
    # Two that close at once take turns; nothing is written in between.
    head = lock_head(store)
    closed = Closing.objects.filter(store=store, period=period, starts_on=starts_on).first()
    if closed:
        return closed
    _require_turn(store, period, starts_on, at)
    closing = _written(head, period, starts_on, at)
    append_closing(store=store, closing_hash=closing.hash, at=at)
    return closing


def _require_turn(store: Store, period: Period, starts_on: date, at: datetime) -> None:
    if not _is_over(period, starts_on, at=at):
        raise PeriodNotOver(_("Cette période n’est pas terminée : elle ne se clôt pas encore."))
    due = next_to_close(store=store)
    if due is None:
        raise NotItsTurn(_("Ce point de vente n’a encore rien dans son journal."))
    if due != (period, starts_on):
        words = {"period": due[0].label, "day": date_format(due[1])}
        raise NotItsTurn(_("La prochaine période à clore est : %(period)s, à partir du %(day)s.") % words)


def _written(head: Head, period: Period, starts_on: date, at: datetime) -> Closing:
    store, ends_on = head.store, _end(period, starts_on)
    totals, first, last = _totals(Entry.objects.filter(store=store, day__gte=starts_on, day__lte=ends_on))
    until = Entry.objects.filter(store=store, day__lte=ends_on).order_by("-number").first()
    closing = Closing(
        store=store,
        number=head.closing_number + 1,
        period=period,
        starts_on=starts_on,
        ends_on=ends_on,
        closed_at=at,
        first_number=first,
        last_number=last,
        last_hash=until.hash if until else BEGINNING,
        totals=totals.document(),
        perpetual=_perpetual(store, period, starts_on, ends_on, totals),
        previous=head.closing_hash,
    )
    closing.hash = digest(closing.document())
    closing.save(force_insert=True)
    return closing


def _perpetual(store: Store, period: Period, starts_on: date, ends_on: date, totals: Totals) -> dict[str, str]:
    """Those of the day before and the day's; a month and a year have their last day's."""
    days = Closing.objects.filter(store=store, period=Period.DAY)
    if period != Period.DAY:
        return perpetual(days.get(ends_on=ends_on).perpetual, Totals())
    before = days.filter(ends_on=starts_on - ONE_DAY).first()
    return perpetual(before.perpetual if before else None, totals)


def _totals(entries: Any) -> tuple[Totals, int | None, int | None]:
    """The sums of entries, and the first and last number."""
    totals, first, last = Totals(), None, None
    for row in entries.order_by("number").values(*COUNTED).iterator(chunk_size=2000):
        totals.add(row)
        first, last = first or row["number"], row["number"]
    return totals, first, last


def _start(period: Period, day: date) -> date:
    if period == Period.DAY:
        return day
    return day.replace(day=1) if period == Period.MONTH else day.replace(month=1, day=1)


def _end(period: Period, starts_on: date) -> date:
    if period == Period.DAY:
        return starts_on
    days = 31 if period == Period.MONTH else 366
    return _start(period, starts_on + timedelta(days=days)) - ONE_DAY


def _is_over(period: Period, starts_on: date, *, at: datetime) -> bool:
    return _end(period, starts_on) < timezone.localdate(at)
