"""Locks that the kernel gives up when their holder dies: nothing has to be guessed from a process id."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Lock:
    """A lock on a file, held until `release` or until the process ends."""

    def __init__(self, path: Path, how: int) -> None:
        self.path = path
        # Not inherited by the programs that we start: a server that outlives us holds nothing.
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, how)
        except BlockingIOError:
            os.close(self._file)
            raise

    def release(self) -> None:
        os.close(self._file)


def held(path: Path) -> Lock:
    """Wait for the lock."""
    return Lock(path, fcntl.LOCK_EX)


def shared(path: Path) -> Lock:
    """Wait for the lock, together with others who only use what it protects."""
    return Lock(path, fcntl.LOCK_SH)


def held_if_free(path: Path) -> Lock | None:
    try:
        return Lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return None


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Only one process at a time is in here."""
    lock = held(path)
    try:
        yield
    finally:
        lock.release()
