"""`./manage.py backups`: the backups that there are, each read again and compared with its manifest."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from pizzeria.operations.backups import copies
from pizzeria.operations.backups.errors import BackupError, DamagedBackup
from pizzeria.operations.backups.kept import backup_folders, name_of, only_one, safety_folders
from pizzeria.operations.backups.manifest import verify
from pizzeria.proved_restore import moment_of, read_proof

Row = tuple[str, ...]


class Command(BaseCommand):
    help = (
        "Montre les sauvegardes : nom, âge, taille, si chacune est ce qui a été écrit, et quand elle a été restaurée."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--fetch", metavar="NOM", help="ramener cette copie ici, pour la restaurer")
        what.add_argument(
            "--prepare-copies", action="store_true", help="préparer le dépôt restic des copies, une seule fois"
        )

    def handle(self, *_arguments: str, fetch: str | None, prepare_copies: bool, **_options: Any) -> None:
        try:
            if prepare_copies:
                copies.prepare()
                self.stdout.write(_("Le dépôt est prêt. Gardez son mot de passe ailleurs que sur ce serveur."))
            elif fetch:
                self._fetch(fetch)
            else:
                self._show()
        except BackupError as error:
            raise CommandError(str(error)) from error

    def _fetch(self, name: str) -> None:
        with only_one():
            copies.fetch(name)
        words = {"command": f"./manage.py dbrestore {name}"}
        self.stdout.write(_("Ramenée et relue. Pour la restaurer : %(command)s") % words)

    def _show(self) -> None:
        elsewhere, unread = _copies()
        here = [*backup_folders(), *safety_folders()]
        rows = [(*_row(folder), *_copy(name_of(folder), elsewhere)) for folder in here]
        known = {name_of(folder) for folder in here}
        rows += [_only_elsewhere(name) for name in elsewhere or () if name not in known]
        if not rows and not unread:
            raise CommandError(_("Il n’y a pas de sauvegarde. Faites-en une : ./manage.py dbbackup"))
        title: Row = (_("sauvegarde"), _("âge"), _("taille"), _("état"), _("restauration prouvée"))
        if elsewhere is not None:
            title += (_("copie"),)
        self._table([title, *rows])
        if unread:
            raise CommandError(unread)

    def _table(self, rows: list[Row]) -> None:
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _copies() -> tuple[dict[str, str] | None, str]:
    """The copies, None where there are none to be; and why they could not be read."""
    if not copies.are_wanted():
        return None, ""
    try:
        return copies.copies(), ""
    except BackupError as error:
        return None, str(error)


def _row(folder: Path) -> Row:
    try:
        manifest = verify(folder)
    except DamagedBackup:
        return name_of(folder), "", "", _("abîmée"), ""
    size = sum(kept.size for kept in manifest.files.values())
    age = timesince(manifest.created_at, depth=1)
    return name_of(folder), age, filesizeformat(size), _("vérifiée"), _proved(folder)


def _copy(name: str, elsewhere: dict[str, str] | None) -> Row:
    if elsewhere is None:
        return ()
    return (_("oui") if name in elsewhere else _("non"),)


def _only_elsewhere(name: str) -> Row:
    return name, timesince(moment_of(Path(name)), depth=1), "", _("pas ici"), "", _("oui")


def _proved(folder: Path) -> str:
    proof = read_proof(folder)
    if proof is None:
        return _("non essayée")
    when = date_format(localtime(proof.at), "d/m/Y H:i")
    return _("échec le %(when)s") % {"when": when} if proof.failure else when
