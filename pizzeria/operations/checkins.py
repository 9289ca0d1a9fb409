"""Check-ins: Sentry is told when a job of CRONJOBS begins and how it ends, and alerts when one does not come.

A monitor is made by the first check-in that brings its schedule, and changed by any later one. A job whose timer never
once worked would so never be missed: the engines announce every job when they install the timers (`cronjobs
--announce`). The only way to announce is a check-in that says ok, so that a monitor is green until the job's first
hour has passed; the alternative, Sentry's web API, wants a second secret on the server. What ran last and did not end
well has told so itself, and is not announced: a deploy must not turn its monitor green. A monitor that is red because
its job did not come at all does turn green, until the job's next hour: what Sentry has missed is known to Sentry alone.

Jobs of the worker check in nowhere: one runs every minute, and whether the worker lives is the watch's business.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.conf import settings

from pizzeria.operations.cronjobs import Job, read_jobs

if TYPE_CHECKING:
    from sentry_sdk._types import MonitorConfig

LATE_MINUTES = 10
"""A timer that was missed while the server was down is caught up at its start."""
LONGEST_MINUTES = 125
"""A little more than oc-pizza-cron.service gives a job (TimeoutStartSec)."""
LONGEST_SLUG = 50


@contextmanager
def checked_in(*, path: str) -> Iterator[None]:
    """Tell Sentry that this job begins and, after the block, whether it went well. Nothing without a DSN."""
    if not settings.SENTRY_DSN:
        yield
        return
    from sentry_sdk import monitor  # noqa: PLC0415 - see OC_PIZZA.sentry

    job = _job(path)
    with monitor(slug_of(job), monitor_config=_config(job)):
        yield


def announce(job: Job) -> None:
    """Make the job's monitor, or change its schedule."""
    from sentry_sdk.crons import MonitorStatus, capture_checkin  # noqa: PLC0415 - see OC_PIZZA.sentry

    capture_checkin(monitor_slug=slug_of(job), status=MonitorStatus.OK, monitor_config=_config(job))


def slug_of(job: Job) -> str:
    """`city_001-cyclic_update`: of a long path, the end."""
    return job.short_name.replace(".", "-")[-LONGEST_SLUG:].lstrip("-")


def _job(path: str) -> Job:
    """The job as CRONJOBS has it; without a schedule when it is run though it stands there no more."""
    return next((job for job in read_jobs() if job.path == path), Job(path=path, schedules=()))


def _config(job: Job) -> "MonitorConfig | None":
    """When the job is expected. A monitor has one schedule: that of a job with several is made by hand in Sentry."""
    if len(job.schedules) != 1:
        return None
    return {
        "schedule": {"type": "crontab", "value": job.schedules[0]},
        "timezone": settings.TIME_ZONE,
        "checkin_margin": LATE_MINUTES,
        "max_runtime": LONGEST_MINUTES,
        "failure_issue_threshold": 1,
        "recovery_threshold": 1,
    }
