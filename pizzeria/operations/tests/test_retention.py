"""Which backups stay: by date in Paris, and the last good one always."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pizzeria.operations.backups.retention import to_remove

pytestmark = pytest.mark.story

PARIS = ZoneInfo("Europe/Paris")
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
BACKUPS = st.dictionaries(MOMENTS, st.booleans(), max_size=60)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=PARIS)


def stays(backups: dict[datetime, bool]) -> list[datetime]:
    return sorted(backups.keys() - to_remove(backups))


def test_a_backup_every_hour_of_two_years_leaves_seven_days_five_weeks_and_twelve_months() -> None:
    newest = at("2026-11-25 06:00")
    left = [
        moment.astimezone(PARIS) for moment in stays({newest - timedelta(hours=age): True for age in range(17_520)})
    ]
    assert [f"{moment:%m-%d}" for moment in left[-7:]] == [
        "11-19",
        "11-20",
        "11-21",
        "11-22",
        "11-23",
        "11-24",
        "11-25",
    ]
    # The Sundays before, then the last days of months: each the last backup of its period.
    assert {f"{moment:%Y-%m-%d}" for moment in left[:-7]} == {
        "2026-11-15", "2026-11-08", "2026-11-01", "2026-10-31", "2026-09-30", "2026-08-31", "2026-07-31", "2026-06-30",
        "2026-05-31", "2026-04-30", "2026-03-31", "2026-02-28", "2026-01-31", "2025-12-31",
    }  # fmt: skip
    assert {f"{moment:%H}" for moment in left[:-1]} == {"23"}


def test_a_backup_a_month_leaves_twelve() -> None:
    backups = {at(f"{year}-{month:02}-01 06:00"): True for year in (2024, 2025, 2026) for month in range(1, 13)}
    assert stays(backups) == [at(f"2026-{month:02}-01 06:00") for month in range(1, 13)]


def test_a_day_is_a_day_in_paris() -> None:
    evening, night = at("2026-07-01 23:30"), at("2026-07-02 00:30")
    assert evening.astimezone(UTC).date() == night.astimezone(UTC).date()
    assert stays({evening: True, night: True}) == [evening, night]


def test_a_job_that_stood_still_for_years_takes_nothing_away() -> None:
    backups = {at(f"2019-03-0{day} 06:00"): True for day in range(1, 8)} | {at("2026-11-25 06:00"): True}
    assert at("2019-03-07 06:00") in stays(backups)


def test_a_bad_backup_takes_no_good_ones_place() -> None:
    morning, evening = at("2026-11-25 06:00"), at("2026-11-25 20:00")
    assert stays({morning: True, evening: False}) == [morning, evening]


@given(BACKUPS)
def test_what_is_bad_changes_nothing_for_what_is_good(backups: dict[datetime, bool]) -> None:
    good = {moment: True for moment, is_good in backups.items() if is_good}
    assert {moment for moment in to_remove(backups) if backups[moment]} == to_remove(good)


@given(BACKUPS)
def test_the_newest_good_one_and_the_newest_of_all_stay(backups: dict[datetime, bool]) -> None:
    left = stays(backups)
    for newest in (max(backups, default=None), max((moment for moment in backups if backups[moment]), default=None)):
        assert newest is None or newest in left


@given(BACKUPS)
def test_tidying_twice_removes_no_more(backups: dict[datetime, bool]) -> None:
    left = {moment: backups[moment] for moment in stays(backups)}
    assert to_remove(left) == set()


@given(BACKUPS)
def test_no_more_good_ones_stay_than_there_are_places(backups: dict[datetime, bool]) -> None:
    assert sum(backups[moment] for moment in stays(backups)) <= 7 + 5 + 12


@given(BACKUPS)
def test_the_newest_seven_days_each_keep_their_last(backups: dict[datetime, bool]) -> None:
    good = [moment for moment, is_good in backups.items() if is_good]
    days = sorted({moment.astimezone(PARIS).date() for moment in good})[-7:]
    left = stays(backups)
    for day in days:
        assert max(moment for moment in good if moment.astimezone(PARIS).date() == day) in left
