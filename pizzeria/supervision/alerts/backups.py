"""`backup-old`, `drill-failed`: what the group could fall back on is old, or does not restore."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Min
from django.utils import timezone

from pizzeria.proved_restore import SAFETY, backups_in, last_kept, read_proof
from pizzeria.supervision.alerts.problems import Problem, minutes_ago

BACKUP_OLD = "backup-old"
DRILL_FAILED = "drill-failed"
FIRST_DAY = timedelta(days=1)
"""A site that was deployed this morning has no backup yet, and nothing to lose."""
MINUTES_A_DAY = 24 * 60


def backup_old(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - a backup ends it
    """Begins when the newest backup is too old, or when there is none at all; only on a server."""
    if not settings.ON_SERVER:
        return
    newest = last_kept().newest
    if newest is None and _is_new(at):
        return
    if newest is None:
        yield Problem(key=BACKUP_OLD, subject="Il n’y a aucune sauvegarde", detail=LOSS)
    elif at - newest > timedelta(days=settings.ALERT_BACKUP_DAYS):
        days = minutes_ago(at, newest) // MINUTES_A_DAY
        yield Problem(key=BACKUP_OLD, subject=f"La dernière sauvegarde a {days} jours", detail=LOSS)


LOSS = "Si le disque tombe en panne maintenant, tout ce qui s’est passé depuis est perdu."


def drill_failed(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - the next drill ends it
    """Begins when the last backup that somebody tried to restore did not, ends with one that does."""
    root = Path(settings.BACKUP_ROOT)
    proofs = {folder: read_proof(folder) for folder in (*backups_in(root), *backups_in(root / SAFETY))}
    tried = [(proof.at, folder.name, proof.failure) for folder, proof in proofs.items() if proof]
    _when, name, failure = max(tried, default=(None, "", ""))
    if failure:
        yield Problem(
            key=DRILL_FAILED, subject=f"La sauvegarde {name} ne se restaure pas", detail=f"L’essai a dit : {failure}"
        )


def _is_new(at: datetime) -> bool:
    """Whether the database was made a short while ago: its first migration says when."""
    made = MigrationRecorder.Migration.objects.aggregate(made=Min("applied"))["made"]
    return made is None or at - timezone.localtime(made) < FIRST_DAY
