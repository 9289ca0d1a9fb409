"""`./manage.py backup_ocpizza`: what the first of the month does (8.1), now."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import name_of
from pizzeria.operations.backups.routine import back_up_and_tidy, back_up_this_morning


class Command(BaseCommand):
    help = "Sauvegarde la base et les médias, puis supprime les sauvegardes que leur date rend inutiles."

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
        if done.made_before:
            words = {"backup": name_of(done.folder)}
            self.stdout.write(_("La sauvegarde vient d’être faite, rien à refaire : %(backup)s") % words)
            return
        self.stdout.write(_("Sauvegarde faite et relue : %(folder)s") % {"folder": done.folder})
        for removed in done.removed:
            self.stdout.write(_("Supprimée, d’autres couvrent sa date : %(backup)s") % {"backup": removed})
