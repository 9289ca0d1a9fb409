"""What is done with backups, from beginning to end: by hand, before an update, and on the first of the month."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from pizzeria.operations.backups import copies
from pizzeria.operations.backups.drill import prove
from pizzeria.operations.backups.errors import BackupError, DamagedBackup
from pizzeria.operations.backups.kept import backup_folders, backup_root, in_turn, only_one, safety_root
from pizzeria.operations.backups.making import make_backup
from pizzeria.operations.backups.manifest import read_manifest, verify
from pizzeria.operations.backups.retention import remove_old, remove_old_safety
from pizzeria.proved_restore import Proof, moment_of, read_proof, write_proof

SAME_MORNING = timedelta(minutes=10)
"""The cities' jobs are due at the same minute and save the same database: the first one's backup is theirs too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """A backup, what it has proved to be, and what went because of it."""

    folder: Path
    proof: Proof | None = None
    """None where nobody tried to restore it."""
    copied: bool = False
    copy_failure: str = ""
    removed: list[str] = field(default_factory=list)
    made_before: bool = False
    """By another job of the same morning."""


def back_up(*, drill: bool) -> Done:
    """A backup that somebody asked for; it takes no other's place."""
    with only_one():
        return _copied(_made(backup_root(), recipient=settings.BACKUP_AGE_RECIPIENT, drill=drill))


def back_up_for_safety(*, drill: bool) -> Done:
    """A backup to come back to from an update; older ones of its kind go once it is proved to be whole.

    It stays on this server, where the database itself is, and has to come back without anybody bringing a key.
    """
    with only_one():
        return _tidied(_made(safety_root(), recipient="", drill=drill), remove_old_safety)


def back_up_and_tidy() -> Done:
    """A backup that was restored, and the ordinary ones that need not stay any more are removed."""
    with only_one():
        return _back_up_and_tidy()


def back_up_this_morning() -> Done:
    """As `back_up_and_tidy`, unless another city's job has just done it; waits for one that is at it."""
    asked = timezone.now()
    with in_turn():
        recent = _of_this_morning(asked)
        if recent:
            return Done(folder=recent, proof=read_proof(recent), made_before=True)
        return _back_up_and_tidy()


def _back_up_and_tidy() -> Done:
    return _tidied(_copied(_made(backup_root(), recipient=settings.BACKUP_AGE_RECIPIENT, drill=True)), remove_old)


def _made(parent: Path, *, recipient: str, drill: bool) -> Done:
    folder, proof = make_backup(parent, recipient=recipient, before_encrypting=prove if drill else None)
    if drill and proof is None:
        # It is listed already: a drill that is killed takes no backup with it.
        proof = prove(folder, read_manifest(folder))
        write_proof(folder, proof)
    return Done(folder=folder, proof=proof)


def _copied(done: Done) -> Done:
    """Elsewhere too, where the environment says where; not one that does not restore."""
    if not copies.are_wanted() or (done.proof and done.proof.failure):
        return done
    try:
        copies.copy(done.folder)
    except BackupError as error:
        return replace(done, copy_failure=str(error))
    return replace(done, copied=True)


def _tidied(done: Done, remove: Callable[[], list[str]]) -> Done:
    """Nothing goes for a backup that does not restore."""
    if done.proof and done.proof.failure:
        return done
    return replace(done, removed=remove())


def _of_this_morning(asked: datetime) -> Path | None:
    newest = next(iter(backup_folders()), None)
    # Compared with when it was asked for, not with now: the first one's may take longer than this.
    if newest is None or asked - moment_of(newest) >= SAME_MORNING:
        return None
    try:
        verify(newest)
    except DamagedBackup:
        return None
    # One that does not restore is not made again either: the other jobs fail with it.
    return newest
