"""Commands on the machine that runs the tests."""

import os
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

MINUTES_10 = 600


class HostCommandFailed(Exception):
    """A command on the testing machine failed; its whole output is the message."""


def on_host(*command: str | Path, stdin: str = "", timeout: float = MINUTES_10) -> str:
    """Run a program on the testing machine; its output."""
    done = subprocess.run(
        command, input=stdin, capture_output=True, text=True, timeout=timeout, check=False, env=_plain()
    )
    if done.returncode:
        raise HostCommandFailed(f"{_told(command)} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def until(happened: Callable[[], object], otherwise: str, *, timeout: float = 30, every: float = 0.1) -> None:
    """Wait for something that announces itself in no other way; asked `every` so many seconds, as asking costs time itself."""
    deadline = time.monotonic() + timeout
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError(f"{otherwise} (waited for {timeout:.0f} s)")
        time.sleep(every)


def _plain() -> dict[str, str]:
    # What programs say is read here: not in the developer's language. sbin is not in an ordinary user's path.
    return os.environ | {"LC_ALL": "C.UTF-8", "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}


def _told(command: Sequence[str | Path]) -> str:
    return " ".join(str(part) for part in command)
