"""`./manage.py upgradedatabase`: a new release's migrations, on a copy that then takes the live database's name."""

import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.losses import losses
from pizzeria.operations.backups.upgrading import pending_migrations, undo_upgrade, unknown_migrations, upgrade_database


class Command(BaseCommand):
    help = "Met la base au schéma de cette version : sur une copie, qui prend ensuite sa place. Le site est arrêté."
    requires_system_checks = []  # noqa: RUF012 - the way back must be open when the site's code is what is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        ways = parser.add_mutually_exclusive_group()
        ways.add_argument("--undo", metavar="BASE", help="remettre la base gardée à la place de celle du site")
        ways.add_argument("--losses", metavar="BASE", help="dire ce que --undo perdrait, sans rien changer")
        ways.add_argument("--unknown", action="store_true", help="dire quelles migrations appliquées ce code n’a pas")

    def handle(self, *_arguments: str, undo: str | None, losses: str | None, unknown: bool, **_options: Any) -> None:
        try:
            if undo is not None:
                self._undo(undo)
            elif losses is not None:
                self._tell_losses(losses)
            elif unknown:
                self.stdout.write(", ".join(unknown_migrations()), ending="")
            else:
                self._upgrade()
        except BackupError as error:
            raise CommandError(str(error)) from error

    def _upgrade(self) -> None:
        pending = pending_migrations()
        if not pending:
            self.stdout.write(_("Aucune migration à appliquer : la base est au schéma de cette version."))
            return
        # The engine that is interrupted ends this command too: as an error, so that the copy goes.
        signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
        names = ", ".join(f"{migration.app_label}.{migration.name}" for migration in pending)
        self.stdout.write(_("À appliquer : %(names)s.") % {"names": names})
        before = upgrade_database(pending)
        self.stdout.write(_("La base est à niveau ; l’ancienne est gardée."))
        self.stdout.write(f"before: {before}")

    def _undo(self, before: str) -> None:
        undone = undo_upgrade(before)
        self.stdout.write(_("%(before)s est de nouveau la base du site.") % {"before": before})
        self.stdout.write(f"undone: {undone}")

    def _tell_losses(self, before: str) -> None:
        for line in losses(before) or [_("Rien ne serait perdu.")]:
            self.stdout.write(line)
