"""A restore cannot make things worse: a database beside the live one is filled and checked, then takes its name."""

import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from django.conf import settings
from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _
from psycopg import sql

from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import find_backup, only_one
from pizzeria.operations.backups.making import count_query
from pizzeria.operations.backups.manifest import DATABASE, MEDIA, Manifest, verify
from pizzeria.operations.backups.programs import connect, require_version, run_program

Database = psycopg.Connection[tuple[Any, ...]]

MAY = """
    SELECT (rolcreatedb OR rolsuper) AND pg_has_role(datdba, 'USAGE'), rolname
    FROM pg_roles, pg_database WHERE rolname = current_user AND datname = %s
"""
# An autovacuum worker is nobody: it has no user, and PostgreSQL ends it for a rename.
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename IS NOT NULL AND pid <> pg_backend_pid()"
PATIENCE = 2
"""Seconds in which the server may notice that a client has gone."""
INVARIANTS: dict[str, LiteralString] = {
    "stock": """
        SELECT count(*) FROM stock_stockitem item WHERE available <>
        (SELECT coalesce(sum(change), 0) FROM stock_movement WHERE item_id = item.id)
    """,
    "money": """
        SELECT count(*) FROM ordering_order placed WHERE subtotal <>
        (SELECT coalesce(sum(amount), 0) FROM ordering_orderline WHERE order_id = placed.id)
    """,
    "constraints": "SELECT count(*) FROM pg_constraint WHERE NOT convalidated",
}
"""How many rows break a rule that spans tables; the rules of one row are constraints, which pg_restore proves."""


def restore_backup(name: str | None) -> tuple[Path, str]:
    """Put a backup, or the newest, in the place of the live database; which, and the name that the old one has now.

    Raises BackupError, which says so when the database was restored and the media were not; otherwise
    nothing was touched.
    """
    folder = find_backup(name)
    with only_one():
        manifest = verify(folder)
        live = str(connection.settings_dict["NAME"])
        with _server() as server:
            _require_suitable(manifest, server)
            _require_allowed(server, live)
            connections.close_all()
            _require_alone(server, live)
            moment = f"{timezone.now():%Y%m%d_%H%M%S}"
            restored, before = f"{live}_restored_{moment}", f"{live}_before_{moment}"
            _create(server, restored, like=live)
            try:
                _fill(folder, manifest, restored)
                _require_alone(server, live)
                _swap(server, live=live, restored=restored, before=before)
            except BaseException:
                _drop(server, restored)
                raise
        try:
            _unpack_media(folder / MEDIA)
        except OSError as error:
            words = {"before": before, "error": error}
            raise BackupError(
                _("La base est restaurée (l’ancienne : %(before)s), mais pas les médias : %(error)s. Recommencez.")
                % words
            ) from error
    return folder, before


def discard_previous() -> list[str]:
    """Drop the databases that restores have kept; their names."""
    live = str(connection.settings_dict["NAME"])
    with _server() as server:
        rows = server.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [f"{live}_before_"])
        kept = [name for (name,) in rows]
        for name in kept:
            _drop(server, name)
    return kept


@contextmanager
def _server() -> Iterator[Database]:
    """The server's own database, from which those of the site are made, renamed and dropped."""
    try:
        with closing(connect(dbname="postgres")) as server:
            server.autocommit = True
            yield server
    except psycopg.Error as error:
        raise BackupError(_("PostgreSQL a refusé : %(error)s") % {"error": error}) from error


def _require_suitable(manifest: Manifest, server: Database) -> None:
    here, there = server.info.server_version // 10_000, manifest.postgresql // 10_000
    if there > here:
        versions = {"there": there, "here": here}
        raise BackupError(
            _("La sauvegarde vient de PostgreSQL %(there)s, ce serveur est en %(here)s : mettez-le à jour d’abord.")
            % versions
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    unknown = sorted(set(manifest.migrations) - known)
    if unknown:
        words = {"release": manifest.release, "unknown": ", ".join(unknown)}
        raise BackupError(
            _("La sauvegarde est plus récente que ce code (%(unknown)s) : installez d’abord la version %(release)s.")
            % words
        )
    require_version("pg_restore", server=here)


def _require_allowed(server: Database, live: str) -> None:
    ((may, role),) = server.execute(MAY, [live]).fetchall()
    if not may:
        give = f"sudo -u postgres psql -c 'ALTER ROLE {role} CREATEDB'"
        take = f"sudo -u postgres psql -c 'ALTER ROLE {role} NOCREATEDB'"
        raise BackupError(
            _("Le rôle %(role)s ne peut pas créer de base. Avant la restauration : %(give)s ; après : %(take)s")
            % {"role": role, "give": give, "take": take}
        )


def _require_alone(server: Database, live: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while others := _count(server, OTHERS, [live]):
        if time.monotonic() > deadline:
            raise BackupError(
                _("La base a encore %(others)s connexion(s). Arrêtez d’abord le site : sudo systemctl stop gunicorn")
                % {"others": others}
            )
        time.sleep(0.1)


def _create(server: Database, name: str, *, like: str) -> None:
    ((encoding, collate, ctype),) = server.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s", [like]
    ).fetchall()
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), encoding, collate, ctype
        )
    )
    # As DEPLOY_ENGINE makes it: the site's role owns it and nobody else may connect.
    server.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _fill(folder: Path, manifest: Manifest, name: str) -> None:
    run_program(
        "pg_restore",
        "--exit-on-error",
        "--no-owner",
        "--no-privileges",
        "--jobs=2",
        f"--dbname={name}",
        folder / DATABASE,
    )
    with closing(connect(dbname=name)) as restored:
        for table, expected in manifest.rows.items():
            found = _count(restored, count_query(table))
            if found != expected:
                words = {"table": table, "found": found, "expected": expected}
                raise BackupError(_("%(table)s a %(found)s lignes au lieu de %(expected)s : rien n’a changé.") % words)
    _migrate(name)
    with closing(connect(dbname=name)) as restored:
        restored.autocommit = True
        # A dump of a PostgreSQL before 18 has no statistics: the first orders would be planned blindly.
        restored.execute("ANALYZE")
        for rule, query in INVARIANTS.items():
            broken = _count(restored, query)
            if broken:
                words = {"rule": rule, "broken": broken}
                raise BackupError(
                    _("%(broken)s ligne(s) de la sauvegarde ne respectent pas la règle « %(rule)s » : rien n’a changé.")
                    % words
                )


def _count(database: Database, query: LiteralString | sql.Composed, values: Sequence[str] = ()) -> int:
    ((found,),) = database.execute(query, values or None).fetchall()
    return int(found)


def _migrate(name: str) -> None:
    """In a process of its own whose only database is the restored one: no migration can reach the live one."""
    url, question, options = os.environ["DATABASE_URL"].partition("?")
    beside = f"{url.rpartition('/')[0]}/{name}{question}{options}"
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, Path(settings.BASE_DIR) / "manage.py", "migrate", "--no-input", "--verbosity=0"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"DATABASE_URL": beside},
    )
    if done.returncode:
        words = {"error": done.stderr.strip()}
        raise BackupError(_("La base restaurée n’a pas pu être migrée, rien n’a changé : %(error)s") % words)


def _swap(server: Database, *, live: str, restored: str, before: str) -> None:
    """Both names or neither. PostgreSQL refuses when somebody has connected since."""
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    with server.transaction():
        server.execute(rename.format(sql.Identifier(live), sql.Identifier(before)))
        server.execute(rename.format(sql.Identifier(restored), sql.Identifier(live)))


def _drop(server: Database, name: str) -> None:
    server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))


def _unpack_media(file: Path) -> None:
    """Every file that was saved, as it was; one that was added since stays."""
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(file) as packed:
        for member in packed:
            inside = member.name.partition("/")[2]
            if inside:
                packed.extract(member.replace(name=inside), root, filter="data")
