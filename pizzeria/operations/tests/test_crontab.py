"""cron's fields: read, put for systemd, told in words; checked against croniter and against systemd itself."""

import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pizzeria.operations.crontab import InvalidSchedule, next_run, on_calendar, parse
from pizzeria.operations.crontab_words import in_words
from pizzeria.stores.hours import PARIS

NEXT = re.compile(r"(?:Next elapse|\(in UTC\)): \w{3} ([0-9-]+ [0-9:]+) UTC")

SCHEDULES = {
    "0 6 * * *": ["*-*-* 06:00:00"],
    "@daily": ["*-*-* 00:00:00"],
    "0 6 1 * *": ["*-*-01 06:00:00"],
    "*/15 * * * *": ["*-*-* *:00,15,30,45:00"],
    "* * * * *": ["*-*-* *:*:00"],
    "5,35 8-10 * * *": ["*-*-* 08,09,10:05,35:00"],
    "0 6 * * 1-5": ["Mon,Tue,Wed,Thu,Fri *-*-* 06:00:00"],
    "0 6 * * MON,wed": ["Mon,Wed *-*-* 06:00:00"],
    "0 6 * * 0": ["Sun *-*-* 06:00:00"],
    "0 6 * * 7": ["Sun *-*-* 06:00:00"],
    "0 6 * * 5-7": ["Sun,Fri,Sat *-*-* 06:00:00"],
    "0 6 * * sat-sun": ["Sun,Sat *-*-* 06:00:00"],
    "0 6 * * 0-7": ["*-*-* 06:00:00"],
    "0 6 1,15 jan-jun/2 *": ["*-01,03,05-01,15 06:00:00"],
    "0 6 13 * 5": ["*-*-13 06:00:00", "Fri *-*-* 06:00:00"],
    "0 6 */2 * 1": [f"Mon *-*-{','.join(f'{day:02}' for day in range(1, 32, 2))} 06:00:00"],
    "0 0 29 2 *": ["*-02-29 00:00:00"],
    "30 2 * * *": ["*-*-* 02:30:00"],
}
MOMENTS = (
    datetime(2026, 1, 31, 23, 59, tzinfo=UTC),
    datetime(2026, 3, 28, 12, 0, tzinfo=UTC),  # the clocks go forward in the night that follows
    datetime(2026, 10, 24, 12, 0, tzinfo=UTC),  # and back
)


@pytest.mark.parametrize(("expression", "lines"), SCHEDULES.items())
def test_systemd_is_told_the_same_in_its_own_way(expression: str, lines: list[str]) -> None:
    assert on_calendar(parse(expression)) == [f"{line} Europe/Paris" for line in lines]


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed on this machine")
@pytest.mark.parametrize("expression", SCHEDULES)
@pytest.mark.parametrize("after", MOMENTS, ids=str)
def test_systemd_understands_the_moment_that_we_announce(expression: str, after: datetime) -> None:
    schedule = parse(expression)
    told = subprocess.run(
        ["systemd-analyze", "calendar", f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC", *on_calendar(schedule)],  # noqa: S607
        env={"TZ": "UTC", "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    elapses = [datetime.strptime(found, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC) for found in NEXT.findall(told)]
    assert len(elapses) == len(on_calendar(schedule))
    due = next_run(schedule, after=after)
    assert due is not None
    assert due.astimezone(UTC) == min(elapses)


def field(first: int, last: int) -> st.SearchStrategy[str]:
    number = st.integers(first, last)
    # croniter takes the range 0-0 for every day.
    span = st.tuples(number, number).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: f"{ends[0]}-{ends[1]}")
    stepped = st.tuples(st.one_of(st.just("*"), span), st.integers(1, 5)).map(lambda pair: f"{pair[0]}/{pair[1]}")
    one = st.one_of(number.map(str), span, stepped)
    return st.one_of(st.just("*"), st.lists(one, min_size=1, max_size=3).map(",".join))


@given(
    fields=st.tuples(field(0, 59), field(4, 23), field(1, 28), field(1, 12), field(0, 6)),
    # Without what stands for "any day" inside a list, which cron and croniter do not read alike.
    after=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001
)
def test_it_is_due_when_croniter_says_so(fields: tuple[str, ...], after: datetime) -> None:
    days, weekdays = fields[2], fields[4]
    if any("*" in text and text != "*" for text in (days, weekdays)):
        return
    after = after.replace(microsecond=0)
    expected = croniter(" ".join(fields), after).get_next(datetime)
    due = next_run(parse(" ".join(fields)), after=after.replace(tzinfo=PARIS))
    assert due == expected.replace(tzinfo=PARIS)


@pytest.mark.parametrize(
    "wrong",
    [
        "", "6", "0 6 * *", "0 6 * * * *", "60 6 * * *", "0 24 * * *", "0 6 0 * *", "0 6 32 * *", "0 6 * 13 *",
        "0 6 * * 8", "0 6 * * lundi", "0 6 * janvier *", "0 6-4 * * *", "*/0 * * * *", "5/10 * * * *", "0 6 , * *",
        "0 6 *-5 * *", "0 6 1-2-3 * *", "0 6 -1 * *", "@reboot", "@never", "0 6 31 2 *", "a b c d e", "0 6 L * *",
    ],
)  # fmt: skip
def test_what_cron_would_not_read_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidSchedule):
        parse(wrong)


def test_the_message_names_the_field_and_its_values() -> None:
    with pytest.raises(InvalidSchedule, match="« 24 » ne convient pas au champ heure, qui va de 0 à 23"):
        parse("0 24 * * *")
    with pytest.raises(InvalidSchedule, match="ne tombe jamais"):
        parse("0 0 30 2 *")


@pytest.mark.parametrize(
    ("expression", "french", "english"),
    [
        ("0 6 * * *", "chaque jour à 06:00", "every day at 06:00"),
        ("0 6,18 * * 1", "le lundi à 06:00, 18:00", "on Monday at 06:00, 18:00"),
        ("0 6 1 * *", "le 1 du mois à 06:00", "on the 1 of the month at 06:00"),
        ("0 6 13 * 5", "le 13 du mois ou le vendredi à 06:00", "on the 13 of the month or on Friday at 06:00"),
        ("0 6 1 7,8 *", "le 1 du mois, en juillet, août à 06:00", "on the 1 of the month, in July, August at 06:00"),
        ("* * * * *", "chaque jour à chaque minute", "every day at every minute"),
        ("10 * * * *", "chaque jour à la minute 10 de chaque heure", "every day at minute 10 of every hour"),
        ("*/20 8-12 * * *", "chaque jour à la minute 0, 20, 40 des heures 8, 9, 10, 11, 12", "every day at minute 0, 20, 40 of the hours 8, 9, 10, 11, 12"),
        ("0 0 */30 * 0", "le 1, 31 du mois si c’est le dimanche à 00:00", "on the 1, 31 of the month if it is on Sunday at 00:00"),
    ],
)  # fmt: skip
def test_a_schedule_says_in_words_what_it_means(expression: str, french: str, english: str) -> None:
    assert in_words(parse(expression)) == french
    with translation.override("en"):
        assert in_words(parse(expression)).lower() == english.lower()


def test_the_next_time_is_after_this_moment_not_at_it() -> None:
    six = datetime(2026, 7, 1, 6, 0, tzinfo=PARIS)
    assert next_run(parse("0 6 * * *"), after=six) == six + timedelta(days=1)
    assert next_run(parse("0 6 * * *"), after=six - timedelta(seconds=1)) == six


@pytest.mark.parametrize(
    ("before", "due", "hours"),
    [
        (datetime(2026, 10, 24, 6, 0, tzinfo=PARIS), datetime(2026, 10, 25, 5, 0, tzinfo=UTC), 25),
        (datetime(2027, 3, 27, 6, 0, tzinfo=PARIS), datetime(2027, 3, 28, 4, 0, tzinfo=UTC), 23),
    ],
    ids=["the clocks go back", "the clocks go forward"],
)
def test_six_in_the_morning_stays_six_in_paris_when_the_clocks_change(
    before: datetime, due: datetime, hours: int
) -> None:
    found = next_run(parse("0 6 * * *"), after=before)
    assert found is not None
    assert found.astimezone(UTC) == due
    assert found.hour == 6
    assert found.astimezone(UTC) - before.astimezone(UTC) == timedelta(hours=hours)


def test_the_hour_that_comes_twice_runs_once_and_the_one_that_is_skipped_does_not_run() -> None:
    half_past_two = parse("30 2 * * *")
    once = next_run(half_past_two, after=datetime(2026, 10, 24, 12, 0, tzinfo=UTC))
    assert once is not None
    assert once.astimezone(UTC) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    after = next_run(half_past_two, after=once.astimezone(UTC))
    assert after is not None
    assert after.astimezone(UTC) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    march = next_run(half_past_two, after=datetime(2027, 3, 27, 12, 0, tzinfo=UTC))
    assert march is not None
    assert march.astimezone(UTC) == datetime(2027, 3, 29, 0, 30, tzinfo=UTC)
