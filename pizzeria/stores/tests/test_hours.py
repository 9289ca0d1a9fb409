"""When a point of sale is open: midnight, lunch breaks and the two odd nights of the year."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizzeria.stores.hours import PARIS, _closes, _spans, is_open, next_opening, opening_of
from pizzeria.stores.models import OpeningHours, SpecialDay, Store
from tests.cast import House

MONDAY, FRIDAY, SATURDAY, SUNDAY = 0, 4, 5, 6


@pytest.fixture
def store(house: House) -> Store:
    """Lunch and dinner on Friday, from 18:00 to 02:30 on Saturday, closed on the other days."""
    house.bastille.opening_hours.all().delete()
    for weekday, opens, closes in (
        (FRIDAY, time(11, 30), time(14)),
        (FRIDAY, time(18, 30), time(0)),
        (SATURDAY, time(18), time(2, 30)),
    ):
        OpeningHours.objects.create(store=house.bastille, weekday=weekday, opens=opens, closes=closes)
    return house.bastille


def _paris(day: str, clock: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=PARIS, fold=fold)


@pytest.mark.parametrize(
    ("day", "clock", "is_it"),
    [
        ("2026-11-27", "11:29:59", False),
        ("2026-11-27", "11:30", True),
        ("2026-11-27", "13:59:59", True),
        ("2026-11-27", "14:00", False),
        ("2026-11-27", "23:59:59", True),
        ("2026-11-28", "00:00", False),  # Friday's dinner ends at midnight
        ("2026-11-28", "02:00", False),  # 02:30 is the end of Saturday's night, not of Friday's
        ("2026-11-28", "18:00", True),
        ("2026-11-29", "00:00", True),  # Sunday morning belongs to Saturday's night
        ("2026-11-29", "02:29:59", True),
        ("2026-11-29", "02:30", False),
        ("2026-11-29", "18:00", False),
    ],
)
def test_a_store_is_open_in_its_periods_and_not_a_second_longer(
    store: Store,
    day: str,
    clock: str,
    is_it: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert is_open(store=store, at=_paris(day, clock)) is is_it


def test_the_servers_own_time_zone_does_not_matter(store: Store) -> None:
    noon = _paris("2026-11-27", "12:00")
    for zone in ("UTC", "America/Guadeloupe", "Pacific/Auckland"):
        assert is_open(store=store, at=noon.astimezone(ZoneInfo(zone)))


def test_the_night_that_loses_an_hour_is_an_hour_shorter(store: Store) -> None:
    # 29 March 2026: 02:00 becomes 03:00. 02:30 does not exist: the night ends as long after midnight as ever.
    assert is_open(store=store, at=_paris("2026-03-29", "01:59"))
    assert is_open(store=store, at=_paris("2026-03-29", "03:29"))
    assert not is_open(store=store, at=_paris("2026-03-29", "03:30"))


def test_the_night_that_gains_an_hour_closes_once(store: Store) -> None:
    # 25 October 2026: 03:00 becomes 02:00, so that 02:15 comes twice. Closed at the first 02:30 is closed.
    assert is_open(store=store, at=_paris("2026-10-25", "02:15", fold=0))
    assert not is_open(store=store, at=_paris("2026-10-25", "02:45", fold=0))
    assert not is_open(store=store, at=_paris("2026-10-25", "02:15", fold=1))


def test_the_next_opening_is_told(store: Store) -> None:
    assert next_opening(store=store, at=_paris("2026-11-27", "14:00")) == _paris("2026-11-27", "18:30")
    assert next_opening(store=store, at=_paris("2026-11-29", "03:00")) == _paris("2026-12-04", "11:30")


def test_the_next_opening_may_be_the_same_day_next_week(store: Store) -> None:
    store.opening_hours.exclude(weekday=SATURDAY).delete()
    assert next_opening(store=store, at=_paris("2026-11-28", "18:00")) == _paris("2026-12-05", "18:00")


def test_a_store_without_hours_never_opens(store: Store) -> None:
    store.opening_hours.all().delete()
    opening = opening_of(store=store, at=_paris("2026-11-28", "18:00"))
    assert (opening.is_open, opening.opens_at) == (False, None)


def test_periods_that_follow_one_another_close_at_the_end_of_the_last(store: Store) -> None:
    OpeningHours.objects.create(store=store, weekday=SATURDAY, opens=time(0), closes=time(3))
    assert opening_of(store=store, at=_paris("2026-11-27", "23:00")).until == _paris("2026-11-28", "03:00")


def test_a_store_open_round_the_clock_has_no_end(house: House) -> None:
    opening = opening_of(store=house.bastille, at=_paris("2026-11-27", "23:00"))
    assert (opening.is_open, opening.until) == (True, None)


@pytest.mark.parametrize(
    ("day", "clock", "lasts_a_day"),
    [("2026-12-20", "12:00", True), ("2026-12-24", "00:00", True), ("2026-12-24", "00:01", False)],
)
def test_round_the_clock_until_a_day_that_is_closed_is_until_that_day(
    house: House,
    day: str,
    clock: str,
    lasts_a_day: bool,  # noqa: FBT001 - a column of the table
) -> None:
    SpecialDay.objects.create(store=house.bastille, day=date(2026, 12, 25), reason="Noël")
    opening = opening_of(store=house.bastille, at=_paris(day, clock))
    assert (opening.until, opening.lasts_a_day) == (_paris("2026-12-25", "00:00"), lasts_a_day)


CLOCK = st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45]))
PERIODS = st.lists(st.builds(OpeningHours, weekday=st.integers(0, 6), opens=CLOCK, closes=CLOCK), max_size=6)
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001


@given(periods=PERIODS, at=MOMENTS)
def test_whatever_the_hours_a_closing_lies_ahead_and_a_period_lasts_a_day_at_most(
    periods: list[OpeningHours], at: datetime
) -> None:
    store = Store(pk=1)
    store._prefetched_objects_cache = {"opening_hours": periods, "special_days": []}  # type: ignore[attr-defined]
    spans = _spans(store, at, days=1)
    for start, stop in spans:
        assert timedelta(0) <= stop - start <= timedelta(hours=25)
    end = _closes(spans, at)
    assert end is None or end >= at
