"""CRONJOBS, the manual's contract (6.2.2): its jobs, what is wrong with them, and their systemd units."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from pizzeria.operations.crontab import InvalidSchedule, on_calendar, parse

PATH = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+", re.ASCII)

SERVICE = Path("DEPLOY_ENGINE", "conf_files", "oc-pizza-cron.service")
TIMER = """\
# {path}, as CRONJOBS in settings.py has it: change it there, then deploy again.
[Unit]
Description=OC Pizza: {path}
PartOf=gunicorn.service

[Timer]
{lines}
Persistent=true
AccuracySec=1s

[Install]
WantedBy=gunicorn.service
"""


class InvalidJob(ValueError):
    """An entry of CRONJOBS that cannot be run; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What is run, and when: a job that stands in CRONJOBS several times has several schedules."""

    path: str
    schedules: tuple[str, ...]

    @property
    def short_name(self) -> str:
        """`city_001.cyclic_update`: what the operator may type for it."""
        return ".".join(part for part in self.path.split(".") if part != "cron")

    @property
    def unit(self) -> str:
        """`oc-pizza-cron-city_001-cyclic_update`: the name of its timer and of its service."""
        return f"oc-pizza-cron-{self.short_name.replace('.', '-')}"

    def timer(self) -> str:
        lines = (f"OnCalendar={line}" for schedule in self.schedules for line in on_calendar(parse(schedule)))
        return TIMER.format(path=self.path, lines="\n".join(lines))

    def service(self) -> str:
        """The template of DEPLOY_ENGINE for this job; what depends on the server is left for the engine to fill in."""
        template = (Path(settings.BASE_DIR) / SERVICE).read_text()
        return template.replace("@JOB@", self.path).replace("@UNIT@", self.unit)


def read_jobs() -> list[Job]:
    """The jobs in the order of the settings. Raises InvalidJob for an entry of another shape."""
    found: dict[str, list[str]] = {}
    for entry in settings.CRONJOBS:
        schedule, path = _entry(entry)
        found.setdefault(path, []).append(schedule)
    return [Job(path=path, schedules=tuple(schedules)) for path, schedules in found.items()]


def find_job(name: str) -> Job:
    """The job of this dotted path or short name, of which the end is enough where it is one job's alone.

    Raises InvalidJob, naming those that may have been meant.
    """
    jobs = {job.path: job for job in read_jobs()}
    if name in jobs:
        return jobs[name]
    meant = [job for job in jobs.values() if f".{job.short_name}".endswith(f".{name}")]
    if len(meant) > 1:
        words = {"name": name, "several": ", ".join(job.short_name for job in meant)}
        raise InvalidJob(_("%(name)s peut désigner plusieurs tâches : %(several)s.") % words)
    if not meant:
        raise InvalidJob(_("%(path)s n’est pas dans CRONJOBS.") % {"path": name} + _perhaps(name, list(jobs)))
    return meant[0]


def function_of(path: str) -> Callable[[], Any]:
    """What the path names. Raises InvalidJob; an error inside its module is raised as it is."""
    module = path.rpartition(".")[0]
    try:
        found = import_string(path)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module}.".startswith(f"{error.name}."):
            raise
        raise InvalidJob(_unknown(path)) from error
    except ImportError as error:
        if not isinstance(error.__cause__, AttributeError):
            raise
        raise InvalidJob(_unknown(path)) from error
    if not callable(found):
        raise InvalidJob(_("%(path)s n’est pas une fonction.") % {"path": path})
    return found  # type: ignore[no-any-return]


def problems() -> Iterator[str]:
    """What is wrong with CRONJOBS, entry by entry."""
    units: dict[str, str] = {}
    for entry in settings.CRONJOBS:
        try:
            schedule, path = _entry(entry)
            parse(schedule)
            function_of(path)
        except (InvalidJob, InvalidSchedule) as error:
            yield f"{entry!r} : {error}"
            continue
        other = units.setdefault(Job(path=path, schedules=()).unit, path)
        if other != path:
            words = {"path": path, "other": other}
            yield f"{entry!r} : " + _("%(path)s et %(other)s auraient la même minuterie.") % words


def _entry(entry: object) -> tuple[str, str]:
    match entry:
        case (str() as schedule, str() as path) if PATH.fullmatch(path):
            return schedule, path
    raise InvalidJob(_("Une entrée de CRONJOBS s’écrit ('0 6 * * *', 'city_001.cron.cyclic_update')."))


def _unknown(path: str) -> str:
    _app, _dot, rest = path.partition(".")
    candidates = [f"{app}.{rest}" for app in settings.INSTALLED_APPS]
    return _("%(path)s n’existe pas.") % {"path": path} + _perhaps(path, candidates)


def _perhaps(path: str, candidates: list[str]) -> str:
    close = get_close_matches(path, candidates, n=1, cutoff=0.8)
    return " " + _("Vouliez-vous écrire %(path)s ?") % {"path": close[0]} if close else ""
