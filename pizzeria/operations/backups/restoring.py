"""A restore cannot make things worse: a database beside the live one is filled and checked, then takes its name."""

import tarfile
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from psycopg import sql

from pizzeria.operations.backups.beside import (
    Database,
    beside,
    count,
    drop,
    like_live,
    live_name,
    migrate,
    names_beside,
    only_server,
    require_allowed,
    require_alone,
    require_invariants,
    swap,
)
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.making import NAME, backup_folders, count_query, only_one
from pizzeria.operations.backups.manifest import DATABASE, MEDIA, Manifest, verify
from pizzeria.operations.backups.programs import connect, require_version, run_program


def restore_backup(name: str | None) -> tuple[Path, str]:
    """Put a backup, or the newest, in the place of the live database; which, and the name that the old one has now.

    Raises BackupError, which says so when the database was restored and the media were not; otherwise
    nothing was touched.
    """
    folder = find_backup(name)
    with only_one(Path(settings.BACKUP_ROOT)):
        manifest = verify(folder)
        live = live_name()
        with only_server() as server:
            _require_suitable(manifest, server)
            require_allowed(server, live)
            connections.close_all()
            require_alone(server, live)
            for unfinished in names_beside(server, live, "restored"):
                drop(server, unfinished)
            restored, before = beside(live, "restored"), beside(live, "before")
            try:
                _create(server, restored, like=live)
                _fill(folder, manifest, restored)
                require_alone(server, live)
                swap(server, live=live, new=restored, aside=before)
            except BaseException:
                drop(server, restored)
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
    """Drop the databases that restores and upgrades have kept; their names."""
    with only_server() as server:
        kept = names_beside(server, live_name(), "before", "undone")
        for name in kept:
            drop(server, name)
    return kept


def find_backup(name: str | None) -> Path:
    folders = {folder.name: folder for folder in backup_folders()}
    if not folders:
        raise BackupError(_("Il n’y a pas de sauvegarde. Faites-en une : ./manage.py dbbackup"))
    if name is None:
        return next(iter(folders.values()))
    if not NAME.fullmatch(name) or name not in folders:
        words = {"name": name, "list": "./manage.py backups"}
        raise BackupError(_("Aucune sauvegarde ne s’appelle %(name)s. Voyez leur liste : %(list)s") % words)
    return folders[name]


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


def _create(server: Database, name: str, *, like: str) -> None:
    ((encoding, collate, ctype),) = server.execute(
        "SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = %s", [like]
    ).fetchall()
    server.execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}").format(
            sql.Identifier(name), encoding, collate, ctype
        )
    )
    like_live(server, name, live=like)


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
            found = count(restored, count_query(table))
            if found != expected:
                words = {"table": table, "found": found, "expected": expected}
                raise BackupError(_("%(table)s a %(found)s lignes au lieu de %(expected)s : rien n’a changé.") % words)
    migrate(name)
    with closing(connect(dbname=name)) as restored:
        restored.autocommit = True
        # A dump of a PostgreSQL before 18 has no statistics: the first orders would be planned blindly.
        restored.execute("ANALYZE")
        require_invariants(restored)


def _unpack_media(file: Path) -> None:
    """Every file that was saved, as it was; one that was added since stays."""
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(file) as packed:
        for member in packed:
            inside = member.name.partition("/")[2]
            if inside:
                packed.extract(member.replace(name=inside), root, filter="data")
