"""Copies elsewhere, with restic itself: made, seen, brought back; one that fails is told and the backup stays."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from pizzeria.operations.backups.kept import backup_folders
from pizzeria.operations.tests.test_backup_drill import break_the_stock
from pizzeria.operations.tests.test_backups import made, root, said
from pizzeria.proved_restore import read_proof

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, root: Path) -> Path:
    password = tmp_path / "password"
    password.write_text("of-a-test-and-of-nothing-else")
    monkeypatch.setenv("RESTIC_REPOSITORY", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("RESTIC_PASSWORD_FILE", str(password))
    said("backups", "--prepare-copies")
    return tmp_path / "elsewhere"


def copies_of(table: str) -> list[str]:
    return [row.split()[-1] for row in table.splitlines()[1:]]


def test_a_backup_is_copied_and_the_list_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    said("dbbackup", "--safety", "--no-drill")
    with monkeypatch.context() as before:
        before.delenv("RESTIC_REPOSITORY")
        made()
    assert "Copiée hors du serveur" in said("dbbackup", "--no-drill")
    assert said("backups").splitlines()[0].endswith("copie")
    assert copies_of(said("backups")) == ["oui", "non", "non"]


def test_a_copy_is_the_whole_backup_and_its_proof(repository: Path, tmp_path: Path) -> None:
    said("dbbackup")
    (folder,) = backup_folders()
    target = tmp_path / "brought"
    subprocess.run(["restic", "restore", "latest", "--target", target], check=True, capture_output=True)  # noqa: S607
    (copied,) = target.rglob(folder.name)
    assert {path.name: path.read_bytes() for path in copied.iterdir()} == {
        path.name: path.read_bytes() for path in folder.iterdir()
    }
    assert (copied / "proof.json").exists()


def test_a_server_that_has_lost_everything_restores_from_the_copy(root: Path) -> None:
    said("dbbackup")
    (folder,) = backup_folders()
    proof = read_proof(folder)
    shutil.rmtree(root)
    row = said("backups").splitlines()[1]
    assert row.startswith(folder.name)
    assert "pas ici" in row
    assert f"dbrestore {folder.name}" in said("backups", "--fetch", folder.name)
    assert read_proof(folder) == proof
    said("dbrestore", folder.name)
    said("dbrestore", "--discard-previous")


def test_what_is_here_or_nowhere_is_not_fetched() -> None:
    folder = made()
    with pytest.raises(CommandError, match="est déjà ici"):
        said("backups", "--fetch", folder.name)
    with pytest.raises(CommandError, match="Aucune copie ne s’appelle hier"):
        said("backups", "--fetch", "hier")


@pytest.mark.parametrize("command", [["dbbackup", "--no-drill"], ["backup_ocpizza"]])
def test_a_copy_that_fails_is_told_and_the_backup_stays(repository: Path, command: list[str]) -> None:
    shutil.rmtree(repository)
    with pytest.raises(CommandError, match=r"(?s)La copie hors du serveur a échoué.*backups --prepare-copies"):
        said(*command)
    assert len(backup_folders()) == 1


def test_copies_that_cannot_be_read_hide_no_backup(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = made()
    shutil.rmtree(repository)
    with pytest.raises(CommandError, match="Les copies ne se lisent pas"):
        said("backups")
    with pytest.raises(CommandError):
        call_command("backups")
    assert folder.name in capsys.readouterr().out


def test_another_password_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("another")
    with pytest.raises(CommandError, match="wrong password"):
        said("dbbackup", "--no-drill")


def test_a_backup_that_does_not_restore_is_not_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    break_the_stock()
    with pytest.raises(CommandError, match="ne se restaure pas"):
        said("dbbackup")
    assert copies_of(said("backups")) == ["non"]


def test_a_copy_that_was_killed_is_in_nobodys_way() -> None:
    process = subprocess.Popen(["restic", "backup", "--stdin"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)  # noqa: S607
    assert process.stdout
    while not subprocess.run(["restic", "list", "locks", "--no-lock"], capture_output=True, check=True).stdout:  # noqa: S607
        pass
    process.kill()
    process.communicate()
    assert "Copiée" in said("dbbackup", "--no-drill")
