"""`job-failed:<path>`, `job-missed:<path>`: the scheduled jobs of CRONJOBS."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from pizzeria.operations.cronjobs import Job, read_jobs
from pizzeria.operations.crontab import next_run, parse
from pizzeria.operations.models import JobRun
from pizzeria.operations.runs import last_runs
from pizzeria.supervision.alerts.problems import CannotTell, Problem, goes_on
from pizzeria.supervision.deployed import in_service_since

JOB_FAILED = "job-failed"
JOB_MISSED = "job-missed"

Outcome = JobRun.Outcome


def job_failed(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - the next run ends it
    """Begins when a job's last run failed or was killed, ends when one succeeds; while one runs, nobody knows."""
    runs = last_runs()
    for job in read_jobs():
        key, run = f"{JOB_FAILED}:{job.path}", runs.get(job.path)
        if run is None:
            continue
        if run.outcome == Outcome.RUNNING:
            yield from goes_on(key, open_keys=open_keys)
        elif run.outcome in {Outcome.FAILED, Outcome.ABANDONED}:
            yield Problem(key=key, subject=f"La tâche {job.short_name} a échoué", detail=_what_happened(run))


def _what_happened(run: JobRun) -> str:
    began = f"Commencée le {timezone.localtime(run.started_at):%d/%m/%Y à %H:%M} sur {run.host}"
    if run.outcome == Outcome.ABANDONED:
        return f"{began}, elle s’est arrêtée sans un mot : son processus a été tué."
    return f"{began}, elle a dit : {run.message}"


def job_missed(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - the next run ends it
    """Begins when a job was due and has not even been tried, ends when it runs; only on a server, which has timers.

    What was due before this release was put into service was the release's before, and perhaps not due at all.
    """
    if not settings.ON_SERVER:
        return
    since = in_service_since()
    if since is None:
        raise CannotTell("nobody knows since when this release serves")
    tried = dict(JobRun.objects.values_list("path").annotate(Max("started_at")))
    for job in read_jobs():
        due = _due(job, after=max(since, tried.get(job.path, since)))
        if due and due + timedelta(minutes=settings.ALERT_JOB_MINUTES) <= at:
            yield Problem(
                key=f"{JOB_MISSED}:{job.path}",
                subject=f"La tâche {job.short_name} n’a pas eu lieu",
                detail=f"Elle était prévue le {due:%d/%m/%Y à %H:%M} ; rien ne l’a lancée.",
            )


def _due(job: Job, *, after: datetime) -> datetime | None:
    """When the job was or will be due first after a moment, by any of its schedules."""
    moments = (next_run(parse(schedule), after=after.astimezone(UTC)) for schedule in job.schedules)
    return min((moment for moment in moments if moment), default=None)
