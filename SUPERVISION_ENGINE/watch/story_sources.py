"""Where the lines of a story stand: systemd's journal, and nginx's access log with those that were rotated away."""

import gzip
import json
import os
import re
import subprocess
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

HOUSE_TIME = ZoneInfo("Europe/Paris")
UNITS = ("gunicorn.service", "oc-pizza-live.service", "oc-pizza-worker.service", "oc-pizza-cron-*.service")
PROCESSES = {"gunicorn.service": "web", "oc-pizza-live.service": "live", "oc-pizza-worker.service": "worker"}
GRAVE = 4
"""syslog's *warning*: with which systemd says that a unit has failed."""
FIELDS = "MESSAGE,PRIORITY,_SYSTEMD_UNIT,UNIT"
ACCESS_LOG = Path("/var/log/nginx/oc_pizza_access.log")
ACCESS = re.compile(
    r'\S+ \[(?P<when>[^\]]+)\] "(?P<asked>[^"]*?)(?: HTTP/[\d.]+)?" (?P<status>\d+) (?P<bytes>\d+) '
    r"(?:at=(?P<at>[\d.]+) )?time=(?P<seconds>[\d.]+) .*? id=(?P<request_id>[0-9a-f]{32}) "
)
IDS_AT_ONCE = 100
"""So many ids in one pattern: an argument list has an end."""


class UnreadableError(Exception):
    """A source cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that a process has told; `told` is what its line of JSON holds, or what nginx's line says."""

    at: datetime
    process: str
    told: dict[str, Any] = field(hash=False, compare=False)
    key: str
    """The same for the same line, however often it is read."""

    @property
    def request_id(self) -> str:
        return str(self.told.get("request_id") or "")


def journal(*, grep: str = "", grave: bool = False, since: datetime | None = None) -> Iterator[Line]:
    """The lines of the site's processes, oldest first, that hold what `grep` looks for. Raises UnreadableError.

    `grave` asks for what systemd itself calls so of their units: theirs all have the same priority.
    """
    command = ["journalctl", "--no-pager", "--quiet", "--output=json", f"--output-fields={FIELDS}"]
    command += [f"--unit={unit}" for unit in UNITS]
    if grep:
        command += [f"--grep={grep}", "--case-sensitive=yes"]
    if grave:
        command.append(f"--priority={GRAVE}")
    if since:
        command.append(f"--since=@{int(since.timestamp())}")
    try:
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - no shell, and the words are ours
    except OSError as error:
        raise UnreadableError(f"journalctl : {error.strerror}") from error
    # It ends with 1 as well when it finds nothing.
    if done.returncode and done.stderr.strip():
        raise UnreadableError(f"journalctl : {done.stderr.decode(errors='replace').strip()}")
    for entry in done.stdout.splitlines():
        yield _line_of(json.loads(entry))


def _line_of(entry: dict[str, Any]) -> Line:
    words = entry.get("MESSAGE") or ""
    if isinstance(words, list):
        # What is not text comes as its bytes.
        words = bytes(words).decode(errors="replace")
    unit = entry.get("_SYSTEMD_UNIT", "")
    told = _object(words)
    if told is None:
        told = {"message": words, "level": "ERROR" if int(entry.get("PRIORITY", 6)) <= GRAVE else "INFO"}
    at = datetime.fromtimestamp(int(entry["__REALTIME_TIMESTAMP"]) / 1_000_000, HOUSE_TIME)
    if "at" in told:
        at = datetime.fromisoformat(told["at"]).astimezone(HOUSE_TIME)
    return Line(at=at, process=_process(unit), told=told, key=entry["__CURSOR"])


def _object(words: str) -> dict[str, Any] | None:
    """What a line of ours holds; None for one in plain words."""
    if not words.startswith("{"):
        return None
    try:
        found = json.loads(words)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _process(unit: str) -> str:
    if unit.startswith("oc-pizza-cron-"):
        return "tâche"
    return PROCESSES.get(unit, "systemd")


def require_readable() -> None:
    """Raise UnreadableError for somebody who would see a part of the journal only: it says nothing of what it hides."""
    if not ACCESS_LOG.exists():
        raise UnreadableError(f"{ACCESS_LOG} n’existe pas : le site n’est pas déployé sur cette machine.")
    if not os.access(ACCESS_LOG, os.R_OK):
        raise UnreadableError("il faut être root, ou du groupe adm : sudo SUPERVISION_ENGINE/logs.sh …")


def requests(
    *, ids: Collection[str] | None = None, failed: bool = False, since: datetime | None = None
) -> Iterator[Line]:
    """What nginx has answered under these ids, or what has failed (5xx). Raises UnreadableError."""
    for file in sorted(ACCESS_LOG.parent.glob(f"{ACCESS_LOG.name}*")):
        try:
            yield from _requests_in(file, ids, failed=failed, since=since)
        except OSError as error:
            raise UnreadableError(f"{file} : {error.strerror or error}") from error


def _requests_in(file: Path, ids: Collection[str] | None, *, failed: bool, since: datetime | None) -> Iterator[Line]:
    unpacked = gzip.open if file.suffix == ".gz" else open
    with unpacked(file, "rt", errors="replace") as lines:
        for text in lines:
            found = ACCESS.match(text)
            if not found or (ids is not None and found["request_id"] not in ids):
                continue
            if failed and not found["status"].startswith("5"):
                continue
            line = _request_of(found, text)
            if since is None or line.at >= since:
                yield line


def _request_of(found: re.Match[str], text: str) -> Line:
    ended = (
        datetime.fromtimestamp(float(found["at"]), timezone.utc)  # noqa: UP017 - this runs on the system's Python
        if found["at"]
        else datetime.fromisoformat(found["when"])
    )
    seconds = float(found["seconds"])
    # nginx writes when all is done: told where it began, before what it led to.
    began = (ended - timedelta(seconds=seconds)).astimezone(HOUSE_TIME)
    told = {
        "request_id": found["request_id"],
        "asked": found["asked"],
        "status": int(found["status"]),
        "bytes": int(found["bytes"]),
        "seconds": seconds,
    }
    return Line(at=began, process="nginx", told=told, key=text)


def in_bundles(ids: Collection[str]) -> Iterator[str]:
    """Patterns for `journal`, each of some of these ids."""
    ordered = sorted(ids)
    for begin in range(0, len(ordered), IDS_AT_ONCE):
        yield "|".join(ordered[begin : begin + IDS_AT_ONCE])
