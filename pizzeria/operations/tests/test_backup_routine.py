"""Before an update, and on the first of the month: what is made, what goes, and what three cities do at one minute."""

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from importlib import import_module
from pathlib import Path
from threading import Barrier

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from pizzeria.operations.backups import routine
from pizzeria.operations.backups.kept import backup_folders, find_backup, name_of, safety_folders
from pizzeria.operations.backups.retention import remove_old, remove_old_safety
from pizzeria.operations.tests.test_backups import made, root, said
from pizzeria.proved_restore import Proof, moment_of, write_proof
from tests.races.together import together

__all__ = ["root"]

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]
CITIES = ("city_001", "city_002", "city_003")


def copied(folder: Path, moment: datetime) -> Path:
    """The same backup, as if it had been made then."""
    return Path(shutil.copytree(folder, folder.with_name(f"{moment:%Y%m%d-%H%M%S}-000")))


def spoilt(folder: Path) -> Path:
    (folder / "database.dump").write_bytes(b"")
    return folder


def safe() -> Path:
    said("dbbackup", "--safety", "--no-drill")
    return safety_folders()[0]


def test_a_safety_backup_stands_apart_and_is_found_by_its_name(root: Path) -> None:
    ordinary = made()
    told = said("dbbackup", "--safety", "--no-drill")
    (safety,) = safety_folders()
    assert told.splitlines()[-1].endswith(f" : {root}/safety/{safety.name}")
    assert backup_folders() == [ordinary]
    assert find_backup(f"safety/{safety.name}") == safety
    assert find_backup(None) == ordinary


def test_the_list_shows_both_kinds() -> None:
    made(), safe()
    _title, ordinary, safety = said("backups").splitlines()
    assert not ordinary.startswith("safety/")
    assert safety.startswith("safety/")


def test_the_list_says_when_a_restore_was_proved_and_when_it_failed() -> None:
    at = timezone.make_aware(datetime(2026, 11, 1, 6, 2))  # noqa: DTZ001
    write_proof(made(), Proof(at=at, release="test", seconds=4))
    write_proof(safe(), Proof(at=at, release="test", seconds=4, failure="plus de place"))
    _title, ordinary, safety = said("backups").splitlines()
    assert ordinary.endswith("01/11/2026 06:02")
    assert safety.endswith("échec le 01/11/2026 06:02")


def test_five_safety_backups_stay() -> None:
    first = safe()
    old = [copied(first, moment_of(first) - timedelta(days=age)) for age in range(1, 8)]
    newest = safe()
    assert safety_folders() == [newest, first, *old[:3]]


def test_the_only_good_safety_backup_stays_wherever_it_stands() -> None:
    first = safe()
    for age in range(1, 7):
        spoilt(copied(first, moment_of(first) + timedelta(seconds=age)))
    remove_old_safety()
    assert safety_folders()[5:] == [first]


def test_safety_backups_and_ordinary_ones_take_nothing_from_each_other() -> None:
    ordinary = made()
    old = [copied(ordinary, moment_of(ordinary) - timedelta(hours=hour)) for hour in range(1, 9)]
    for _update in range(7):
        safe()
    assert backup_folders() == [ordinary, *old]
    said("backup_ocpizza")
    assert len(safety_folders()) == 5


def test_a_backup_that_failed_removes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    first = safe()
    for age in range(1, 7):
        copied(first, moment_of(first) - timedelta(days=age))
    before = safety_folders()
    monkeypatch.setattr("pizzeria.operations.backups.making.TABLES", "SELECT nothing")
    for command in (["dbbackup", "--safety"], ["backup_ocpizza"]):
        with pytest.raises(Exception, match="nothing"):
            call_command(*command)
    assert safety_folders() == before


def test_the_monthly_backup_removes_what_other_dates_cover_and_says_so() -> None:
    first = made()
    # Of the same day, also a minute after midnight.
    older = copied(first, moment_of(first) - timedelta(seconds=1))
    told = said("backup_ocpizza")
    newest = backup_folders()[0]
    assert f"Supprimée, une plus récente la remplace : {name_of(older)}" in told
    assert newest not in (first, older)


def test_a_backup_typed_by_hand_removes_nothing() -> None:
    first = made()
    older = copied(first, moment_of(first) - timedelta(minutes=1))
    newest = made()
    assert backup_folders() == [newest, first, older]


def test_the_only_backup_that_is_good_outlives_all_that_are_not() -> None:
    good = made()
    for age in range(1, 30):
        spoilt(copied(good, moment_of(good) + timedelta(days=age)))
    assert remove_old() == []
    assert good in backup_folders()


def cyclic_backup(city: str) -> None:
    import_module(f"{city}.cron").cyclic_backup()


def test_the_second_and_third_city_find_the_backup_of_the_first(capsys: pytest.CaptureFixture[str]) -> None:
    for city in CITIES:
        cyclic_backup(city)
    (only,) = backup_folders()
    assert capsys.readouterr().out.count(f"rien à refaire : {only.name}") == 2


def test_a_backup_that_is_damaged_or_from_another_day_is_not_taken_for_this_mornings() -> None:
    first = made()
    copied(first, moment_of(first) - timedelta(days=1))
    spoilt(first)
    cyclic_backup("city_001")
    assert len(backup_folders()) == 3


def test_three_cities_at_the_same_minute_make_one_backup(capsys: pytest.CaptureFixture[str]) -> None:
    assert together([partial(cyclic_backup, city) for city in CITIES]) == [None, None, None]
    assert len(backup_folders()) == 1
    assert capsys.readouterr().out.count("rien à refaire") == 2


def test_without_waiting_for_each_other_they_would_make_several(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    looked = Barrier(len(CITIES))
    look = routine._of_this_morning

    def together_now(asked: datetime) -> Path | None:
        found = look(asked)
        looked.wait(60)
        return found

    @contextmanager
    def at_once() -> Iterator[None]:
        yield

    monkeypatch.setattr(routine, "in_turn", at_once)
    monkeypatch.setattr(routine, "_of_this_morning", together_now)
    monkeypatch.setattr("pizzeria.operations.backups.making.remove_unfinished", lambda: None)
    monkeypatch.setattr(routine, "remove_old", list)
    together([partial(cyclic_backup, city) for city in CITIES])
    # Each begins one of its own; of two in one thousandth of a second the second is refused its folder.
    assert "rien à refaire" not in capsys.readouterr().out


def test_by_hand_it_does_not_wait(root: Path) -> None:
    root.mkdir()
    with (root / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Une autre sauvegarde est en cours"):
            said("backup_ocpizza")
