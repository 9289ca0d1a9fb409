"""How the site is, as facts: what the page draws, and what machines are told."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.conf import settings
from django.db.models import Max

from pizzeria.operations.cronjobs import InvalidJob, Job, read_jobs
from pizzeria.operations.crontab import InvalidSchedule, next_run, parse
from pizzeria.operations.crontab_words import in_words
from pizzeria.operations.models import JobRun
from pizzeria.operations.runs import last_runs
from pizzeria.proved_restore import Kept, last_kept
from pizzeria.supervision.alerts.selectors import OpenAlert, open_alerts
from pizzeria.supervision.deployed import Deployed, deployed
from pizzeria.supervision.models import Sample
from pizzeria.supervision.processes import WITHOUT_WHICH_NOTHING, Processes, processes

T = TypeVar("T")

OK, ATTENTION, DOWN = "ok", "attention", "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """A scheduled job: what CRONJOBS says of it in words, when it is due, and its last run."""

    job: Job
    planned: str
    due: datetime | None
    run: JobRun | None

    @property
    def has_failed(self) -> bool:
        return self.run is not None and self.run.outcome in {JobRun.Outcome.FAILED, JobRun.Outcome.ABANDONED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Facts of one moment; None stands for what could not be read."""

    processes: Processes
    alerts: list[OpenAlert]
    release: str
    deployed: Deployed | None
    kept: Kept | None
    jobs: list[JobState] | None
    measured_at: datetime | None
    """The end of the last minute of which there is a sample."""

    @property
    def verdict(self) -> str:
        """`down` when there is no site, `attention` when somebody has to look, `ok` when nobody has to."""
        if any(process.is_down and process.service in WITHOUT_WHICH_NOTHING for process in self.processes.all):
            return DOWN
        if self.alerts or any(process.needs_a_look for process in self.processes.all):
            return ATTENTION
        return OK

    @property
    def fingerprint(self) -> str:
        """The same as long as the page would show the same."""
        return repr(self)


def read_status(*, at: datetime) -> Status:
    """A handful of queries, however many jobs and alerts there are."""
    found = processes(at=at)
    return Status(
        processes=found,
        alerts=open_alerts(watched=found.alerts),
        release=settings.RELEASE_ID,
        deployed=deployed(),
        kept=_or_none(last_kept, OSError, ValueError),
        jobs=_or_none(lambda: _jobs(at), InvalidJob, InvalidSchedule),
        measured_at=Sample.objects.aggregate(last=Max("at"))["last"],
    )


def _or_none(read: Callable[[], T], *errors: type[Exception]) -> T | None:
    """What `read` returns; None when it cannot: the page says so of this part, and shows the others."""
    try:
        return read()
    except errors:
        return None


def _jobs(at: datetime) -> list[JobState]:
    runs = last_runs()
    return [_job(job, runs.get(job.path), at) for job in read_jobs()]


def _job(job: Job, run: JobRun | None, at: datetime) -> JobState:
    schedules = [parse(schedule) for schedule in job.schedules]
    moments = [moment for schedule in schedules if (moment := next_run(schedule, after=at))]
    words = " ; ".join(in_words(schedule) for schedule in schedules)
    return JobState(job=job, planned=words, due=min(moments, default=None), run=run)
