"""Copies off the server: restic, where RESTIC_REPOSITORY and RESTIC_PASSWORD_FILE are in its environment.

restic reads both itself, and what its kind of repository asks for besides. Copies are never removed from here:
whoever breaks into the server must not be able to ask for that through us.
"""

import json
import os
import shutil
from pathlib import Path

from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import UNFINISHED, backup_root, unwritable
from pizzeria.operations.backups.manifest import verify
from pizzeria.operations.backups.programs import run_tool
from pizzeria.proved_restore import BACKUP

TAG = "oc-pizza"
NO_REPOSITORY = "Is there a repository at"
LISTING_SECONDS = 60


def are_wanted() -> bool:
    return bool(os.environ.get("RESTIC_REPOSITORY"))


def copy(folder: Path) -> None:
    """Raises BackupError when the copy is not there afterwards; the backup itself stays as it is."""
    try:
        # What a restic that was killed here has locked; never what somebody holds.
        _restic("unlock")
        _restic("backup", "--tag", TAG, folder)
    except BackupError as error:
        raise BackupError(
            _("La copie hors du serveur a échoué, la sauvegarde reste ici. %(error)s") % {"error": _advised(error)}
        ) from error


def copies() -> dict[str, str]:
    """The snapshot of each backup that is elsewhere, by the backup's name, the newest first. Raises BackupError."""
    try:
        snapshots = json.loads(_restic("snapshots", "--json", "--tag", TAG, seconds=LISTING_SECONDS))
    except BackupError as error:
        raise BackupError(_("Les copies ne se lisent pas. %(error)s") % {"error": _advised(error)}) from error
    found = {Path(path).name: str(snapshot["id"]) for snapshot in snapshots for path in snapshot["paths"]}
    return {name: found[name] for name in sorted(found, reverse=True) if BACKUP.fullmatch(name)}


def prepare() -> None:
    """Make the repository. Raises BackupError, for one that is there already too."""
    _restic("init")


def fetch(name: str) -> Path:
    """Bring a copy back among the backups, read and compared with its manifest. Raises BackupError."""
    found = copies()
    if name not in found:
        words = {"name": name, "list": "./manage.py backups"}
        raise BackupError(_("Aucune copie ne s’appelle %(name)s. Voyez leur liste : %(list)s") % words)
    if (backup_root() / name).exists():
        raise BackupError(_("La sauvegarde %(name)s est déjà ici.") % {"name": name})
    unfinished = backup_root() / f"{UNFINISHED}copy"
    try:
        _restic("restore", found[name], "--target", unfinished)
        # restic makes the folders again in which the backup stood, wherever that was.
        (folder,) = [path for path in unfinished.rglob(name) if path.is_dir()]
        verify(folder)
        return folder.rename(backup_root() / name)
    except OSError as error:
        raise unwritable(error) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _restic(*arguments: str | Path, seconds: float | None = None) -> str:
    # The service's user has no home that it may write to.
    return run_tool("restic", f"--cache-dir={backup_root() / '.restic'}", *arguments, seconds=seconds)


def _advised(error: BackupError) -> str:
    if NO_REPOSITORY not in str(error):
        return str(error)
    words = {"error": error, "command": "./manage.py backups --prepare-copies"}
    return _("%(error)s Préparez le dépôt, une seule fois : %(command)s") % words
