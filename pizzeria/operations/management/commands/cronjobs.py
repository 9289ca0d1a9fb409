"""`./manage.py cronjobs`: what CRONJOBS says, in words (6.2.4); with --systemd, as units."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.operations.cronjobs import Job, problems, read_jobs
from pizzeria.operations.crontab import next_run, parse
from pizzeria.operations.crontab_words import in_words

Row = tuple[str, str, str, str]


class Command(BaseCommand):
    help = "Montre les tâches de CRONJOBS : périodicité, tâche, ce que cela veut dire, prochaine exécution."
    requires_system_checks = []  # noqa: RUF012 - its own check names every mistake

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--systemd", metavar="DOSSIER", help="y écrire une minuterie et un service systemd par tâche"
        )

    def handle(self, *_arguments: str, systemd: str | None, **_options: Any) -> None:
        wrong = list(problems())
        if wrong:
            raise CommandError("\n".join(wrong))
        if systemd is None:
            self._show(list(_rows()))
        else:
            for job in read_jobs():
                self._write(Path(systemd), job)

    def _show(self, rows: list[Row]) -> None:
        title = (_("périodicité"), _("tâche"), _("en clair"), _("prochaine exécution"))
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


def _rows() -> Iterator[Row]:
    for job in read_jobs():
        for expression in job.schedules:
            schedule = parse(expression)
            due = next_run(schedule, after=timezone.now())
            yield expression, job.path, in_words(schedule), date_format(due, "D j F Y H:i") if due else ""
