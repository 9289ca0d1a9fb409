"""A disk that is really full: a small one is mounted for it, which takes root."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management.base import CommandError
from django.db import connection
from pytest_django import Settings

from pizzeria.operations.backups.kept import backup_folders
from pizzeria.operations.tests.test_backups import made, root, said

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def disk(root: Path, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """Of four megabytes."""
    folder = tmp_path / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder], check=True)  # noqa: S607
    settings.BACKUP_ROOT = folder / "backups"
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607


def fill_the_database() -> None:
    """With what no compression makes smaller."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE noise AS SELECT decode(md5(n::text), 'hex') AS bytes FROM generate_series(1, 600000) n"
        )


@pytest.fixture(autouse=True)
def _no_noise_stays() -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS noise")


def left_on(disk: Path) -> list[str]:
    return sorted(path.name for path in (disk / "backups").iterdir() if path.name != ".lock")


def a_small_backup(settings: Settings, disk: Path, tmp_path: Path) -> Path:
    """Made where there was room; the next is thought to need no more."""
    settings.BACKUP_ROOT = tmp_path / "elsewhere"
    folder = made()
    settings.BACKUP_ROOT = disk / "backups"
    settings.BACKUP_ROOT.mkdir()
    subprocess.run(["cp", "-r", folder, settings.BACKUP_ROOT], check=True)  # noqa: S607
    return Path(settings.BACKUP_ROOT) / folder.name


def test_what_cannot_fit_is_not_begun_and_the_operator_hears_how_much_is_missing(disk: Path) -> None:
    with pytest.raises(CommandError, match=r"Il faut .* libres dans .* il manque .*Rien n’a changé"):
        said("dbbackup")
    assert left_on(disk) == []


def test_a_disk_that_fills_in_mid_dump_leaves_the_backups_that_were_there(
    settings: Settings, disk: Path, tmp_path: Path
) -> None:
    whole = a_small_backup(settings, disk, tmp_path)
    fill_the_database()
    with pytest.raises(CommandError, match=r"pg_dump a échoué.*No space left on device"):
        said("dbbackup")
    assert backup_folders() == [whole]
    assert left_on(disk) == [whole.name]
    assert "vérifiée" in said("backups")
