"""Real processes that count, for the tests: each does what its argument says, and waits where it is told to."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

COUNT = """
import sys
from pizzeria.measures import LIVE_CONNECTIONS, REQUEST_SECONDS, REQUESTS
answers, seconds, wait = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3] == "wait"
for _answer in range(answers):
    REQUESTS.labels("shop:menu", "GET", "2xx").inc()
    REQUEST_SECONDS.labels("shop:menu").observe(seconds)
LIVE_CONNECTIONS.inc(2)
print("counted", flush=True)
if wait:
    sys.stdin.read()
"""


def count(folder: Path, *, answers: int, seconds: float = 0.02) -> None:
    """A process that has answered so often, each time in so many seconds, and is over."""
    with counting(folder, answers=answers, seconds=seconds, wait=False):
        pass


@contextmanager
def counting(
    folder: Path, *, answers: int, seconds: float = 0.02, wait: bool = True
) -> Iterator["subprocess.Popen[str]"]:
    """The same, and it lives on inside the block, with two pages that listen."""
    command = [sys.executable, "-c", COUNT, str(answers), str(seconds), "wait" if wait else "end"]
    with subprocess.Popen(
        command, env=_environment(folder), cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:  # fmt: skip
        assert process.stdout
        assert process.stdout.readline() == "counted\n"
        yield process
        assert process.stdin
        process.stdin.close()


def _environment(folder: Path) -> Mapping[str, str]:
    return os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(folder)}
