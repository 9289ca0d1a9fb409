"""Which backup a recovery starts from: the last one that leads to that moment, and never one from a life that was left."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.engine.shell import LIBRARY

pytestmark = pytest.mark.machine

NOON = 1_795_000_000
NONE = 3


def backup(label: str, stop: int, *, wal: str, lsn: str, database: int = 1, error: bool = False) -> dict[str, Any]:
    return {
        "label": label, "timestamp": {"start": stop - 60, "stop": stop}, "error": error,
        "archive": {"start": wal, "stop": wal}, "lsn": {"start": lsn, "stop": lsn},
        "database": {"id": database}, "info": {"size": 1000},
    }  # fmt: skip


def ask(*words: object, backups: list[dict[str, Any]], status: int = 0) -> tuple[int, str]:
    info = [{"backup": backups, "db": [{"id": 1}], "status": {"code": status, "message": ""}}]
    done = subprocess.run(
        [sys.executable, LIBRARY / "wal_sets.py", *map(str, words)],
        input=json.dumps(info), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


FULL = backup("full", NOON, wal="000000010000000000000005", lsn="0/5000100")
DIFF = backup("diff", NOON + 3600, wal="000000010000000000000009", lsn="0/9000100")


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOON + 1, "full 1000"),
        (NOON + 3600, "full 1000"),
        (NOON + 3601, "diff 1000"),
        (NOON + 86_400, "diff 1000"),
    ],
)
def test_the_last_backup_that_was_whole_before_that_moment_is_taken(moment: int, expected: str) -> None:
    assert ask("for", moment, 1, backups=[FULL, DIFF]) == (0, expected)


@pytest.mark.parametrize("moment", [NOON - 1, NOON])
def test_before_the_first_backup_there_is_none_and_the_first_moment_is_told(moment: int) -> None:
    assert ask("for", moment, 1, backups=[FULL, DIFF]) == (NONE, str(NOON + 1))


def test_without_a_backup_no_moment_is_told() -> None:
    assert ask("for", NOON, 1, backups=[]) == (NONE, "")


def test_a_backup_that_failed_or_is_of_an_older_postgresql_is_not_taken() -> None:
    failed = DIFF | {"error": True}
    older = DIFF | {"database": {"id": 0}}
    assert ask("for", NOON + 7200, 1, backups=[FULL, failed, older]) == (0, "full 1000")


def test_after_a_recovery_a_backup_of_the_life_that_was_left_is_not_taken(tmp_path: Path) -> None:
    # Recovered to a place between the two: the second backup holds what was undone.
    history = tmp_path / "00000002.history"
    history.write_text("1\t0/6000000\tbefore 2026-11-25 11:30:00+00\n")
    assert ask("for", NOON + 7200, 2, history, backups=[FULL, DIFF]) == (0, "full 1000")
    after = backup("after", NOON + 7000, wal="000000020000000000000006", lsn="0/6000900")
    assert ask("for", NOON + 7200, 2, history, backups=[FULL, DIFF, after]) == (0, "after 1000")


def test_put_back_into_the_first_life_a_backup_of_the_second_is_not_taken() -> None:
    second = backup("second", NOON + 7000, wal="000000020000000000000006", lsn="0/6000900")
    assert ask("for", NOON + 7200, 1, backups=[FULL, DIFF, second]) == (0, "diff 1000")


def test_archiving_that_was_off_in_between_asks_for_a_new_backup() -> None:
    assert ask("since", NOON + 3540, backups=[FULL, DIFF])[0] == 0
    assert ask("since", NOON + 3541, backups=[FULL, DIFF])[0] == 1


def test_a_repository_that_waits_for_its_first_backup_is_in_order() -> None:
    assert ask("stanza", backups=[], status=2)[0] == 0
    assert ask("stanza", backups=[], status=1)[0] == 1
