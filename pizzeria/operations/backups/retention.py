"""Which backups stay: by date, and never without one that is good."""

import shutil
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings

from pizzeria.operations.backups.errors import DamagedBackup
from pizzeria.operations.backups.kept import UNFINISHED, backup_folders, name_of, safety_folders
from pizzeria.operations.backups.manifest import verify
from pizzeria.proved_restore import moment_of, read_proof

DAYS, WEEKS, MONTHS = 7, 5, settings.BACKUPS_GO_BACK_MONTHS
SAFETY_BACKUPS = 5
Period = Callable[[datetime], tuple[int, ...]]
PERIODS: tuple[tuple[Period, int], ...] = (
    (lambda day: (day.year, day.month, day.day), DAYS),
    (lambda day: day.isocalendar()[:2], WEEKS),
    (lambda day: (day.year, day.month), MONTHS),
)


def to_remove(backups: Mapping[datetime, bool]) -> set[datetime]:
    """Of the moments of all backups, and whether each is good, those that need not stay.

    The last good one of each of the newest seven days, five weeks and twelve months that have one stays: counted
    in periods that have a backup, so that a job that stood still for a year takes nothing away. A bad one takes
    nobody's place; it goes when it is older than all of those days, and never before there are seven.
    """
    good = sorted((moment for moment, is_good in backups.items() if is_good), reverse=True)
    stays = {moment for period, count in PERIODS for moment in _newest_of_each(good, period)[:count]}
    days = _newest_of_each(good, PERIODS[0][0])[:DAYS]
    if len(days) == DAYS:
        stays |= {moment for moment, is_good in backups.items() if not is_good and moment > days[-1]}
    else:
        stays |= {moment for moment, is_good in backups.items() if not is_good}
    return backups.keys() - stays


def _newest_of_each(moments: Iterable[datetime], period: Period) -> list[datetime]:
    """The newest of each period, the newest period first, for moments in that order; in Paris, as the group counts."""
    zone = ZoneInfo(settings.TIME_ZONE)
    found: dict[tuple[int, ...], datetime] = {}
    for moment in moments:
        found.setdefault(period(moment.astimezone(zone)), moment)
    return list(found.values())


def remove_old() -> list[str]:
    """Remove the ordinary backups that need not stay; their names. Every one is read again first."""
    folders = {moment_of(folder): folder for folder in backup_folders()}
    old = to_remove({moment: is_good(folder) for moment, folder in folders.items()})
    return [_remove(folders[moment]) for moment in sorted(old)]


def remove_old_safety() -> list[str]:
    """Keep the newest five that updates have made, and the newest good one wherever it stands; the others' names."""
    folders = safety_folders()
    old = folders[SAFETY_BACKUPS:]
    if not any(map(is_good, folders[:SAFETY_BACKUPS])):
        newest_good = next(filter(is_good, old), None)
        old = [folder for folder in old if folder != newest_good]
    return [_remove(folder) for folder in old]


def is_good(folder: Path) -> bool:
    """It is what was written, and nobody has seen it fail to restore."""
    proof = read_proof(folder)
    if proof and proof.failure:
        return False
    try:
        verify(folder)
    except DamagedBackup:
        return False
    return True


def _remove(folder: Path) -> str:
    name = name_of(folder)
    # Under a name that no list shows: one that is half removed is no backup.
    doomed = folder.rename(folder.with_name(f"{UNFINISHED}{folder.name}"))
    shutil.rmtree(doomed)
    return name
