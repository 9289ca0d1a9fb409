"""Whether a backup is known to restore: operations writes it beside the backup, the back office and /readyz tell it.

A file and not a table: it must survive the restore of the database.
"""

import json
import re
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

BACKUP = re.compile(r"\d{8}-\d{6}-\d{3}")
"""The name of a finished backup: its moment, UTC."""
FILE = "proof.json"
SAFETY = "safety"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What came of restoring a backup into a database of its own."""

    at: datetime
    release: str
    seconds: float
    failure: str = ""
    """Why it does not restore, in words; empty when it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What the group could fall back on now."""

    newest: datetime | None
    proved: datetime | None


def read_proof(backup: Path) -> Proof | None:
    """None for a backup that nobody has tried to restore, or whose record is not one of ours."""
    try:
        content = json.loads((backup / FILE).read_text())
        return Proof(**content | {"at": datetime.fromisoformat(content["at"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_proof(backup: Path, proof: Proof) -> None:
    """Whole or not at all."""
    new = backup / f".{FILE}.new"
    new.write_text(json.dumps(asdict(proof) | {"at": proof.at.isoformat()}, indent=1, ensure_ascii=False) + "\n")
    new.replace(backup / FILE)


def backups_in(folder: Path) -> list[Path]:
    """Every finished backup of this folder, the newest first; none where the folder is missing or closed to us."""
    try:
        return sorted((found for found in folder.iterdir() if BACKUP.fullmatch(found.name)), reverse=True)
    except OSError:
        return []


def moment_of(backup: Path) -> datetime:
    return datetime.strptime(f"{backup.name}000", "%Y%m%d-%H%M%S-%f").replace(tzinfo=UTC)


def last_kept() -> Kept:
    """The newest backup, and the last moment at which one that is still there was restored."""
    root = Path(settings.BACKUP_ROOT)
    backups = [*backups_in(root), *backups_in(root / SAFETY)]
    proofs = [proof for proof in map(read_proof, backups) if proof and not proof.failure]
    return Kept(
        newest=max(map(moment_of, backups), default=None), proved=max((proof.at for proof in proofs), default=None)
    )
