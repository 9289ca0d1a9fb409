"""A program that is run and waited for. Not subprocess: of five watches that sleep, its megabytes would be a twentieth."""

import os
import select
import signal
from typing import NamedTuple

LONGEST = 65_536
"""Bytes of what it says that are read."""


class Done(NamedTuple):
    code: int
    """Negative for a signal; one that takes too long is killed, and has -9."""
    said: str


def run(*words: str, patience: float) -> Done:
    """Wait for it, `patience` seconds at most. Raises OSError when it cannot be started."""
    said = os.memfd_create("said")
    try:
        into = [(os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
        code = _waited_for(os.posix_spawn(words[0], words, os.environ, file_actions=into), patience)
        return Done(code, os.pread(said, LONGEST, 0).decode("utf-8", "replace").strip())
    finally:
        os.close(said)


def _waited_for(pid: int, patience: float) -> int:
    descriptor = os.pidfd_open(pid)
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        if not waiting.poll(patience * 1000):
            os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(descriptor)
