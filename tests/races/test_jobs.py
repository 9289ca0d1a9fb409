"""One scheduled job started several times at once, as two hosts would. In a pair: with the lock, and without."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from pytest_django import Settings

from pizzeria.operations import runs
from pizzeria.operations.models import JobRun
from pizzeria.operations.tests import jobs
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CRONJOBS = [("0 6 * * *", jobs.TAKES_TIME)]
    monkeypatch.setattr(jobs, "most_at_once", 0)


def run() -> JobRun:
    return runs.run_job(path=jobs.TAKES_TIME)


def outcomes() -> list[str]:
    return sorted(JobRun.objects.values_list("outcome", flat=True))


def test_of_five_starts_at_once_one_runs_and_four_say_that_it_does() -> None:
    assert kinds(together([run] * 5)) == {"JobRun": 5}
    assert jobs.most_at_once == 1
    assert outcomes() == ["done", "skipped", "skipped", "skipped", "skipped"]


def test_without_the_lock_all_run_over_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def unguarded(*, path: str) -> Iterator[bool]:
        yield True

    monkeypatch.setattr(runs, "only_one", unguarded)
    together([run] * 5)
    assert jobs.most_at_once > 1


def test_the_table_read_while_a_job_ends_never_calls_it_abandoned() -> None:
    def look() -> None:
        for _time in range(150):
            runs.last_runs()

    assert kinds(together([run, look, look])) == {"JobRun": 1, "NoneType": 2}
    assert outcomes() == ["done"]
