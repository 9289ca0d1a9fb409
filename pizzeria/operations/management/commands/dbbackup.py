"""`./manage.py dbbackup`: the database and the media, saved now (8.2)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.routine import back_up, back_up_for_safety


class Command(BaseCommand):
    help = "Sauvegarde la base de données et les médias, et relit ce qui a été écrit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--safety",
            action="store_true",
            help="à part, avant une mise à jour : les sauvegardes ordinaires n’y perdent rien, les cinq dernières restent",
        )

    def handle(self, *_arguments: str, safety: bool, **_options: Any) -> None:
        try:
            done = back_up_for_safety() if safety else back_up()
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Sauvegarde faite et relue : %(folder)s") % {"folder": done.folder})
