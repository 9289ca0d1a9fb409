"""The restore drill: a backup is restored into a database of its own, which nobody uses and which is dropped again."""

import re
import time
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.manifest import Manifest
from pizzeria.operations.backups.restoring import Database, _create, _fill, _require_allowed, _server
from pizzeria.proved_restore import Proof

MOMENT = re.compile(r"\d{8}_\d{6}")


def prove(folder: Path, manifest: Manifest) -> Proof:
    """What comes of restoring the files of this folder: every row, every migration, every rule, as `dbrestore` does."""
    began, failure = time.monotonic(), ""
    try:
        _restore(folder, manifest)
    except BackupError as error:
        failure = str(error)
    seconds = round(time.monotonic() - began, 1)
    return Proof(at=timezone.now(), release=settings.RELEASE_ID, seconds=seconds, failure=failure)


def _restore(folder: Path, manifest: Manifest) -> None:
    live = str(connection.settings_dict["NAME"])
    with _server() as server:
        for left in drills(server, live):
            _drop(server, left)
        _require_allowed(server, live)
        name = f"{live}_drill_{timezone.now():%Y%m%d_%H%M%S}"
        try:
            _create(server, name, like=live)
            _fill(folder, manifest, name)
        finally:
            _drop(server, name)


def drills(server: Database, live: str) -> list[str]:
    """What drills that were killed have left: one is held at a time, and it is ours."""
    rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{live}_drill_"])
    return [name for (name,) in rows if MOMENT.fullmatch(name.removeprefix(f"{live}_drill_"))]


def _drop(server: Database, name: str) -> None:
    # A pg_restore that has outlived the drill is sent away.
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
