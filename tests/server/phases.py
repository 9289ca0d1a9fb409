"""How long each part of a run took: told at the end of the test run, at once with `pytest -s`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

PHASES: list[tuple[str, float]] = []


@contextmanager
def phase(name: str) -> Iterator[None]:
    """Time what happens inside, also when it fails."""
    begun = time.monotonic()
    try:
        yield
    finally:
        seconds = time.monotonic() - begun
        PHASES.append((name, seconds))
        print(f"  {seconds:7.1f} s  {name}", flush=True)  # noqa: T201 - pytest shows it with -s, and of a failed test
