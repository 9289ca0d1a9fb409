"""`./manage.py dbbackup`: the database and the media, saved now (8.2)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.routine import back_up, back_up_for_safety
from pizzeria.operations.backups.telling import what_failed, what_was_done


class Command(BaseCommand):
    help = "Sauvegarde la base de données et les médias, relit ce qui a été écrit, et essaie de le restaurer à côté."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--safety",
            action="store_true",
            help="à part, avant une mise à jour : les sauvegardes ordinaires n’y perdent rien, les cinq dernières restent",
        )
        parser.add_argument("--no-drill", action="store_true", help="sans l’essai de restauration : plus vite")

    def handle(self, *_arguments: str, safety: bool, no_drill: bool, **_options: Any) -> None:
        save = back_up_for_safety if safety else back_up
        try:
            done = save(drill=not no_drill)
        except BackupError as error:
            raise CommandError(str(error)) from error
        for line in what_was_done(done):
            self.stdout.write(line)
        if failures := list(what_failed(done)):
            raise CommandError("\n".join(failures))
