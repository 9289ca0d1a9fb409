"""A restore brings back what was saved, or refuses and touches nothing."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.backups.kept import backup_folders
from pizzeria.operations.backups.manifest import sum_of
from pizzeria.operations.backups.programs import connect
from pizzeria.operations.demo.group import load_group
from pizzeria.operations.tests.damage import DAMAGES, damage
from pizzeria.operations.tests.test_backups import digests, made, root, said
from pizzeria.stores.models import City

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    load_group(opened_at=timezone.now() - timedelta(days=1))
    yield
    said("dbrestore", "--discard-previous")


def databases() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database")
        return {name for (name,) in cursor.fetchall()}


def edit(folder: Path, **changes: Any) -> None:
    """Another manifest, as valid as the first."""
    file = folder / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    (folder / "manifest.sha256").write_text(sum_of(file).sha256)


def refused(why: str, *command: str) -> None:
    """Refused with this sentence, and no database is there, or gone, or changed."""
    City.objects.update(name="Plus récente")
    before = databases()
    with pytest.raises(CommandError, match=why):
        call_command("dbrestore", *command)
    assert databases() == before
    assert City.objects.filter(name="Plus récente").count() == 3


def test_every_row_comes_back_byte_for_byte() -> None:
    tables = list(json.loads((made() / "manifest.json").read_text())["rows"])
    before = digests(tables)
    City.objects.update(name="Ailleurs")
    assert digests(tables) != before
    said("dbrestore")
    assert digests(tables) == before


def test_a_file_that_was_lost_comes_back(settings: Settings) -> None:
    made()
    lost = Path(settings.MEDIA_ROOT) / "recette.pdf"
    lost.unlink()
    said("dbrestore")
    assert lost.read_bytes() == b"tomates, basilic"


def test_the_old_database_stays_until_it_is_discarded() -> None:
    made()
    City.objects.update(name="Ailleurs")
    said("dbrestore")
    (kept,) = (name for name in databases() if "_before_" in name)
    connections.close_all()
    with connect(dbname=kept) as old:
        assert old.execute("SELECT DISTINCT name FROM stores_city").fetchall() == [("Ailleurs",)]
    assert kept in said("dbrestore", "--discard-previous")
    assert kept not in databases()


def test_a_named_backup_is_the_one_restored() -> None:
    first = made()
    City.objects.update(name="Ailleurs")
    made()
    said("dbrestore", first.name)
    assert not City.objects.filter(name="Ailleurs").exists()


def test_an_older_backup_is_brought_to_the_schema_of_the_code() -> None:
    call_command("migrate", "catalogue", "0002", verbosity=0)
    folder = made()
    call_command("migrate", verbosity=0)
    assert "catalogue.0003_english_words" not in json.loads((folder / "manifest.json").read_text())["migrations"]
    said("dbrestore")
    call_command("migrate", "--check", verbosity=0)


@pytest.mark.parametrize("name", ["database.dump", "media.tar", "manifest.json"])
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_backup_is_refused(name: str, how: str) -> None:
    damage(made() / name, how)
    refused("est abîmée.*backups")


def test_a_newer_postgresql_is_refused() -> None:
    edit(made(), postgresql=990000)
    refused("PostgreSQL 99.*mettez-le à jour")


def test_a_backup_of_newer_code_is_refused() -> None:
    folder = made()
    migrations = json.loads((folder / "manifest.json").read_text())["migrations"]
    edit(folder, migrations=[*migrations, "stock.0099_later"], release="20270101-later")
    refused("stock.0099_later.*20270101-later")


def test_rows_that_are_missing_are_refused() -> None:
    folder = made()
    edit(folder, rows=json.loads((folder / "manifest.json").read_text())["rows"] | {"stores_city": 7})
    refused("stores_city a 3 lignes au lieu de 7")


def test_a_stock_that_does_not_add_up_is_refused() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stock_stockitem SET available = available + 1 WHERE id = (SELECT min(id) FROM stock_stockitem)"
        )
    made()
    refused("1 ligne.*« stock »")


def test_while_others_are_connected_it_is_refused() -> None:
    made()
    with connect():
        refused("1 connexion.*sudo systemctl stop gunicorn")


def test_a_role_that_may_not_create_databases_is_told_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    made()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE of_the_site LOGIN")
    try:
        with monkeypatch.context() as patched:
            patched.setitem(connection.settings_dict, "USER", "of_the_site")
            with pytest.raises(CommandError, match="ALTER ROLE of_the_site CREATEDB"):
                call_command("dbrestore")
    finally:
        connections.close_all()
        with connection.cursor() as cursor:
            cursor.execute("DROP ROLE of_the_site")


def test_an_unknown_name_is_refused() -> None:
    made()
    refused("Aucune sauvegarde ne s’appelle hier", "hier")


def test_without_a_backup_it_is_refused() -> None:
    refused("Il n’y a pas de sauvegarde")


def test_media_that_cannot_be_written_are_told_apart_from_the_database(settings: Settings, tmp_path: Path) -> None:
    made()
    City.objects.update(name="Ailleurs")
    (tmp_path / "file").touch()
    settings.MEDIA_ROOT = tmp_path / "file"
    with pytest.raises(CommandError, match=r"La base est restaurée .*_before_.*mais pas les médias"):
        call_command("dbrestore")
    assert not City.objects.filter(name="Ailleurs").exists()


def test_a_disk_without_room_for_it_is_noticed_before() -> None:
    edit(made(), database_size=10**15)
    refused("Il faut .* il manque .*--discard-previous")


@pytest.mark.parametrize(
    "content",
    [
        {"format": 2},
        {"format": None},
        {"files": {"dump.sql": {"size": 1, "sha256": ""}}},
        {"files": {"database.sqlite3": {"size": 1, "sha256": ""}, "media.tar": {"size": 1, "sha256": ""}}},
        {"CONNECTOR": "dbbackup.db.postgresql.PgDumpConnector"},
    ],
)
def test_a_backup_of_another_format_or_engine_is_refused(content: dict[str, Any]) -> None:
    edit(made(), **content)
    refused("est abîmée")


def test_a_dump_that_is_none_of_postgresqls_is_refused() -> None:
    folder = made()
    (folder / "database.dump").write_bytes(b"SQLite format 3\0" + bytes(4096))
    files = json.loads((folder / "manifest.json").read_text())["files"]
    found = sum_of(folder / "database.dump")
    edit(folder, files=files | {"database.dump": {"size": found.size, "sha256": found.sha256}})
    refused("pg_restore a échoué")


def test_programs_older_than_the_server_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = made()
    old = tmp_path / "bin"
    old.mkdir()
    for name in ("pg_dump", "pg_restore"):
        (old / name).write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) 13.14'\n")
        (old / name).chmod(0o755)
    monkeypatch.setattr("pizzeria.operations.backups.programs._program", lambda name: old / name)
    refused("13.14 est plus ancien que le serveur.*postgresql-client")
    with pytest.raises(CommandError, match=r"13\.14 est plus ancien que le serveur"):
        call_command("dbbackup")
    assert backup_folders() == [folder]


def test_a_restore_that_was_killed_is_cleared_by_the_next() -> None:
    made()
    left = f"{connection.settings_dict['NAME']}_restored_20260101_060000"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{left}"')
    said("dbrestore")
    assert left not in databases()


def test_a_backup_folder_that_cannot_be_written_is_told(settings: Settings, root: Path) -> None:
    made()
    (root / ".lock").unlink()
    (root / ".lock").mkdir()
    refused("Le dossier des sauvegardes ne peut pas être écrit")
