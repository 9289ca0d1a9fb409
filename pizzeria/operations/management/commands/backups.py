"""`./manage.py backups`: the backups that there are, each read again and compared with its manifest."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.template.defaultfilters import filesizeformat
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import DamagedBackup
from pizzeria.operations.backups.making import backup_folders
from pizzeria.operations.backups.manifest import verify

Row = tuple[str, str, str, str]


class Command(BaseCommand):
    help = "Montre les sauvegardes : nom, âge, taille, et si chacune est encore ce qui a été écrit."

    def handle(self, *_arguments: str, **_options: Any) -> None:
        rows = [_row(folder) for folder in backup_folders()]
        if not rows:
            raise CommandError(_("Il n’y a pas de sauvegarde. Faites-en une : ./manage.py dbbackup"))
        title = (_("sauvegarde"), _("âge"), _("taille"), _("état"))
        widths = [max(map(len, column)) for column in zip(title, *rows, strict=True)]
        for row in (title, *rows):
            cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())


def _row(folder: Path) -> Row:
    try:
        manifest = verify(folder)
    except DamagedBackup:
        return folder.name, "", "", _("abîmée")
    size = sum(kept.size for kept in manifest.files.values())
    return folder.name, timesince(manifest.created_at, depth=1), filesizeformat(size), _("vérifiée")
