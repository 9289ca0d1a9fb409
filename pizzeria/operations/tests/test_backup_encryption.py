"""A backup for one key: nobody reads it without, and what cannot be opened touches nothing."""

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from pizzeria.operations.backups.kept import backup_folders, safety_folders
from pizzeria.operations.backups.manifest import read_manifest
from pizzeria.operations.demo.group import load_group
from pizzeria.operations.tests.damage import DAMAGES, damage
from pizzeria.operations.tests.test_backups import digests, made, root, said
from pizzeria.operations.tests.test_dbrestore import databases
from pizzeria.proved_restore import read_proof
from pizzeria.stores.models import City

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def key(settings: Settings, tmp_path: Path) -> Path:
    """The secret key, kept elsewhere: only its public one is on the server."""
    file = new_key(tmp_path / "key")
    settings.BACKUP_AGE_RECIPIENT = public(file)
    settings.BACKUP_AGE_IDENTITY = ""
    return file


@pytest.fixture(autouse=True)
def _house() -> Iterator[None]:
    load_group(opened_at=timezone.now() - timedelta(days=1))
    yield
    said("dbrestore", "--discard-previous")


def new_key(file: Path) -> Path:
    subprocess.run(["age-keygen", "-o", file], check=True, capture_output=True)  # noqa: S607
    return file


def public(file: Path) -> str:
    told = subprocess.run(["age-keygen", "-y", file], check=True, capture_output=True, text=True)  # noqa: S607
    return told.stdout.strip()


def refused(why: str) -> None:
    City.objects.update(name="Plus récente")
    before = databases()
    with pytest.raises(CommandError, match=why):
        call_command("dbrestore")
    assert databases() == before
    assert City.objects.filter(name="Plus récente").count() == 3


def nothing_plain_in(root: Path) -> bool:
    files = [path for path in root.rglob("*") if path.is_file()]
    return not any(b"PGDMP" in file.read_bytes() or b"tomates, basilic" in file.read_bytes() for file in files)


def test_an_encrypted_backup_comes_back_byte_for_byte_with_its_key(settings: Settings, key: Path, root: Path) -> None:
    folder = made()
    assert {path.suffix for path in folder.glob("*.*.*")} == {".age"}
    assert nothing_plain_in(root)
    tables = list(read_manifest(folder).rows)
    before = digests(tables)
    City.objects.update(name="Ailleurs")
    lost = Path(settings.MEDIA_ROOT) / "recette.pdf"
    lost.unlink()
    settings.BACKUP_AGE_IDENTITY = str(key)
    said("dbrestore")
    assert digests(tables) == before
    assert lost.read_bytes() == b"tomates, basilic"
    assert nothing_plain_in(root)


def test_it_is_proved_before_it_is_encrypted_for_the_key_is_not_here(root: Path) -> None:
    assert "Restauration prouvée" in said("dbbackup")
    proof = read_proof(backup_folders()[0])
    assert proof
    assert not proof.failure
    assert nothing_plain_in(root)


def test_one_that_does_not_restore_is_kept_encrypted_and_says_so(root: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE stock_stockitem SET available = available + 1 WHERE id = (SELECT min(id) FROM stock_stockitem)"
        )
    with pytest.raises(CommandError, match="ne se restaure pas"):
        said("dbbackup")
    proof = read_proof(backup_folders()[0])
    assert proof
    assert "« stock »" in proof.failure
    assert nothing_plain_in(root)


def test_a_safety_backup_stays_plain_for_an_update_comes_back_without_a_key() -> None:
    said("dbbackup", "--safety", "--no-drill")
    (folder,) = safety_folders()
    City.objects.update(name="Ailleurs")
    said("dbrestore", f"safety/{folder.name}")
    assert not City.objects.filter(name="Ailleurs").exists()


def test_the_list_reads_it_without_the_key() -> None:
    made()
    assert "vérifiée" in said("backups").splitlines()[1]


def test_without_its_key_it_is_refused_and_told_what_to_type() -> None:
    folder = made()
    refused(f"est chiffrée.*BACKUP_AGE_IDENTITY=.*dbrestore {folder.name}")


def test_with_another_key_it_is_refused_and_told_which(settings: Settings, tmp_path: Path, root: Path) -> None:
    made()
    settings.BACKUP_AGE_IDENTITY = str(new_key(tmp_path / "other"))
    refused(f"other n’ouvre pas la sauvegarde .* de {settings.BACKUP_AGE_RECIPIENT}")
    assert nothing_plain_in(root)


@pytest.mark.parametrize(("content", "why"), [(None, "ne se lit pas"), ("", "n’a pas pu être déchiffrée")])
def test_with_a_key_that_is_none_it_is_refused(
    settings: Settings, tmp_path: Path, content: str | None, why: str
) -> None:
    made()
    file = tmp_path / "none"
    if content is not None:
        file.write_text(content)
    settings.BACKUP_AGE_IDENTITY = str(file)
    refused(why)


@pytest.mark.parametrize("name", ["database.dump.age", "media.tar.age"])
@pytest.mark.parametrize("how", DAMAGES)
def test_a_damaged_one_is_refused_before_the_key_is_asked_for(name: str, how: str) -> None:
    damage(made() / name, how)
    refused("est abîmée")


def test_a_public_key_that_is_none_is_told_before_anything_is_written(settings: Settings, root: Path) -> None:
    settings.BACKUP_AGE_RECIPIENT = "age1notakey"
    with pytest.raises(CommandError, match="BACKUP_AGE_RECIPIENT n’est pas une clé publique"):
        said("dbbackup")
    assert not [path for path in root.iterdir() if path.name != ".lock"]


def test_a_plain_backup_of_before_is_still_restored(settings: Settings) -> None:
    recipient, settings.BACKUP_AGE_RECIPIENT = settings.BACKUP_AGE_RECIPIENT, ""
    made()
    settings.BACKUP_AGE_RECIPIENT = recipient
    said("dbrestore")


def test_what_a_killed_restore_left_in_plain_is_gone_after_the_next(settings: Settings, root: Path, key: Path) -> None:
    made()
    left = root / ".unfinished-plain"
    left.mkdir()
    (left / "database.dump").write_bytes(b"PGDMP")
    settings.BACKUP_AGE_IDENTITY = str(key)
    said("dbrestore")
    assert nothing_plain_in(root)
