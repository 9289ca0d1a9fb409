"""The manifest of a backup: what was saved, from what, and the sums that prove it is still that."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from pizzeria.operations.backups.errors import DamagedBackup

FILE = "manifest.json"
FILE_SUM = "manifest.sha256"
"""A digit of a row count that changes leaves a manifest that reads well: it has a sum of its own."""
DATABASE = "database.dump"
MEDIA = "media.tar"
ENCRYPTED = ".age"
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    created_at: datetime
    release: str
    postgresql: int
    """The server's version as a number: 180000 and more is PostgreSQL 18."""
    migrations: list[str]
    """Every migration that was applied, as `app.name`."""
    rows: dict[str, int]
    files: dict[str, Sum]
    """As they are kept: where they are encrypted, the sums are of that."""
    database_size: int = 0
    """On the server's disk, in bytes; 0 in a manifest of before it was asked."""
    recipient: str = ""
    """The public key that they are encrypted for; empty when they are not."""


def sum_of(file: Path) -> Sum:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256")
        return Sum(size=opened.tell(), sha256=digest.hexdigest())


def write_manifest(folder: Path, manifest: Manifest) -> None:
    content = {"format": FORMAT, **asdict(manifest), "created_at": manifest.created_at.isoformat()}
    (folder / FILE).write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    (folder / FILE_SUM).write_text(f"{sum_of(folder / FILE).sha256}  {FILE}\n")


def read_manifest(folder: Path) -> Manifest:
    """Raises DamagedBackup when it is missing or is not a manifest of ours."""
    try:
        written = (folder / FILE_SUM).read_text().split()[:1]
        known = written == [sum_of(folder / FILE).sha256]
        manifest = _manifest(json.loads((folder / FILE).read_text()))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise _damaged(folder, FILE) from error
    if not known:
        raise _damaged(folder, FILE)
    return manifest


def verify(folder: Path) -> Manifest:
    """The manifest, once every file has proved to be what it says. Raises DamagedBackup."""
    manifest = read_manifest(folder)
    for name, expected in manifest.files.items():
        try:
            same = sum_of(folder / name) == expected
        except OSError as error:
            raise _damaged(folder, name) from error
        if not same:
            raise _damaged(folder, name)
    return manifest


def _manifest(content: dict[str, Any]) -> Manifest:
    ending = ENCRYPTED if content.get("recipient") else ""
    if content.pop("format") != FORMAT or content["files"].keys() != {f"{DATABASE}{ending}", f"{MEDIA}{ending}"}:
        raise ValueError("of another format")
    created_at = datetime.fromisoformat(content.pop("created_at"))
    files = {name: Sum(**parts) for name, parts in content.pop("files").items()}
    return Manifest(created_at=created_at, files=files, **content)


def _damaged(folder: Path, name: str) -> DamagedBackup:
    return DamagedBackup(
        _("La sauvegarde %(backup)s est abîmée : %(file)s manque ou a changé. Choisissez-en une autre : %(list)s")
        % {"backup": folder.name, "file": name, "list": "./manage.py backups"}
    )
