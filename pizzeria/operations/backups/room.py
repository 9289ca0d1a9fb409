"""Whether the disks have room, asked before anything is begun."""

import shutil
from pathlib import Path

from django.conf import settings
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from pizzeria.operations.backups.beside import Database, count, live_name
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.kept import backup_folders, safety_folders
from pizzeria.operations.backups.manifest import DATABASE, Manifest, read_manifest

DEBIAN_DATA = "/var/lib/postgresql"
"""Where a distribution's PostgreSQL keeps its databases; it tells only its administrator."""
MARGIN = 64 * 2**20
GROWTH = 1.2
"""By how much a dump may be larger than the last one."""


def require_room(folder: Path, needed: int) -> None:
    """Raises BackupError, and says how much is missing, where the disk of this folder has less."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        words = {"needed": needed, "free": free, "missing": needed - free}
        told = {name: filesizeformat(size) for name, size in words.items()} | {"folder": folder}
        raise BackupError(
            _(
                "Il faut %(needed)s libres dans %(folder)s, il y en a %(free)s : il manque %(missing)s. Rien n’a "
                "changé. Libérez de la place, par exemple d’anciennes bases : ./manage.py dbrestore --discard-previous"
            )
            % told
        )


def require_database_room(server: Database, needed: int) -> None:
    """As `require_room`, on the server's disk; where that is elsewhere, its own refusal has to do."""
    folder = _data_folder(server)
    if folder:
        require_room(folder, needed + MARGIN)


def require_room_to_restore(server: Database, manifest: Manifest) -> None:
    """For a database as large as the one that was saved."""
    require_database_room(server, manifest.database_size or live_size(server))


def require_room_for_backup(folder: Path, database_size: int, *, times: int) -> None:
    """For a dump as the last one was, or else no larger than the database itself, and the media.

    While it is encrypted it is there twice.
    """
    needed = int(_last_dump() * GROWTH or database_size) + _media_size()
    require_room(folder, times * needed)


def live_size(server: Database) -> int:
    return count(server, "SELECT pg_database_size(%s)", [live_name()])


def _last_dump() -> int:
    for folder in sorted((*backup_folders(), *safety_folders()), key=lambda found: found.name, reverse=True):
        try:
            files = read_manifest(folder).files
        except BackupError:
            continue
        return next(kept.size for name, kept in files.items() if name.startswith(DATABASE))
    return 0


def _media_size() -> int:
    return sum(path.stat().st_size for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())


def _data_folder(server: Database) -> Path | None:
    if server.info.host and not server.info.host.startswith("/"):
        return None
    told = server.execute("SELECT setting FROM pg_settings WHERE name = 'data_directory'").fetchone()
    folder = Path(told[0] if told else DEBIAN_DATA)
    return folder if folder.is_dir() else None
