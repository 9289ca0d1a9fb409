"""A restore cannot make things worse: a database beside the live one is filled and checked, then takes its name."""

import tarfile
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.operations.backups.beside import (
    Database,
    beside,
    drop,
    live_name,
    names_beside,
    only_server,
    require_allowed,
    require_alone,
    swap,
)
from pizzeria.operations.backups.encryption import plain_files
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.filling import create, fill
from pizzeria.operations.backups.gone import Gone, keep_gone, read_gone
from pizzeria.operations.backups.kept import find_backup, only_one, remove_unfinished
from pizzeria.operations.backups.manifest import MEDIA, Manifest, verify
from pizzeria.operations.backups.programs import require_version
from pizzeria.operations.backups.room import require_room_to_restore


def restore_backup(name: str | None) -> tuple[Path, str]:
    """Put a backup, or the newest, in the place of the live database; which, and the name that the old one has now.

    Raises BackupError, which says so when the database was restored and the media were not; otherwise
    nothing was touched.
    """
    folder = find_backup(name)
    with only_one():
        remove_unfinished()
        manifest = verify(folder)
        with only_server() as server:
            _require_suitable(manifest, server)
            require_allowed(server, live_name())
            gone = read_gone()
            connections.close_all()
            require_alone(server, live_name())
            for unfinished in names_beside(server, live_name(), "restored"):
                drop(server, unfinished)
            require_room_to_restore(server, manifest)
            with plain_files(folder, manifest) as plain:
                before = _restore_database(server, plain, manifest)
                _keep_gone(gone, before)
                _restore_media(plain / MEDIA, before)
    return folder, before


def _restore_database(server: Database, plain: Path, manifest: Manifest) -> str:
    live = live_name()
    restored, before = beside(live, "restored"), beside(live, "before")
    try:
        create(server, restored, like=live)
        fill(plain, manifest, restored)
        require_alone(server, live)
        swap(server, live=live, new=restored, aside=before)
    except BaseException:
        drop(server, restored)
        raise
    return before


def _keep_gone(gone: Gone, before: str) -> None:
    try:
        keep_gone(gone=gone, at=timezone.now())
    except DatabaseError as error:
        words = {"before": before, "error": error}
        raise BackupError(
            _(
                "La base est restaurée (l’ancienne : %(before)s), mais les comptes supprimés depuis y sont revenus : %(error)s."
            )
            % words
        ) from error


def _restore_media(file: Path, before: str) -> None:
    try:
        _unpack_media(file)
    except OSError as error:
        words = {"before": before, "error": error}
        raise BackupError(
            _("La base est restaurée (l’ancienne : %(before)s), mais pas les médias : %(error)s. Recommencez.") % words
        ) from error


def discard_previous() -> list[str]:
    """Drop the databases that restores and upgrades have kept; their names."""
    with only_server() as server:
        kept = names_beside(server, live_name(), "before", "undone")
        for name in kept:
            drop(server, name)
    return kept


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


def _unpack_media(file: Path) -> None:
    """Every file that was saved, as it was; one that was added since stays."""
    root = Path(settings.MEDIA_ROOT)
    with tarfile.open(file) as packed:
        for member in packed:
            inside = member.name.partition("/")[2]
            if inside:
                packed.extract(member.replace(name=inside), root, filter="data")
