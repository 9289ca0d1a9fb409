"""Backups: whole or not there at all, and known to be what was written."""

import fcntl
import hashlib
import json
import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.backups.kept import backup_folders
from pizzeria.operations.backups.programs import _environment, _program
from pizzeria.operations.demo.group import load_group
from pizzeria.operations.tests.damage import DAMAGES, damage

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_ROOT = tmp_path / "backups"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MEDIA_ROOT.mkdir()
    (settings.MEDIA_ROOT / "recette.pdf").write_bytes(b"tomates, basilic")
    return tmp_path / "backups"


def said(*command: str) -> str:
    told = StringIO()
    call_command(*command, stdout=told)
    return told.getvalue()


def made() -> Path:
    said("dbbackup", "--no-drill")
    return backup_folders()[0]


def digests(tables: list[str]) -> dict[str, str]:
    """One sum per table over its rows, in an order that no restore can change."""
    with connection.cursor() as cursor:
        found = {}
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t ORDER BY 1')  # noqa: S608
            found[table] = hashlib.sha256(repr(cursor.fetchall()).encode()).hexdigest()
        return found


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """What a disk that is full does to whoever writes, pg_dump included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_backup_brings_back_every_row_byte_for_byte() -> None:
    load_group(opened_at=timezone.now())
    folder = made()
    rows = json.loads((folder / "manifest.json").read_text())["rows"]
    assert rows["stores_city"] == 3
    before = digests(list(rows))
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    subprocess.run(
        [_program("pg_restore"), "--dbname", "", "--exit-on-error", folder / "database.dump"],
        env=_environment(),
        check=True,
    )
    assert digests(list(rows)) == before


def test_the_manifest_says_what_was_saved_and_from_what() -> None:
    load_group(opened_at=timezone.now())
    manifest = json.loads((made() / "manifest.json").read_text())
    assert manifest["release"] == "test"
    assert manifest["postgresql"] >= 150000
    assert "catalogue.0001_initial" in manifest["migrations"]
    assert set(manifest["files"]) == {"database.dump", "media.tar"}


def test_the_media_are_in_it() -> None:
    folder = made()
    told = subprocess.run(["tar", "-xOf", folder / "media.tar", "media/recette.pdf"], capture_output=True, check=True)  # noqa: S607
    assert told.stdout == b"tomates, basilic"


def test_only_the_owner_can_read_it(root: Path) -> None:
    folder = made()
    assert root.stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_a_disk_that_fills_in_mid_dump_leaves_nothing_listed(root: Path) -> None:
    load_group(opened_at=timezone.now())
    whole = made()
    with files_no_larger_than(20_000), pytest.raises(CommandError, match="pg_dump"):
        said("dbbackup")
    assert backup_folders() == [whole]
    assert not list(root.glob(".unfinished-*"))


def test_a_disk_that_fills_at_the_media_leaves_nothing_listed(root: Path, settings: Settings) -> None:
    (Path(settings.MEDIA_ROOT) / "large").write_bytes(b"0" * 8_000_000)
    with files_no_larger_than(5_000_000), pytest.raises(CommandError, match="n’a pas pu être écrite"):
        said("dbbackup")
    assert backup_folders() == []
    assert not list(root.glob(".unfinished-*"))


def test_what_a_killed_backup_left_is_cleared_by_the_next(root: Path) -> None:
    left = root / ".unfinished-20260101-060000-000"
    left.mkdir(parents=True)
    (left / "database.dump").write_bytes(b"PGDMP")
    assert backup_folders() == []
    made()
    assert not left.exists()


def test_two_backups_at_once_are_refused(root: Path) -> None:
    root.mkdir()
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Une autre sauvegarde est en cours"):
            said("dbbackup")
    made()


def test_the_list_says_age_size_and_that_it_was_verified() -> None:
    folder = made()
    title, row = said("backups").splitlines()
    assert title.split() == ["sauvegarde", "âge", "taille", "état", "restauration", "prouvée"]
    assert row.startswith(folder.name)
    assert row.endswith("vérifiée  non essayée")


def test_without_a_backup_the_list_says_how_to_make_one() -> None:
    with pytest.raises(CommandError, match="dbbackup"):
        said("backups")


@pytest.mark.parametrize("name", ["database.dump", "media.tar", "manifest.json", "manifest.sha256"])
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_backup_is_shown_as_damaged(name: str, how: str) -> None:
    damage(made() / name, how)
    assert said("backups").splitlines()[1].endswith("abîmée")


def test_a_manifest_that_was_edited_is_damaged_though_it_reads_well() -> None:
    file = made() / "manifest.json"
    file.write_text(file.read_text().replace('"stores_city": 0', '"stores_city": 7'))
    assert said("backups").splitlines()[1].endswith("abîmée")


def test_a_folder_that_cannot_be_written_is_told(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    settings.BACKUP_ROOT = tmp_path / "file" / "backups"
    with pytest.raises(CommandError, match="Le dossier des sauvegardes ne peut pas être écrit"):
        said("dbbackup")
