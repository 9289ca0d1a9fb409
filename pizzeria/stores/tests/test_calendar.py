"""Exceptional days, public holidays and the week: which of them a day's hours are."""

from datetime import date, datetime, time
from typing import Any

import pytest
from django.utils import translation

from pizzeria.stores.calendar import day_of, holiday_on
from pizzeria.stores.hours import PARIS, opening_of
from pizzeria.stores.models import OnHolidays, OpeningHours, SpecialDay, Store

BASTILLE_DAY = date(2026, 7, 14)
"""A Tuesday."""
USUAL, SHORT, NIGHT = (time(18), time(23)), (time(12), time(15)), (time(20), time(2))


def store(*special: SpecialDay, **columns: Any) -> Store:
    """Open from 18:00 to 23:00, on Sundays from 12:00 to 15:00."""
    found = Store(**{"pk": 1, "name": "Bastille", "postal_code": "75011"} | columns)
    week = [OpeningHours(weekday=day, opens=USUAL[0], closes=USUAL[1]) for day in range(6)]
    week.append(OpeningHours(weekday=6, opens=SHORT[0], closes=SHORT[1]))
    found._prefetched_objects_cache = {"opening_hours": week, "special_days": list(special)}  # type: ignore[attr-defined]
    return found


@pytest.mark.parametrize(
    ("does", "periods", "reason"),
    [
        (OnHolidays.USUAL, (USUAL,), ""),
        (OnHolidays.SUNDAY, (SHORT,), "Fête nationale"),
        (OnHolidays.CLOSED, (), "Fête nationale"),
    ],
)
def test_on_a_public_holiday_a_store_does_what_it_says(does: str, periods: tuple[Any, ...], reason: str) -> None:
    day = day_of(store=store(on_holidays=does), day=BASTILLE_DAY)
    assert (day.periods, day.reason) == (periods, reason)


def test_an_exceptional_day_goes_before_a_holiday_and_before_the_week() -> None:
    late = SpecialDay(day=BASTILLE_DAY, opens=NIGHT[0], closes=NIGHT[1], reason="Bal des pompiers")
    found = day_of(store=store(late, on_holidays=OnHolidays.CLOSED), day=BASTILLE_DAY)
    assert (found.periods, found.reason) == ((NIGHT,), "Bal des pompiers")


def test_a_closed_day_says_why_and_until_when() -> None:
    closed = SpecialDay(day=BASTILLE_DAY, reason="Travaux")
    noon = datetime(2026, 7, 14, 19, 0, tzinfo=PARIS)
    opening = opening_of(store=store(closed), at=noon)
    assert (opening.is_open, opening.reason) == (False, "Travaux")
    assert opening.opens_at == datetime(2026, 7, 15, 18, 0, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("postal_code", "is_one"), [("75011", False), ("67000", True), ("68100", True), ("57000", True)]
)
def test_saint_stephens_day_is_a_holiday_in_alsace_and_moselle_alone(postal_code: str, is_one: bool) -> None:  # noqa: FBT001 - a column
    assert bool(holiday_on(store=store(postal_code=postal_code), day=date(2026, 12, 26))) is is_one


def test_a_holiday_is_named_in_the_readers_language() -> None:
    with translation.override("en"):
        assert holiday_on(store=store(), day=date(2026, 12, 25)) == "Christmas Day"
    assert holiday_on(store=store(), day=date(2026, 12, 25)) == "Noël"
