"""`./manage.py runjob city_001.cron.cyclic_update`: one entry of CRONJOBS, now; what its timer starts."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from pizzeria.operations.running import run_and_tell


class Command(BaseCommand):
    help = "Exécute maintenant une tâche de CRONJOBS ; une erreur s’affiche en entier et se lit dans le code de sortie."
    # A city's job does not wait for another city's mistake to be put right.
    requires_system_checks = []  # noqa: RUF012 - as Django has it

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", metavar="tâche", help="par exemple city_001.cron.cyclic_update")

    def handle(self, *_arguments: str, name: str, **_options: Any) -> None:
        run_and_tell(name, write=self.stdout.write)
