"""A new database, filled from a backup and checked: what a restore swaps in, and what a drill drops again."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from psycopg import sql

from pizzeria.accounts import rights as of_the_audit_log
from pizzeria.ledger import rights as of_the_journal
from pizzeria.operations.backups.beside import Database, count, like_live, migrate, require_invariants
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.making import count_query
from pizzeria.operations.backups.manifest import DATABASE, Manifest
from pizzeria.operations.backups.programs import connect, run_program

QUICK = "-c synchronous_commit=off -c maintenance_work_mem=128MB -c max_parallel_maintenance_workers=0"
"""Each step need not reach the disk by itself: the renames do, and all that was written before them with them.
Two jobs have two processors: a third process for one's index would only be in the other's way."""


def create(server: Database, name: str, *, like: str) -> None:
    """An empty database that belongs to nobody else than the live one does."""
    ((encoding, collate, ctype),) = server.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s", [like]
    ).fetchall()
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), encoding, collate, ctype
        )
    )
    like_live(server, name, live=like)


def fill(folder: Path, manifest: Manifest, name: str) -> None:
    """Every row of the backup, at the schema of this code. Raises BackupError for one that is not what it says."""
    run_program(
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--jobs=2",
        f"--dbname={name}",
        folder / DATABASE,
        session=QUICK,
    )
    _require_rows(manifest, name)
    if _pending(manifest):
        migrate(name)
    _revoke(name)
    # Two things at a time, as pg_restore had them: a site is closed for as long as a restore lasts.
    with ThreadPoolExecutor(1) as other:
        analysed = other.submit(_analyse, name)
        _require_invariants(name)
        analysed.result()


def _pending(manifest: Manifest) -> bool:
    """Whether this code has migrations that the backup has not; without, there is nothing to start them for."""
    return not {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations} <= set(manifest.migrations)


def _revoke(name: str) -> None:
    """What no dump brings along: the journal and the audit log are added to, and not changed."""
    with closing(connect(dbname=name)) as restored, restored.transaction():
        restored.execute(of_the_journal.REVOKE)
        restored.execute(of_the_audit_log.REVOKE)


def _require_rows(manifest: Manifest, name: str) -> None:
    with closing(connect(dbname=name)) as restored:
        for table, expected in manifest.rows.items():
            found = count(restored, count_query(table))
            if found != expected:
                words = {"table": table, "found": found, "expected": expected}
                raise BackupError(_("%(table)s a %(found)s lignes au lieu de %(expected)s : rien n’a changé.") % words)


def _require_invariants(name: str) -> None:
    with closing(connect(dbname=name)) as restored:
        require_invariants(restored)


def _analyse(name: str) -> None:
    """A dump has no statistics: the first orders would be planned blindly."""
    with closing(connect(dbname=name)) as restored:
        restored.autocommit = True
        restored.execute("ANALYZE")
