"""A job that is run from a terminal or by its timer, and what is said of it there."""

from collections.abc import Callable
from datetime import timedelta

from django.core.management.base import CommandError
from django.db import OperationalError
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from pizzeria.operations.cronjobs import InvalidJob, find_job
from pizzeria.operations.models import JobRun
from pizzeria.operations.runs import JobFailedError, run_job

MINUTE = 60


def run_and_tell(name: str, *, write: Callable[[str], object]) -> None:
    """Run the job of this path or short name now. Raises CommandError with a sentence when it did not succeed.

    A run that is skipped because the job is running already is no failure: what it is for is being done.
    """
    try:
        run = run_job(path=find_job(name).path)
    except InvalidJob as error:
        raise CommandError(str(error)) from error
    except JobFailedError as error:
        raise CommandError(_("%(name)s a échoué : %(error)s") % {"name": name, "error": error}) from error
    except OperationalError as error:
        raise CommandError(_("La base de données ne répond pas : %(error)s") % {"error": error}) from error
    if run.outcome == JobRun.Outcome.SKIPPED:
        write(_("%(path)s : sautée, %(why)s.") % {"path": run.path, "why": run.message})
    elif run.ended_at:
        words = {"path": run.path, "time": duration_in_words(run.ended_at - run.started_at)}
        write(_("%(path)s : terminée en %(time)s.") % words)


def duration_in_words(duration: timedelta) -> str:
    """`0,4 s`, `3 min 5 s`."""
    seconds = duration.total_seconds()
    if seconds < MINUTE:
        return _("%(seconds)s s") % {"seconds": number_format(seconds, decimal_pos=1)}
    minutes, rest = divmod(round(seconds), MINUTE)
    return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
