"""The restore drill: a backup is restored into a database of its own, which nobody uses and which is dropped again."""

import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from pizzeria.operations.backups.beside import beside, drop, live_name, names_beside, require_allowed, server
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.filling import create, fill
from pizzeria.operations.backups.manifest import Manifest
from pizzeria.operations.backups.room import require_room_to_restore
from pizzeria.proved_restore import Proof


def prove(plain: Path, manifest: Manifest) -> Proof:
    """What comes of restoring the plain files of this folder: every row, migration and rule, as `dbrestore` does."""
    began, failure = time.monotonic(), ""
    try:
        _restore(plain, manifest)
    except BackupError as error:
        failure = str(error)
    seconds = round(time.monotonic() - began, 1)
    return Proof(at=timezone.now(), release=settings.RELEASE_ID, seconds=seconds, failure=failure)


def _restore(plain: Path, manifest: Manifest) -> None:
    live = live_name()
    with server() as opened:
        require_allowed(opened, live)
        # What a drill that was killed has left: there is one at a time, and it is ours.
        for left in names_beside(opened, live, "drill"):
            drop(opened, left)
        require_room_to_restore(opened, manifest)
        name = beside(live, "drill")
        try:
            create(opened, name, like=live)
            fill(plain, manifest, name)
        finally:
            drop(opened, name)
