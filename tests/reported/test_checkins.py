"""What Sentry is told of the scheduled jobs, and what a Sentry that is not there does to them: nothing."""

import time
from typing import Any

import pytest

from pizzeria.operations.models import JobRun
from tests.cast import House
from tests.reported.conftest import renamed
from tests.reported.jobs import FAILS, OFTEN, WORKS
from tests.reported.processes import manage
from tests.reported.receiver import UNANSWERED_SECONDS, Receiver, receiving

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

JOBS = {"DJANGO_SETTINGS_MODULE": "tests.reported.jobs"}
DAILY = {
    "schedule": {"type": "crontab", "value": "0 6 * * *"},
    "timezone": "Europe/Paris",
    "checkin_margin": 10,
    "max_runtime": 125,
    "failure_issue_threshold": 1,
    "recovery_threshold": 1,
}


def told_of(receiver: Receiver) -> list[tuple[str, str]]:
    return [(checkin["monitor_slug"], checkin["status"]) for checkin in receiver.of("check_in")]


def run(path: str, dsn: str) -> Any:
    return manage("runjob", path, SENTRY_DSN=dsn, **JOBS)


def test_a_job_checks_in_when_it_begins_and_when_it_is_done_with_its_schedule(receiver: Receiver) -> None:
    done = run(WORKS, receiver.dsn)
    assert done.returncode == 0, done.stderr
    assert told_of(receiver) == [("tests-reported-jobs-works", "in_progress"), ("tests-reported-jobs-works", "ok")]
    begun, ended = receiver.of("check_in")
    assert begun["monitor_config"] == ended["monitor_config"] == DAILY
    assert begun["check_in_id"] == ended["check_in_id"]
    assert (begun["release"], begun["environment"]) == ("a-release", "production")
    assert ended["duration"] >= 0
    assert receiver.of("event") == []


def test_a_job_that_fails_checks_in_as_failed_and_its_error_is_reported_once(receiver: Receiver) -> None:
    done = run(FAILS, receiver.dsn)
    assert done.returncode == 1
    assert told_of(receiver) == [("tests-reported-jobs-fails", "in_progress"), ("tests-reported-jobs-fails", "error")]
    [event] = receiver.of("event")
    assert event["exception"]["values"][-1]["value"] == "plus de farine pour *@*"
    assert event["tags"]["process"] == "command"
    assert event["release"] == "a-release"
    # What the operator reads at the terminal is no second error.
    assert "plus de farine" in done.stderr


def test_what_goes_wrong_in_a_citys_job_is_told_with_the_city(house: House, receiver: Receiver) -> None:
    with renamed("ordering_daysales"):
        done = manage("runjob", "city_001.cron.cyclic_update", SENTRY_DSN=receiver.dsn)
    assert done.returncode == 1
    assert told_of(receiver)[-1] == ("city_001-cyclic_update", "error")
    assert receiver.of("event")
    assert {event["tags"]["city"] for event in receiver.of("event")} == {"city_001"}


def test_a_job_that_is_skipped_does_not_check_in(receiver: Receiver) -> None:
    from pizzeria.operations.runs import only_one  # noqa: PLC0415 - the lock is taken here, and asked for there

    with only_one(path=WORKS):
        assert run(WORKS, receiver.dsn).returncode == 0
    assert JobRun.objects.get().outcome == JobRun.Outcome.SKIPPED
    assert receiver.raw == []


def test_a_job_with_two_schedules_checks_in_without_one(receiver: Receiver) -> None:
    assert run(OFTEN, receiver.dsn).returncode == 0
    assert ["monitor_config" in checkin for checkin in receiver.of("check_in")] == [False, False]


def test_the_jobs_are_announced_so_that_one_that_never_runs_is_missed(receiver: Receiver) -> None:
    done = manage("cronjobs", "--announce", SENTRY_DSN=receiver.dsn, **JOBS)
    assert done.returncode == 0, done.stderr
    slugs = ["tests-reported-jobs-works", "tests-reported-jobs-fails", "pizzeria-operations-tests-jobs-works"]
    assert told_of(receiver) == [(slug, "ok") for slug in slugs]
    assert [checkin.get("monitor_config", {}).get("schedule") for checkin in receiver.of("check_in")] == [
        {"type": "crontab", "value": "0 6 * * *"},
        {"type": "crontab", "value": "30 5 1 * *"},
        None,
    ]
    assert done.stdout.splitlines() == [WORKS, FAILS, OFTEN]


def test_announcing_does_not_call_well_what_failed_last(receiver: Receiver) -> None:
    assert run(FAILS, receiver.dsn).returncode == 1
    done = manage("cronjobs", "--announce", SENTRY_DSN=receiver.dsn, **JOBS)
    assert done.stdout.splitlines() == [WORKS, OFTEN], done.stderr
    assert [status for slug, status in told_of(receiver) if slug == "tests-reported-jobs-fails"] == [
        "in_progress",
        "error",
    ]


def test_without_a_database_nothing_is_announced_and_the_engine_goes_on(receiver: Receiver) -> None:
    away = "postgres://nobody@127.0.0.1:1/none"
    done = manage("cronjobs", "--announce", SENTRY_DSN=receiver.dsn, **JOBS | {"DATABASE_URL": away})
    assert (done.returncode, done.stdout) == (0, "")
    assert "Rien n’est annoncé" in done.stderr
    assert receiver.of("check_in") == []


def test_without_a_dsn_nobody_is_told(receiver: Receiver) -> None:
    assert run(WORKS, "").returncode == 0
    assert manage("cronjobs", "--announce", SENTRY_DSN="", **JOBS).stdout == ""
    assert receiver.raw == []


@pytest.mark.parametrize(("path", "code"), [(WORKS, 0), (FAILS, 1)])
def test_a_sentry_that_never_answers_changes_neither_a_jobs_end_nor_its_outcome(path: str, code: int) -> None:
    with receiving(answers=False) as silent:
        began = time.monotonic()
        done = run(path, silent.dsn)
        took = time.monotonic() - began
    assert done.returncode == code, done.stderr
    assert "Sentry" not in done.stderr
    run_kept = JobRun.objects.get()
    assert run_kept.outcome == ("failed" if code else "done")
    assert run_kept.ended_at is not None
    assert (run_kept.ended_at - run_kept.started_at).total_seconds() < UNANSWERED_SECONDS * 2 / 3
    # The process waits for what is still to be sent, two seconds at most, beside the time that Django takes. That it began
    # and that it ended are two things to send.
    assert took < UNANSWERED_SECONDS * 3 / 2


def test_a_sentry_that_is_not_there_changes_nothing_either() -> None:
    assert run(WORKS, "http://0123456789abcdef@127.0.0.1:9/1").returncode == 0
