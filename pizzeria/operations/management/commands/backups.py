"""`./manage.py backups`: the backups that there are, each read again and compared with its manifest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import DamagedBackup
from pizzeria.operations.backups.kept import backup_folders, name_of, safety_folders
from pizzeria.operations.backups.manifest import verify
from pizzeria.proved_restore import read_proof

Row = tuple[str, ...]


class Command(BaseCommand):
    help = (
        "Montre les sauvegardes : nom, âge, taille, si chacune est ce qui a été écrit, et quand elle a été restaurée."
    )

    def handle(self, *_arguments: str, **_options: Any) -> None:
        rows = [_row(folder) for folder in (*backup_folders(), *safety_folders())]
        if not rows:
            raise CommandError(_("Il n’y a pas de sauvegarde. Faites-en une : ./manage.py dbbackup"))
        title = (_("sauvegarde"), _("âge"), _("taille"), _("état"), _("restauration prouvée"))
        widths = [max(map(len, column)) for column in zip(title, *rows, strict=True)]
        for row in (title, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _row(folder: Path) -> Row:
    try:
        manifest = verify(folder)
    except DamagedBackup:
        return name_of(folder), "", "", _("abîmée"), ""
    size = sum(kept.size for kept in manifest.files.values())
    age = timesince(manifest.created_at, depth=1)
    return name_of(folder), age, filesizeformat(size), _("vérifiée"), _proved(folder)


def _proved(folder: Path) -> str:
    proof = read_proof(folder)
    if proof is None:
        return _("non essayée")
    when = date_format(localtime(proof.at), "d/m/Y H:i")
    return _("échec le %(when)s") % {"when": when} if proof.failure else when
