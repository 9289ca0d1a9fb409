"""One backup: written under another name, proved, and only then given its own."""

import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from pizzeria.operations.backups.encryption import encrypt, require_recipient
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import UNFINISHED, remove_unfinished
from pizzeria.operations.backups.manifest import DATABASE, MEDIA, Manifest, sum_of, verify, write_manifest
from pizzeria.operations.backups.programs import connect, require_version, run_program
from pizzeria.operations.backups.room import require_room_for_backup
from pizzeria.proved_restore import Proof, write_proof

Prove = Callable[[Path, Manifest], Proof]

TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') ORDER BY relname
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """One instant of the database, which pg_dump sees too: the counts are of the rows that it writes."""

    id: str
    postgresql: int
    migrations: list[str]
    rows: dict[str, int]
    size: int
    """Of the database, on the server's disk."""


def make_backup(parent: Path, *, recipient: str, before_encrypting: Prove | None) -> tuple[Path, Proof | None]:
    """A new backup of the database and the media, in a folder of `parent`, read back and compared with its manifest.

    Encrypted for `recipient`, if there is one. That can only be proved before, for the key that opens it is not here:
    what came of it is beside it. Nobody else makes one meanwhile: `only_one` or `in_turn` is the caller's. Raises BackupError; no
    backup is then listed that was not before.
    """
    if recipient:
        require_recipient(recipient)
    try:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        remove_unfinished()
        return _make(parent, recipient, before_encrypting)
    except OSError as error:
        raise BackupError(_("La sauvegarde n’a pas pu être écrite : %(error)s.") % {"error": error}) from error


def _make(parent: Path, recipient: str, before_encrypting: Prove | None) -> tuple[Path, Proof | None]:
    now = timezone.now().astimezone(UTC)
    name = f"{now:%Y%m%d-%H%M%S}-{now.microsecond // 1000:03}"
    unfinished = parent / f"{UNFINISHED}{name}"
    unfinished.mkdir(mode=0o700)
    try:
        manifest, proof = _fill(unfinished, now, twice=bool(recipient)), None
        if recipient:
            proof = before_encrypting(unfinished, manifest) if before_encrypting else None
            manifest = encrypt(unfinished, manifest, recipient)
        write_manifest(unfinished, manifest)
        if proof:
            write_proof(unfinished, proof)
        for path in (*unfinished.iterdir(), unfinished):
            _sync(path)
        verify(unfinished)
        return unfinished.rename(parent / name), proof
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
        _sync(parent)


def _fill(folder: Path, now: datetime, *, twice: bool) -> Manifest:
    with _snapshot() as seen:
        require_version("pg_dump", server=seen.postgresql // 10_000)
        require_room_for_backup(folder, seen.size, times=2 if twice else 1)
        run_program("pg_dump", "--format=custom", f"--snapshot={seen.id}", f"--file={folder / DATABASE}")
    # A dump that was cut has no readable list at its head, whatever pg_dump has answered.
    run_program("pg_restore", "--list", folder / DATABASE)
    _pack_media(folder / MEDIA)
    return Manifest(
        created_at=now,
        release=settings.RELEASE_ID,
        postgresql=seen.postgresql,
        migrations=seen.migrations,
        rows=seen.rows,
        files={name: sum_of(folder / name) for name in (DATABASE, MEDIA)},
        database_size=seen.size,
    )


@contextmanager
def _snapshot() -> Iterator[Snapshot]:
    try:
        opened = connect()
    except psycopg.OperationalError as error:
        raise BackupError(_("La base ne répond pas : %(error)s") % {"error": error}) from error
    with opened as database:
        database.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        database.read_only = True
        tables = [table for (table,) in database.execute(TABLES)]
        applied = database.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        yield Snapshot(
            id=_one(database, sql.SQL("SELECT pg_export_snapshot()")),
            postgresql=database.info.server_version,
            migrations=[migration for (migration,) in applied],
            rows={name: _one(database, count_query(name)) for name in tables},
            size=_one(database, sql.SQL("SELECT pg_database_size(current_database())")),
        )


def count_query(table: str) -> sql.Composed:
    return sql.SQL("SELECT count(*) FROM public.{}").format(sql.Identifier(table))


def _one(database: "psycopg.Connection[tuple[Any, ...]]", query: sql.SQL | sql.Composed) -> Any:
    ((value,),) = database.execute(query).fetchall()
    return value


def _pack_media(file: Path) -> None:
    media = Path(settings.MEDIA_ROOT)
    with tarfile.open(file, "w") as packed:
        if media.exists():
            packed.add(media, arcname="media")


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
