"""Runs of CRONJOBS: written down, told, and told apart."""

import logging
import re
from datetime import timedelta

import pytest
from django.core.management.base import CommandError
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.models import JobRun
from pizzeria.operations.running import duration_in_words
from pizzeria.operations.runs import JobFailedError, forget_old_runs, only_one, run_job
from pizzeria.operations.tests.jobs import FAILS, HERE, IS_REFUSED, WORKS
from pizzeria.operations.tests.test_cronjobs import DAILY, said

pytestmark = pytest.mark.django_db

OTHER = "pizzeria.operations.tests.test_runs.another_job"


def another_job() -> None:
    """A second job, of another name."""


@pytest.fixture(autouse=True)
def _jobs(settings: Settings) -> None:
    settings.CRONJOBS = [("0 6 * * *", WORKS), ("0 7 * * *", FAILS), ("0 8 * * *", OTHER)]


def begun(path: str, **changed: object) -> JobRun:
    return JobRun.objects.create(path=path, started_at=timezone.now(), host="ailleurs", release="r", **changed)


def row_of(path: str) -> str:
    return next(line for line in said("cronjobs").splitlines() if path in line)


def test_a_run_is_written_down_with_its_time_its_host_and_its_release(settings: Settings) -> None:
    run = run_job(path=WORKS)
    run.refresh_from_db()
    assert (run.outcome, run.message, run.release) == ("done", "", settings.RELEASE_ID)
    assert run.host
    assert run.ended_at is not None
    assert run.started_at <= run.ended_at


def test_a_run_that_fails_is_written_down_with_its_last_line_and_logged_in_full(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(JobFailedError, match="la farine manque"):
        run_job(path=FAILS)
    run = JobRun.objects.get()
    assert (run.outcome, run.message) == ("failed", "ValueError: la farine manque")
    [record] = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.exc_info
    assert record.getMessage() == f"{FAILS} failed"


def test_a_job_that_the_database_refuses_tells_nobody_the_clients_name() -> None:
    with pytest.raises(JobFailedError, match="refused_amount_check") as failed:
        run_job(path=IS_REFUSED)
    run = JobRun.objects.get()
    for told in (run.message, str(failed.value)):
        assert told.startswith("django.db.utils.IntegrityError: new row")
        assert told.endswith("DETAIL: *")


def test_the_next_job_runs_after_one_that_failed() -> None:
    with pytest.raises(CommandError, match=r"fails a échoué : ValueError: la farine manque$"):
        said("runjob", FAILS)
    assert "terminée en 0,0 s." in said("runjob", WORKS)


def test_a_job_that_is_running_is_not_run_again_and_that_is_said_and_kept() -> None:
    begun(WORKS)
    with only_one(path=WORKS) as is_ours:
        assert is_ours
        assert "works : sautée, déjà en cours sur ailleurs depuis " in said("runjob", WORKS)
        # Another job has another lock.
        assert "terminée" in said("runjob", OTHER)
        assert "en cours" in row_of(WORKS)
    assert sorted(JobRun.objects.filter(path=WORKS).values_list("outcome", flat=True)) == ["running", "skipped"]


def test_a_run_whose_process_died_is_shown_as_abandoned() -> None:
    begun(WORKS)
    assert row_of(WORKS).endswith("abandonnée")
    assert JobRun.objects.get().ended_at is None


def test_the_run_after_one_that_died_says_so_of_it() -> None:
    begun(WORKS)
    run_job(path=WORKS)
    assert list(JobRun.objects.values_list("outcome", flat=True)) == ["done", "abandoned"]


def test_the_table_shows_the_last_run_how_long_it_took_and_what_became_of_it() -> None:
    assert row_of(WORKS).endswith("jamais")
    run = run_job(path=WORKS)
    JobRun.objects.filter(pk=run.pk).update(ended_at=run.started_at + timedelta(seconds=125))
    with pytest.raises(JobFailedError):
        run_job(path=FAILS)
    assert row_of(WORKS).endswith("  2 min 5 s  terminée")
    assert re.search(r"  0,0 s +échouée : ValueError: la farine manque$", row_of(FAILS))


def test_a_skipped_run_does_not_hide_what_became_of_the_one_before() -> None:
    run_job(path=WORKS)
    begun(WORKS, outcome="skipped", ended_at=timezone.now())
    assert row_of(WORKS).endswith("terminée")


@pytest.mark.parametrize("name", [WORKS, f"{HERE.removeprefix('pizzeria.')}.works", "jobs.works", "works"])
def test_a_job_can_be_run_now_by_its_path_or_by_its_short_name(name: str) -> None:
    assert said("cronjobs", "--run", name).startswith(f"{WORKS} : terminée en ")
    assert JobRun.objects.get().path == WORKS


def test_a_citys_job_has_a_short_name_without_its_module(settings: Settings) -> None:
    settings.CRONJOBS = [DAILY, ("0 6 * * *", "city_002.cron.cyclic_update")]
    with pytest.raises(CommandError, match=r"city_001\.cyclic_update a échoué : .*DoesNotExist"):
        said("cronjobs", "--run", "city_001.cyclic_update")
    with pytest.raises(CommandError, match=r"plusieurs tâches : city_001\.cyclic_update, city_002\.cyclic_update"):
        said("cronjobs", "--run", "cyclic_update")
    with pytest.raises(CommandError, match="n’est pas dans CRONJOBS"):
        said("cronjobs", "--run", "update")


def test_the_timers_are_a_servers() -> None:
    with pytest.raises(CommandError, match="n’y est pas déployé"):
        said("cronjobs", "--install")


def test_the_database_itself_refuses_a_run_that_ended_at_no_time() -> None:
    with pytest.raises(IntegrityError):
        begun(WORKS, outcome="done")


def test_old_runs_are_forgotten() -> None:
    old, new = begun(WORKS), begun(WORKS)
    JobRun.objects.filter(pk=old.pk).update(started_at=timezone.now() - timedelta(days=401))
    assert forget_old_runs(before=timezone.now() - timedelta(days=400)) == 1
    assert JobRun.objects.get() == new


def test_a_job_can_be_run_again_the_moment_it_has_ended() -> None:
    assert {run_job(path=WORKS).outcome for _time in range(20)} == {"done"}


def test_a_duration_is_said_as_people_say_it() -> None:
    assert duration_in_words(timedelta(seconds=0.44)) == "0,4 s"
    assert duration_in_words(timedelta(seconds=3600)) == "60 min 0 s"
