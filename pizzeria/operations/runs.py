"""Running a job of CRONJOBS: one at a time, on any host, and written down.

The lock is PostgreSQL's, on a connection of its own for the whole run: it ends with the process, however that ends,
and a second host asks the same database.
"""

import logging
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from hashlib import blake2b
from traceback import format_exception_only

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone
from django.utils.translation import gettext as _

from OC_PIZZA.discretion import discreet
from pizzeria.operations.checkins import checked_in
from pizzeria.operations.cronjobs import function_of
from pizzeria.operations.models import JobRun
from pizzeria.trail import begin

logger = logging.getLogger(__name__)

MESSAGE_LENGTH = 300
RUN_LIFE = timedelta(days=400)
"""A year and a month of runs: this month's can be compared with last year's."""

Outcome = JobRun.Outcome

HELD = """
SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks
WHERE locktype = 'advisory' AND objsubid = 1 AND granted
  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class JobFailedError(Exception):
    """The job raised something; what, is in the log and in the run's message."""


def run_job(*, path: str) -> JobRun:
    """Run a job now, unless it is running anywhere: the run is then written down as skipped.

    Raises InvalidJob for a path that names no function, and JobFailedError when the job failed.
    """
    function = function_of(path)
    with only_one(path=path) as is_ours:
        if not is_ours:
            return _skipped(path)
        # Whoever still says that it runs does not: the lock is ours.
        JobRun.objects.filter(path=path, outcome=Outcome.RUNNING).update(outcome=Outcome.ABANDONED)
        run, began = _new(path), time.monotonic()
        begin().city = _city_of(path)
        try:
            with checked_in(path=path):
                function()
        except BaseException as error:
            logger.exception("%s failed", path)
            _failed(run, began, error)
            if isinstance(error, Exception):
                raise JobFailedError(_last_line(error)) from error
            raise
        _end(run, began, Outcome.DONE)
    return run


@contextmanager
def only_one(*, path: str) -> Iterator[bool]:
    """Hold the job's lock inside the block; False when somebody else holds it. It is not waited for."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_lock_key(path)])
            [is_ours] = cursor.fetchone()
        try:
            yield is_ours
        finally:
            if is_ours:
                _let_go(own, path)
    finally:
        own.close()


def _let_go(own: BaseDatabaseWrapper, path: str) -> None:
    """Closing lets go as well, but a moment later: whoever asks at once would be told that the job is running."""
    with suppress(Error), own.cursor() as cursor:
        # A connection that is gone holds nothing any more.
        cursor.execute("SELECT pg_advisory_unlock(%s)", [_lock_key(path)])


def last_runs() -> Mapping[str, JobRun]:
    """The last run of each job by its path, skipped ones apart; one whose process died is marked as abandoned."""
    _mark_abandoned()
    ran = JobRun.objects.exclude(outcome=Outcome.SKIPPED)
    return {run.path: run for run in ran.order_by("path", "-id").distinct("path")}


def forget_old_runs(*, before: datetime) -> int:
    """Delete the runs that were begun before a moment; how many there were."""
    deleted, _by_model = JobRun.objects.filter(started_at__lt=before).delete()
    return deleted


def _mark_abandoned() -> None:
    """Write down which runs ended with their process: they say that they run, and nobody holds their lock.

    In this order: a run that ends by itself says so before it lets its lock go. One that was there before the locks
    were read, without its lock then, and says afterwards that it runs, is dead.
    """
    running = list(JobRun.objects.filter(outcome=Outcome.RUNNING))
    if not running:
        return
    with connection.cursor() as cursor:
        cursor.execute(HELD)
        held = {key for (key,) in cursor.fetchall()}
    dead = [run.pk for run in running if _lock_key(run.path) not in held]
    JobRun.objects.filter(pk__in=dead, outcome=Outcome.RUNNING).update(outcome=Outcome.ABANDONED)


def _city_of(path: str) -> str:
    """`city_001` for a job of that city."""
    app = path.partition(".")[0]
    return app if app.startswith("city_") else ""


def _lock_key(path: str) -> int:
    """A signed 64-bit number, which is what PostgreSQL locks."""
    return int.from_bytes(blake2b(f"oc-pizza job {path}".encode(), digest_size=8).digest(), signed=True)


def _new(path: str, **fields: object) -> JobRun:
    return JobRun.objects.create(
        path=path,
        started_at=timezone.now(),
        host=socket.gethostname(),
        release=settings.RELEASE_ID,
        **fields,
    )


def _skipped(path: str) -> JobRun:
    """A run that did not take place says of which other it was kept from."""
    other = JobRun.objects.filter(path=path, outcome=Outcome.RUNNING).first()
    message = _("déjà en cours")
    if other:
        words = {"host": other.host, "since": timezone.localtime(other.started_at).strftime("%H:%M:%S")}
        message = _("déjà en cours sur %(host)s depuis %(since)s") % words
    return _new(path, ended_at=timezone.now(), outcome=Outcome.SKIPPED, message=message[:MESSAGE_LENGTH])


def _failed(run: JobRun, began: float, error: BaseException) -> None:
    if not connection.in_atomic_block:
        # The connection may be what it failed of.
        connection.close_if_unusable_or_obsolete()
    try:
        _end(run, began, Outcome.FAILED, _last_line(error))
    except Error:
        # The job's own error is what is told; it may be that there is no database any more.
        logger.exception("the failure of %s could not be written down", run.path)


def _end(run: JobRun, began: float, outcome: Outcome, message: str = "") -> None:
    # By a clock that nobody sets: a run never ends before it began.
    run.ended_at = run.started_at + timedelta(seconds=time.monotonic() - began)
    run.outcome, run.message = outcome, message
    run.save(update_fields=["outcome", "ended_at", "message"])


def _last_line(error: BaseException) -> str:
    """`ValueError: no such city`, on one line, storable, and without the row that a database refused: it is mailed."""
    words = discreet("".join(format_exception_only(error)).strip().replace("\0", ""))
    return " ".join(words.split())[:MESSAGE_LENGTH]
