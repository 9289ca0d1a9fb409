"""A gigabyte saved and restored, by our commands and by PostgreSQL's programs alone."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.place import CHECKOUT, Place

HERE = Path(__file__).resolve().parent
DATABASE = "oc_pizza_large"
COPIES = 12_000
"""How often the demo's fifty orders are copied: with their lines and events that makes a gigabyte."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A database of a gigabyte beside the site's, and where what is saved of it goes."""

    place: Place
    environment: dict[str, str]
    megabytes: float

    def speed(self, seconds: float) -> float:
        return self.megabytes / seconds

    def bare_dump(self) -> float:
        return self.speed(self._timed(self._program("pg_dump", "-Fc", "-f", str(self._dump), DATABASE)))

    def dbbackup(self) -> float:
        return self.speed(self._timed(_manage("dbbackup", "--no-drill")))

    def bare_restore(self) -> float:
        """Of the last bare dump."""
        with self._other_database() as other:
            return self.speed(self._timed(self._program("pg_restore", "-j2", "-d", other, str(self._dump))))

    def dbrestore(self) -> float:
        seconds = self._timed(_manage("dbrestore"))
        self._timed(_manage("dbrestore", "--discard-previous"))
        return self.speed(seconds)

    @property
    def _dump(self) -> Path:
        return self.place.home / "bare.dump"

    @contextmanager
    def _other_database(self) -> Iterator[str]:
        other = f"{DATABASE}_bare"
        self._timed(self._program("createdb", other))
        try:
            yield other
        finally:
            self._timed(self._program("dropdb", other))

    def _program(self, name: str, *arguments: str) -> list[str]:
        cluster = self.place.cluster
        return [str(cluster.binaries / name), "-h", str(cluster.sockets), "-U", "postgres", *arguments]

    def _timed(self, command: Sequence[str]) -> float:
        began = time.monotonic()
        subprocess.run(command, cwd=CHECKOUT, env=self.environment, check=True, stdout=subprocess.DEVNULL)
        return time.monotonic() - began


def large(place: Place) -> Large:
    """Made once, in a minute or two."""
    place.cluster.ensure_database(DATABASE)
    environment = place.environment | {
        "DATABASE_URL": place.cluster.url(DATABASE),
        "BACKUP_ROOT": str(place.home / "backups"),
        "MEDIA_ROOT": str(place.home / "media"),
    }
    for command in (_manage("migrate", "-v0"), _manage("createdemo", "--days", "1")):
        subprocess.run(command, cwd=CHECKOUT, env=environment, check=True, stdout=subprocess.DEVNULL)
    psql = [str(place.cluster.binaries / "psql"), "-h", str(place.cluster.sockets), "-U", "postgres", "-qAt", DATABASE]
    subprocess.run([*psql, "-v", f"copies={COPIES}", "-f", str(HERE / "large.sql")], check=True)
    size = subprocess.run(
        [*psql, "-c", "SELECT pg_database_size(current_database())"], check=True, capture_output=True, text=True
    ).stdout
    return Large(place=place, environment=environment, megabytes=int(size) / 1e6)


def _manage(*arguments: str) -> list[str]:
    return [sys.executable, "manage.py", *arguments]
