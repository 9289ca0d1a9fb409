"""What all processes of the site have counted, added up (`pizzeria.measures`).

Each process keeps its counts in files of its own in PROMETHEUS_MULTIPROC_DIR, which outlive it: a worker that is killed
loses none. So that they do not pile up, the worker adds those of dead processes to one set of files, every minute, where
no process has the number: 0. What a dead process had open (`live` gauges) is not counted, and goes.
"""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import Metric
from prometheus_client.mmap_dict import MmapedDict, mmap_key
from prometheus_client.multiprocess import MultiProcessCollector

from pizzeria.measures import IN_MEMORY

FOLDER = "PROMETHEUS_MULTIPROC_DIR"
DEAD = 0
"""The number under which the counts of the dead are kept: no process has it."""
KEPT = ("counter", "histogram")
LOCK = "lock"

Series = tuple[str, frozenset[tuple[str, str]]]
"""A name and its labels."""


def counted() -> list[Metric]:
    """The sum over all processes; this process's own where nothing is kept in files.

    Raises OSError where the folder is missing or closed to this process.
    """
    folder = _folder()
    if folder is None:
        return list(IN_MEMORY.collect())
    with _turn(folder, fcntl.LOCK_SH):
        living = [str(file) for file in _files(folder) if not _is_over(file)]
        return list(MultiProcessCollector.merge(living, accumulate=True))


def values() -> Mapping[Series, float]:
    """The same, by series."""
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for metric in counted()
        for sample in metric.samples
    }


def fold_dead() -> None:
    """Add the counts of dead processes to those that are kept under no process, and remove their files.

    The sums stay what they were: nobody reads meanwhile. Raises OSError like `counted`.
    """
    folder = _folder()
    if folder is None:
        return
    with _turn(folder, fcntl.LOCK_EX):
        dead = [file for file in _files(folder) if _pid(file) != DEAD and not _is_alive(_pid(file))]
        for kind in KEPT:
            ended = [file for file in dead if file.name.startswith(f"{kind}_")]
            if ended:
                _add_up(folder, kind, ended)
        for file in dead:
            file.unlink(missing_ok=True)


def _folder() -> Path | None:
    place = os.environ.get(FOLDER)
    return Path(place) if place else None


@contextmanager
def _turn(folder: Path, kind: int) -> Iterator[None]:
    with (folder / LOCK).open("a") as lock:
        fcntl.flock(lock, kind)
        yield


def _files(folder: Path) -> list[Path]:
    """`counter_12.db`, `gauge_livesum_12.db`: the last word is the process."""
    return sorted(folder.glob("*_*.db"))


def _pid(file: Path) -> int:
    return int(file.stem.rpartition("_")[2])


def _is_over(file: Path) -> bool:
    """Whether it tells what a process has open that is no more."""
    return file.name.startswith("gauge_live") and not _is_alive(_pid(file))


def _is_alive(pid: int) -> bool:
    """Asked by a signal that is none: the services do not see each other in /proc."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _add_up(folder: Path, kind: str, dead: Iterable[Path]) -> None:
    kept, new = folder / f"{kind}_{DEAD}.db", folder / f"{kind}.new"
    new.unlink(missing_ok=True)
    sums = MmapedDict(str(new))
    files = [file for file in (*dead, kept) if file.exists()]
    for metric in MultiProcessCollector.merge([str(file) for file in files], accumulate=False):
        for sample in metric.samples:
            labels = [*sample.labels], [*sample.labels.values()]
            sums.write_value(mmap_key(metric.name, sample.name, *labels, metric.documentation), sample.value, 0.0)
    sums.close()
    # In this order: who is cut off in between has lost counts, which looks like a start; never counted them twice.
    for file in dead:
        file.unlink()
    new.replace(kept)
