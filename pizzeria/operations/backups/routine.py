"""What is done with backups, from beginning to end: by hand, before an update, and on the first of the month."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from pizzeria.operations.backups.kept import backup_folders, backup_root, in_turn, only_one, safety_root
from pizzeria.operations.backups.making import make_backup
from pizzeria.operations.backups.retention import is_good, remove_old, remove_old_safety
from pizzeria.proved_restore import moment_of

SAME_MORNING = timedelta(minutes=10)
"""The cities' jobs are due at the same minute and save the same database: the first one's backup is theirs too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A backup, and what went because of it."""

    folder: Path
    removed: list[str] = field(default_factory=list)
    made_before: bool = False
    """By another job of the same morning."""


def back_up() -> Done:
    """A backup that somebody asked for; it takes no other's place."""
    with only_one():
        return Done(folder=make_backup(backup_root()))


def back_up_for_safety() -> Done:
    """A backup to come back to from an update; older ones of its kind go once it is proved to be whole."""
    with only_one():
        folder = make_backup(safety_root())
        return Done(folder=folder, removed=remove_old_safety())


def back_up_and_tidy() -> Done:
    """A backup, and the ordinary ones that need not stay any more are removed."""
    with only_one():
        return _back_up_and_tidy()


def back_up_this_morning() -> Done:
    """As `back_up_and_tidy`, unless another city's job has just done it; waits for one that is at it."""
    asked = timezone.now()
    with in_turn():
        recent = _of_this_morning(asked)
        return Done(folder=recent, made_before=True) if recent else _back_up_and_tidy()


def _back_up_and_tidy() -> Done:
    folder = make_backup(backup_root())
    return Done(folder=folder, removed=remove_old())


def _of_this_morning(asked: datetime) -> Path | None:
    newest = next(iter(backup_folders()), None)
    # Compared with when it was asked for, not with now: the first one's may take longer than this.
    if newest and asked - moment_of(newest) < SAME_MORNING and is_good(newest):
        return newest
    return None
