"""`./manage.py archive_ledger`: a year of the journal in a file that anyone verifies with Python alone."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.ledger.archive import is_closed, write_archive


class Command(BaseCommand):
    help = "Écrit les écritures et les clôtures d’une année dans un zip qui se vérifie sans le site, avec Python seul."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--year", type=int, required=True, metavar="ANNÉE")
        parser.add_argument(
            "--to", type=Path, required=True, metavar="FICHIER", help="le zip à écrire ; il ne doit pas exister"
        )

    def handle(self, *_arguments: str, year: int, to: Path, **_options: Any) -> None:
        if not to.is_absolute():
            to = Path.cwd() / to
        try:
            seal = write_archive(year=year, to=to, at=timezone.now())
        except FileExistsError as error:
            raise CommandError(
                _("%(file)s existe déjà : une archive n’en remplace pas une autre.") % {"file": to}
            ) from error
        except OSError as error:
            raise CommandError(_("Écriture impossible : %(error)s.") % {"error": error}) from error
        self.stdout.write(_("Archive écrite : %(file)s") % {"file": to})
        self.stdout.write(_("Empreinte à noter ailleurs que dans l’archive : %(seal)s") % {"seal": seal})
        self.stdout.write(_("Pour la vérifier : python3 verify.py %(file)s") % {"file": to})
        if not is_closed(year=year):
            self.stdout.write(
                _("L’année n’est pas close partout : cette archive n’est pas encore celle qu’il faut garder.")
            )
