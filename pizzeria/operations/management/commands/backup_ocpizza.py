"""`./manage.py backup_ocpizza`: what the first of the month does (8.1), now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.routine import back_up_and_tidy, back_up_this_morning
from pizzeria.operations.backups.telling import what_failed, what_was_done


class Command(BaseCommand):
    help = (
        "Sauvegarde la base et les médias, essaie de les restaurer à côté, puis supprime les sauvegardes que "
        "leur date rend inutiles."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--cyclic",
            action="store_true",
            help="comme les tâches des villes : attendre celle qui sauvegarde déjà, et ne pas refaire ce qu’elle vient de faire",
        )

    def handle(self, *_arguments: str, cyclic: bool, **_options: Any) -> None:
        try:
            done = back_up_this_morning() if cyclic else back_up_and_tidy()
        except BackupError as error:
            raise CommandError(str(error)) from error
        for line in what_was_done(done):
            self.stdout.write(line)
        if failures := list(what_failed(done)):
            raise CommandError("\n".join(failures))
