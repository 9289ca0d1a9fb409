"""`./manage.py checkdata`: whether the live database's stock and money add up."""

from contextlib import closing
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from pizzeria.operations.backups.beside import broken_rules
from pizzeria.operations.backups.programs import connect


class Command(BaseCommand):
    help = "Vérifie dans la base que le stock et l’argent tombent juste : ce qu’une restauration doit tenir."

    def handle(self, *_arguments: str, **_options: Any) -> None:
        with closing(connect()) as database:
            broken = list(broken_rules(database))
        if broken:
            raise CommandError("\n".join(broken))
        self.stdout.write(_("Le stock et l’argent tombent juste."))
