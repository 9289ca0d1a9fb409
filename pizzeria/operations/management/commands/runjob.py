"""`./manage.py runjob city_001.cron.cyclic_update`: one entry of CRONJOBS, now."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.cronjobs import InvalidJob, find_job, function_of


class Command(BaseCommand):
    help = "Exécute maintenant une tâche de CRONJOBS ; une erreur s’affiche en entier et se lit dans le code de sortie."
    # A city's job does not wait for another city's mistake to be put right.
    requires_system_checks = []  # noqa: RUF012 - as Django has it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", help="par exemple city_001.cron.cyclic_update")

    def handle(self, *_arguments: str, path: str, **_options: Any) -> None:
        try:
            function = function_of(find_job(path).path)
        except InvalidJob as error:
            raise CommandError(str(error)) from error
        started = time.monotonic()
        function()
        words = {"path": path, "seconds": f"{time.monotonic() - started:.1f}"}
        self.stdout.write(_("%(path)s : terminé en %(seconds)s s.") % words)
