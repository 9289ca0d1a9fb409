"""What was put on this server, and when: read from the names and the times that the engines leave behind.

Nothing of it can be read on a developer's checkout; the page then says so.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from OC_PIZZA.server import RELEASES, SHARED, release_of

CURRENT = "OC_PIZZA"
UPDATES = "updates"


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """A release that UPDATE_ENGINE has put in another's place."""

    release: str
    before: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployed:
    in_service_since: datetime | None = None
    last_deploy: datetime | None = None
    last_deploy_release: str = ""
    last_update: Update | None = None


def deployed() -> Deployed | None:
    """None where this code is no release on a server, or its folders cannot be read."""
    if not settings.ON_SERVER:
        return None
    home = Path(settings.BASE_DIR).parent.parent
    try:
        updates = _updates(home / SHARED / UPDATES)
        deploys = _deploys(home / RELEASES, but={update.release for update in updates})
        since = in_service_since()
    except (OSError, ValueError):
        return None
    last, release = max(deploys, default=(None, ""))
    return Deployed(
        in_service_since=since,
        last_deploy=last,
        last_deploy_release=release,
        last_update=max(updates, key=lambda update: update.at, default=None),
    )


def in_service_since() -> datetime | None:
    """When the link to the release in service was last pointed; None where there is none."""
    link = Path(settings.BASE_DIR).parent.parent / CURRENT
    return _time(link.lstat().st_mtime) if link.is_symlink() else None


def _updates(folder: Path) -> list[Update]:
    """Every update of which UPDATE_ENGINE/lib/history.sh has kept the way back."""
    if not folder.is_dir():
        return []
    return [_update(file) for file in folder.iterdir() if not file.name.startswith(".")]


def _update(file: Path) -> Update:
    lines = dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
    return Update(release=file.name, before=lines.get("FROM", ""), at=datetime.fromisoformat(lines.get("AT", "")))


def _deploys(releases: Path, *, but: set[str]) -> list[tuple[datetime, str]]:
    """When each release that came by a deploy was whole: the file RELEASE is written last."""
    return [
        (_time((folder / "RELEASE").stat().st_mtime), folder.name)
        for folder in releases.iterdir()
        if folder.name not in but and release_of(folder)
    ]


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, tz=timezone.get_current_timezone())
