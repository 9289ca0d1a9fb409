"""What a watch tells (one file a service, for everybody) and what it must know again after a restart of its own.

Both lie in /run: a server that is started again begins anew.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

ROOT = Path("/run/oc-pizza-watch")
MEMORY = "memory"
REFRESH = 30.0
"""Seconds after which an unchanged state is written again: who reads it knows by its age that somebody watches."""


class Board:
    """The state of one service, as the file that others read says it."""

    def __init__(self, service: str, unit: str, *, root: Path = ROOT) -> None:
        self._file = root / f"{service}.json"
        self._written = 0.0
        self._content: dict[str, Any] = {
            "service": service, "unit": unit, "state": "unknown", "since": moment(), "detail": "", "restarts": 0,
            "checked_at": moment(), "alert": None,
        }  # fmt: skip
        # What another watch has seen before this one: a state lasts however often the watch itself is started.
        self._content |= {key: value for key, value in _read(self._file).items() if key in {"state", "since"}}

    @property
    def state(self) -> str:
        return str(self._content["state"])

    def say(self, *, now: float, state: str, detail: str, restarts: int, alert: dict[str, str] | None) -> bool:
        """Write what is new, or what is old enough to be confirmed; whether the state is another one than before."""
        told = {"state": state, "detail": detail, "restarts": restarts, "alert": alert}
        is_other = state != self.state
        if all(self._content[key] == value for key, value in told.items()) and now - self._written < REFRESH:
            return False
        self._content |= told | {"checked_at": moment()}
        if is_other:
            self._content["since"] = moment()
        write(self._file, self._content, mode=0o644)
        self._written = now
        return is_other


class Memory:
    """What only the watch itself reads: what it has counted, and what it has yet to tell."""

    def __init__(self, service: str, *, root: Path = ROOT) -> None:
        self._file = root / MEMORY / f"{service}.json"
        self._content = _read(self._file)

    def recall(self) -> dict[str, Any]:
        return self._content

    def keep(self, content: dict[str, Any]) -> None:
        # Copied through JSON: what is still being changed would seem unchanged.
        content = json.loads(json.dumps(content))
        if content != self._content:
            self._content = content
            write(self._file, content, mode=0o600)


def peek(service: str, *, root: Path = ROOT) -> dict[str, Any]:
    """What the watch of another service says; empty when there is none."""
    return _read(root / f"{service}.json")


def write(file: Path, content: dict[str, Any], *, mode: int) -> None:
    """Whole or not at all, and never more readable than it should be."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = file.with_name(f".{file.name}.new")
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w") as out:  # noqa: PTH123
        json.dump(content, out, ensure_ascii=False)
    fresh.replace(file)


def moment() -> str:
    """Now, ISO 8601, with its offset."""
    offset = time.strftime("%z")
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S')}{offset[:3]}:{offset[3:]}"


def _read(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text())
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def seconds(told: str) -> float:
    """A moment as this module writes it, on the system's clock."""
    # Half a megabyte, for a moment that few watches see.
    from datetime import datetime  # noqa: PLC0415

    return datetime.fromisoformat(told).timestamp()
