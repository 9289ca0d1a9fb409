"""`./manage.py dbbackup`: the database and the media, saved now (8.2)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.making import make_backup


class Command(BaseCommand):
    help = "Sauvegarde la base de données et les médias, et relit ce qui a été écrit."

    def handle(self, *_arguments: str, **_options: Any) -> None:
        try:
            folder = make_backup()
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(_("Sauvegarde faite et relue : %(folder)s") % {"folder": folder})
