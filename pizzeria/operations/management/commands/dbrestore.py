"""`./manage.py dbrestore [NAME]`: a backup in the place of the live database (8.3)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.restoring import discard_previous, restore_backup


class Command(BaseCommand):
    help = "Restaure une sauvegarde, la plus récente par défaut ; l’ancienne base est gardée à côté."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", metavar="sauvegarde", help="son nom, comme ./manage.py backups le montre"
        )
        parser.add_argument(
            "--discard-previous",
            action="store_true",
            help="supprimer les bases que restaurations et mises à jour ont gardées",
        )

    def handle(self, *_arguments: str, name: str | None, discard_previous: bool, **_options: Any) -> None:
        try:
            if discard_previous:
                self._discard(name)
            else:
                self._restore(name)
        except BackupError as error:
            raise CommandError(str(error)) from error

    def _restore(self, name: str | None) -> None:
        folder, before = restore_backup(name)
        self.stdout.write(_("La sauvegarde %(backup)s est restaurée.") % {"backup": folder.name})
        words = {"before": before, "discard": "./manage.py dbrestore --discard-previous"}
        self.stdout.write(_("L’ancienne base est gardée : %(before)s. Pour la supprimer : %(discard)s") % words)

    def _discard(self, name: str | None) -> None:
        if name is not None:
            raise CommandError(_("--discard-previous ne prend pas de nom de sauvegarde."))
        for dropped in discard_previous():
            self.stdout.write(_("Supprimée : %(database)s") % {"database": dropped})
