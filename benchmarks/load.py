"""The load generators: wrk for single addresses, pgbench for the database."""

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.place import DATABASE, BenchmarkError, Place

SECONDS = int(os.environ.get("BENCH_SECONDS", "6"))
CLIENTS = 8
READERS = 32
"""Pages are measured with more connections than orders: a kept connection stays with the worker that took it, and
eight of them fall too unevenly upon a few workers."""


@dataclass(frozen=True, slots=True)
class Rate:
    """Answers a second, and how many of them were not 2xx or 3xx."""

    per_second: float
    refused: int


def wrk(url: str, *, headers: dict[str, str] | None = None, script: Path | None = None, clients: int = CLIENTS) -> Rate:
    command = ["wrk", "-t1", f"-c{clients}", f"-d{SECONDS}s", "--timeout", "10s"]
    for name, value in (headers or {}).items():
        command += ["-H", f"{name}: {value}"]
    if script:
        command += ["-s", str(script)]
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if rate is None:
        raise BenchmarkError(f"wrk said nothing to read:\n{said}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", said)
    if failed := re.search(r"Socket errors: (.*)", said):
        raise BenchmarkError(f"wrk on {url}: {failed.group(1)}")
    return Rate(float(rate.group(1)), int(refused.group(1)) if refused else 0)


@contextlib.contextmanager
def reading(url: str) -> Iterator[None]:
    """Everybody reads this page meanwhile."""
    process = subprocess.Popen(["wrk", "-t1", f"-c{READERS}", "-d1h", url], stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def pgbench(place: Place, script: Path, variables: dict[str, int]) -> float:
    """Transactions a second of a script at eight clients."""
    named = [f"-D{name}={value}" for name, value in variables.items()]
    said = subprocess.run(
        [
            place.cluster.binaries / "pgbench", "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2",
            "-T", str(SECONDS), "-h", place.cluster.sockets, "-U", "postgres", "-f", script, *named, DATABASE,
        ],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise BenchmarkError(f"pgbench said nothing to read:\n{said}")
    return float(found.group(1))
