"""Every backup is restored once, beside; what came of it is written beside the backup and told."""

import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.backups.kept import backup_folders
from pizzeria.operations.backups.programs import connect
from pizzeria.operations.demo.group import load_group
from pizzeria.operations.tests.test_backup_routine import copied, cyclic_backup
from pizzeria.operations.tests.test_backups import made, root, said
from pizzeria.operations.tests.test_dbrestore import databases
from pizzeria.proved_restore import Proof, last_kept, moment_of, read_proof, write_proof
from tests.server.commands import until

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


def drills() -> set[str]:
    return {name for name in databases() if "_drill_" in name}


def break_the_stock() -> None:
    load_group(opened_at=timezone.now() - timedelta(days=1))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stock_stockitem SET available = available + 1 WHERE id = (SELECT min(id) FROM stock_stockitem)"
        )


def test_a_backup_is_restored_beside_the_live_database_and_the_record_says_so() -> None:
    before = databases()
    told = said("dbbackup")
    (folder,) = backup_folders()
    proof = read_proof(folder)
    assert proof
    assert (proof.failure, proof.release) == ("", "test")
    assert timezone.now() - proof.at < timedelta(minutes=1)
    assert "Restauration prouvée en " in told
    assert databases() == before
    assert last_kept().proved == proof.at


def test_one_in_a_hurry_goes_without_it() -> None:
    assert "prouvée" not in said("dbbackup", "--no-drill")
    assert read_proof(backup_folders()[0]) is None
    assert last_kept().proved is None


def test_what_does_not_restore_is_told_and_recorded_and_leaves_no_database() -> None:
    break_the_stock()
    with pytest.raises(CommandError, match=r"ne se restaure pas : 1 ligne.*« stock »"):
        said("dbbackup")
    (folder,) = backup_folders()
    proof = read_proof(folder)
    assert proof
    assert "« stock »" in proof.failure
    assert drills() == set()
    assert "échec le" in said("backups")
    assert last_kept().proved is None


def test_a_backup_that_does_not_restore_removes_no_other() -> None:
    first = made()
    older = copied(first, moment_of(first) - timedelta(minutes=1))
    break_the_stock()
    with pytest.raises(CommandError, match="ne se restaure pas"):
        said("backup_ocpizza")
    assert backup_folders()[1:] == [first, older]


def test_the_other_cities_fail_with_the_one_whose_backup_does_not_restore() -> None:
    break_the_stock()
    for city in ("city_001", "city_002", "city_003"):
        with pytest.raises(CommandError, match="« stock »"):
            cyclic_backup(city)
    assert len(backup_folders()) == 1


def test_a_drill_that_was_killed_is_cleared_by_the_next() -> None:
    server, _slash, _name = os.environ["DATABASE_URL"].rpartition("/")
    environment = os.environ | {
        "DATABASE_URL": f"{server}/{connection.settings_dict['NAME']}",
        "BACKUP_ROOT": str(configured.BACKUP_ROOT),
        "MEDIA_ROOT": str(configured.MEDIA_ROOT),
    }
    command = [sys.executable, "manage.py", "dbbackup"]
    process = subprocess.Popen(command, cwd=configured.BASE_DIR, env=environment, start_new_session=True)
    until(drills, "no drill has begun", timeout=60, every=0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (left,) = drills()
    with connect(dbname=left):
        said("dbbackup")
    assert drills() == set()


def test_the_database_of_another_site_is_not_taken_for_a_drill() -> None:
    name = f"{connection.settings_dict['NAME']}_drill_of_the_fire_brigade"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    try:
        said("dbbackup")
        assert name in databases()
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}"')


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"at": "yesterday"}', '{"at": "2026-11-01T06:00:00+01:00"}'])
def test_a_record_that_is_none_proves_nothing(content: str) -> None:
    (made() / "proof.json").write_text(content)
    assert last_kept().proved is None
    assert "non essayée" in said("backups")


def test_readiness_tells_what_the_group_could_fall_back_on(client: Client, settings: Settings) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["backups"]) == (200, {"newest": None, "last_proven_restore": None})
    folder = made()
    at = timezone.now()
    write_proof(folder, Proof(at=at, release="test", seconds=4))
    shown = client.get("/readyz").json()["backups"]
    assert shown == {"newest": moment_of(folder).isoformat(), "last_proven_restore": at.isoformat()}


def test_an_old_backup_or_a_folder_that_cannot_be_read_keeps_no_site_from_being_ready(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    copied(made(), timezone.now() - timedelta(days=700))
    assert client.get("/readyz").json()["ready"]
    (tmp_path / "file").touch()
    settings.BACKUP_ROOT = tmp_path / "file"
    assert client.get("/readyz").json()["backups"] == {"newest": None, "last_proven_restore": None}


def test_a_restore_brings_the_record_back_to_no_older_state() -> None:
    said("dbbackup")
    proof = read_proof(backup_folders()[0])
    said("dbrestore")
    assert read_proof(backup_folders()[0]) == proof
    said("dbrestore", "--discard-previous")
    call_command("migrate", "--check", verbosity=0)
    assert json.loads((backup_folders()[0] / "manifest.json").read_text())
