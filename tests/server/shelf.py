"""Images that the programs of one test run share: the workers beside one another, and those that come after them.

`OC_PIZZA_TEST_RUN` names the run; without it the workers of one pytest share, and who stands alone shares with nobody. What
lies here is for this run alone: another would boot yesterday's clock and yesterday's code. Who is killed leaves it
behind, for the next run to remove (`machine.Rack`).
"""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.server import images, locks
from tests.server.disk import remove
from tests.server.images import Image

RUN, WORKERS_RUN = "OC_PIZZA_TEST_RUN", "PYTEST_XDIST_TESTRUNUID"


class Shelf:
    """Where a run keeps its images. It is not removed while somebody stands at it."""

    def __init__(self, name: str) -> None:
        runs = images.cache() / "runs"
        runs.mkdir(parents=True, exist_ok=True)
        self._folder = runs / f"shelf-{name}"
        with _nobody_clearing():
            self._lock = locks.shared(self._folder.with_suffix(".lock"))
            self._folder.mkdir(exist_ok=True)

    def take(self, name: str, make: Callable[[], Image]) -> Image:
        """The image of that name; made by who asks first, while the others wait for it."""
        place = self._folder / name
        with locks.alone(self._folder / f"{name}.making"):
            # Written last: it says that the disk is whole.
            below = place / "below"
            if not below.exists():
                made = make()
                if place.exists():
                    # Of a worker that was killed between the two.
                    remove(place)
                place.mkdir()
                made.layers[0].rename(place / "disk")
                below.write_text("".join(f"{layer}\n" for layer in made.layers[1:]))
            return Image(name, (place / "disk", *map(Path, below.read_text().splitlines())))

    def leave(self) -> None:
        """Away from it; the last one of a run without a name of its own clears it away."""
        self._lock.release()
        if RUN not in os.environ:
            with _nobody_clearing():
                _clear(self._folder)


def of_this_run() -> Shelf | None:
    """The shelf of the run that this program belongs to; None for one that stands alone."""
    name = os.environ.get(RUN) or os.environ.get(WORKERS_RUN)
    return Shelf(name) if name else None


def clear_all() -> None:
    """Remove what runs have left behind that were killed, and the shelves that nobody stands at: their locks are free."""
    runs = images.cache() / "runs"
    if not runs.is_dir():
        return
    with _nobody_clearing():
        for folder in [entry for entry in runs.iterdir() if entry.is_dir()]:
            _clear(folder)


def _nobody_clearing() -> AbstractContextManager[None]:
    # A lock's file must not be taken away between its being opened and its being locked.
    return locks.alone((images.cache() / "runs").with_suffix(".lock"))


def _clear(folder: Path) -> None:
    """Remove a run's folder, unless somebody uses it."""
    lock_file = folder.with_suffix(".lock")
    lock = locks.held_if_free(lock_file)
    if lock:
        if folder.exists():
            remove(folder)
        lock_file.unlink()
        lock.release()


if __name__ == "__main__":
    clear_all()
