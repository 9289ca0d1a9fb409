"""`./manage.py cronjobs`: what CRONJOBS says, in words, and what became of it (6.2.4)."""

from argparse import ArgumentParser
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.operations.checkins import announce
from pizzeria.operations.cronjobs import Job, problems, read_jobs
from pizzeria.operations.crontab import next_run, parse
from pizzeria.operations.crontab_words import in_words
from pizzeria.operations.models import JobRun
from pizzeria.operations.running import duration_in_words, run_and_tell
from pizzeria.operations.runs import last_runs

Row = tuple[str, ...]


class Command(BaseCommand):
    help = (
        "Montre les tâches de CRONJOBS : ce que leur périodicité veut dire, leur prochaine et leur dernière exécution."
    )
    requires_system_checks = []  # noqa: RUF012 - its own check names every mistake

    def add_arguments(self, parser: ArgumentParser) -> None:
        doing = parser.add_mutually_exclusive_group()
        doing.add_argument("--run", metavar="TÂCHE", help="l’exécuter maintenant, par exemple city_001.cyclic_update")
        doing.add_argument(
            "--install", action="store_true", help="sur un serveur : que les minuteries soient celles de CRONJOBS"
        )
        doing.add_argument(
            "--systemd", metavar="DOSSIER", help="y écrire une minuterie et un service systemd par tâche"
        )
        doing.add_argument(
            "--announce", action="store_true", help="les annoncer à Sentry, qui alerte quand l’une ne vient pas"
        )

    def handle(self, *_arguments: str, run: str | None, systemd: str | None, **options: Any) -> None:
        if run is not None:
            run_and_tell(run, write=self.stdout.write)
            return
        wrong = list(problems())
        if wrong:
            raise CommandError("\n".join(wrong))
        if options["install"]:
            # On a server manage.py has handed this to DEPLOY_ENGINE/cronjobs-scripts.sh (see OC_PIZZA/server.py).
            raise CommandError(_("Les minuteries sont celles d’un serveur : ce code n’y est pas déployé."))
        if options["announce"]:
            self._announce()
        elif systemd is None:
            self._show(_rows(_last_runs()))
        else:
            for job in read_jobs():
                self._write(Path(systemd), job)

    def _announce(self) -> None:
        # Without a DSN there is nobody to tell, and the engines need not know.
        if not settings.SENTRY_DSN:
            return
        try:
            runs = last_runs()
        except DatabaseError as error:
            # No failure: an engine that is putting the site right must go on.
            self.stderr.write(_("Rien n’est annoncé, la base de données ne répond pas : %(error)s") % {"error": error})
            return
        for job in read_jobs():
            run = runs.get(job.path)
            # An announcement says that all is well: see pizzeria/operations/checkins.py.
            if run is None or run.outcome == JobRun.Outcome.DONE:
                announce(job)
                self.stdout.write(job.path)

    def _show(self, rows: list[Row]) -> None:
        title = (
            _("périodicité"),
            _("tâche"),
            _("en clair"),
            _("prochaine exécution"),
            _("dernière exécution"),
            _("durée"),
            _("résultat"),
        )
        widths = [max(map(len, column)) for column in zip(title, *rows, strict=True)]
        for row in (title, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())

    def _write(self, folder: Path, job: Job) -> None:
        try:
            (folder / f"{job.unit}.service").write_text(job.service())
            (folder / f"{job.unit}.timer").write_text(job.timer())
        except OSError as error:
            raise CommandError(_("Écriture impossible : %(error)s.") % {"error": error}) from error
        self.stdout.write(f"{job.unit}.timer")


def _last_runs() -> Mapping[str, JobRun]:
    try:
        return last_runs()
    except OperationalError as error:
        raise CommandError(_("La base de données ne répond pas : %(error)s") % {"error": error}) from error


def _rows(runs: Mapping[str, JobRun]) -> list[Row]:
    return [
        (*_planned(job, expression), *_past(runs.get(job.path))) for job in read_jobs() for expression in job.schedules
    ]


def _planned(job: Job, expression: str) -> Row:
    schedule = parse(expression)
    due = next_run(schedule, after=timezone.now())
    return expression, job.path, in_words(schedule), date_format(due, "D j F Y H:i") if due else ""


def _past(run: JobRun | None) -> Row:
    """When the job last ran, how long, and what became of it."""
    if run is None:
        return _("jamais"), "", ""
    took = duration_in_words(run.ended_at - run.started_at) if run.ended_at else ""
    outcome = run.get_outcome_display()
    began = date_format(timezone.localtime(run.started_at), "D j F Y H:i")
    return began, took, f"{outcome} : {run.message}" if run.message else outcome
