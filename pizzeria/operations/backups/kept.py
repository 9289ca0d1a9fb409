"""Which backups there are and what they are called; one at a time is made, restored or removed.

Ordinary ones stand in BACKUP_ROOT, those that an update makes for its own way back in BACKUP_ROOT/safety:
neither kind is in the way of the other's retention.
"""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.proved_restore import SAFETY, backups_in

UNFINISHED = ".unfinished-"


def backup_root() -> Path:
    return Path(settings.BACKUP_ROOT)


def safety_root() -> Path:
    return backup_root() / SAFETY


def backup_folders() -> list[Path]:
    """The ordinary backups, the newest first."""
    return backups_in(backup_root())


def safety_folders() -> list[Path]:
    return backups_in(safety_root())


def name_of(folder: Path) -> str:
    """What the operator types: `20260101-060000-000`, or `safety/20260101-060000-000`."""
    return folder.relative_to(backup_root()).as_posix()


def find_backup(name: str | None) -> Path:
    """The backup of this name; without one, the newest ordinary one. Raises BackupError."""
    ordinary = backup_folders()
    if name is None and ordinary:
        return ordinary[0]
    folders = {name_of(folder): folder for folder in (*ordinary, *safety_folders())}
    if name is None or not folders:
        raise BackupError(_("Il n’y a pas de sauvegarde. Faites-en une : ./manage.py dbbackup"))
    if name not in folders:
        words = {"name": name, "list": "./manage.py backups"}
        raise BackupError(_("Aucune sauvegarde ne s’appelle %(name)s. Voyez leur liste : %(list)s") % words)
    return folders[name]


@contextmanager
def only_one() -> Iterator[None]:
    """Nobody else makes, restores or removes a backup meanwhile. Raises BackupError when somebody does."""
    with _lock(fcntl.LOCK_EX | fcntl.LOCK_NB):
        yield


@contextmanager
def in_turn() -> Iterator[None]:
    """As `only_one`, once whoever is at it has finished."""
    with _lock(fcntl.LOCK_EX):
        yield


@contextmanager
def _lock(how: int) -> Iterator[None]:
    try:
        backup_root().mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (backup_root() / ".lock").open("w")
    except OSError as error:
        raise unwritable(error) from error
    with lock:
        try:
            fcntl.flock(lock, how)
        except BlockingIOError as error:
            raise BackupError(_("Une autre sauvegarde est en cours : attendez qu’elle se termine.")) from error
        yield


def remove_unfinished() -> None:
    """What a backup or a restore that was killed has left; its lock is ours now."""
    try:
        for folder in (backup_root(), safety_root()):
            for left in folder.glob(f"{UNFINISHED}*"):
                shutil.rmtree(left)
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> BackupError:
    return BackupError(_("Le dossier des sauvegardes ne peut pas être écrit : %(error)s.") % {"error": error})
