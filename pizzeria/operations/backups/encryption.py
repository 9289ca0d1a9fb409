"""Backups that only the holder of a key can read: `age`, for a public key named in the environment.

The secret key need not be on the server; a restore is given its file. A backup is plain only in a folder that no
list shows, which is removed whatever happens, and by the next backup or restore when this one was killed.
"""

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import UNFINISHED, backup_root, name_of, unwritable
from pizzeria.operations.backups.manifest import DATABASE, ENCRYPTED, MEDIA, Manifest, sum_of
from pizzeria.operations.backups.programs import run_tool
from pizzeria.operations.backups.room import require_room

NOT_ITS_KEY = "no identity matched"


def require_recipient(recipient: str) -> None:
    """Raises BackupError, before anything is written, for a public key that age does not take."""
    try:
        run_tool("age", "--recipient", recipient, "--output", os.devnull, os.devnull)
    except BackupError as error:
        words = {"error": error}
        raise BackupError(
            _("BACKUP_AGE_RECIPIENT n’est pas une clé publique de age : rien n’a été sauvegardé. %(error)s") % words
        ) from error


def encrypt(folder: Path, manifest: Manifest, recipient: str) -> Manifest:
    """Put the encrypted files in the place of the plain ones; the manifest of what is kept then."""
    files = {}
    for name in manifest.files:
        kept = f"{name}{ENCRYPTED}"
        run_tool("age", "--recipient", recipient, "--output", folder / kept, folder / name)
        (folder / name).unlink()
        files[kept] = sum_of(folder / kept)
    return replace(manifest, files=files, recipient=recipient)


@contextmanager
def plain_files(folder: Path, manifest: Manifest) -> Iterator[Path]:
    """A folder with the database and the media as they were saved. Raises BackupError without the right key."""
    if not manifest.recipient:
        yield folder
        return
    identity = _identity(folder)
    require_room(backup_root(), sum(kept.size for kept in manifest.files.values()))
    with _unlisted_folder() as plain:
        for name in (DATABASE, MEDIA):
            _decrypt(folder, f"{name}{ENCRYPTED}", identity, plain / name, manifest)
        yield plain


@contextmanager
def _unlisted_folder() -> Iterator[Path]:
    plain = backup_root() / f"{UNFINISHED}plain"
    try:
        plain.mkdir(mode=0o700)
    except OSError as error:
        raise unwritable(error) from error
    try:
        yield plain
    finally:
        shutil.rmtree(plain)


def _identity(folder: Path) -> Path:
    if not settings.BACKUP_AGE_IDENTITY:
        command = f"sudo BACKUP_AGE_IDENTITY=/chemin/de/la/cle ./manage.py dbrestore {name_of(folder)}"
        words = {"backup": name_of(folder), "command": command}
        raise BackupError(_("La sauvegarde %(backup)s est chiffrée. Donnez sa clé secrète : %(command)s") % words)
    identity = Path(settings.BACKUP_AGE_IDENTITY)
    try:
        identity.open().close()
    except OSError as error:
        words = {"error": str(error), "user": pwd.getpwuid(os.geteuid()).pw_name}
        raise BackupError(
            _("La clé secrète ne se lit pas : %(error)s. Le compte %(user)s doit pouvoir la lire ; rien n’a changé.")
            % words
        ) from error
    return identity


def _decrypt(folder: Path, name: str, identity: Path, to: Path, manifest: Manifest) -> None:
    try:
        run_tool("age", "--decrypt", "--identity", identity, "--output", to, folder / name)
    except BackupError as error:
        words = {"backup": name_of(folder), "identity": identity, "recipient": manifest.recipient, "error": error}
        if NOT_ITS_KEY not in str(error):
            raise BackupError(
                _("La sauvegarde %(backup)s n’a pas pu être déchiffrée, rien n’a changé. %(error)s") % words
            ) from error
        raise BackupError(
            _(
                "%(identity)s n’ouvre pas la sauvegarde %(backup)s : prenez la clé secrète de %(recipient)s. "
                "Rien n’a changé."
            )
            % words
        ) from error
