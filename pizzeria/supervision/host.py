"""How the machine is: its processors, memory, disks and network, as the kernel counts them.

Two readings make a rate: what happened between them. `psutil.cpu_percent` remembers the one before by thread, and the
worker's jobs run in any of several.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import psutil
from django.conf import settings

LOOPBACK = "lo"
OF_THE_MACHINE = (Path("/var/lib/postgresql"), Path("/var/log"), Path("/var/lib/pgbackrest"))
"""What else fills: the database, the journals, the archive of a server that keeps one. Each may be a disk of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the kernel has counted since it started: seconds of all cores, bytes of all network cards."""

    at: float
    """Seconds of a clock that nobody sets."""
    busy: float
    idle: float
    received: int
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Between two readings: percent of all cores, bytes a second."""

    cpu: float
    received: float
    sent: float


def read() -> Reading:
    """Raises OSError where the kernel's counts are hidden from this process."""
    times = psutil.cpu_times()
    # A guest's time is in user and nice already. Waiting for a disk is idle: the core was free.
    idle = times.idle + getattr(times, "iowait", 0.0)
    guests = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
    cards = [card for name, card in psutil.net_io_counters(pernic=True).items() if name != LOOPBACK]
    return Reading(
        at=time.monotonic(),
        busy=sum(times) - guests - idle,
        idle=idle,
        received=sum(card.bytes_recv for card in cards),
        sent=sum(card.bytes_sent for card in cards),
    )


def rates(*, before: Reading, now: Reading) -> Rates:
    """A count that fell (a network card that went) is none: never a negative rate."""
    seconds = now.at - before.at
    busy, idle = now.busy - before.busy, now.idle - before.idle
    return Rates(
        cpu=min(max(100 * busy / (busy + idle), 0.0), 100.0) if busy + idle > 0 else 0.0,
        received=max(now.received - before.received, 0) / seconds if seconds > 0 else 0.0,
        sent=max(now.sent - before.sent, 0) / seconds if seconds > 0 else 0.0,
    )


def memory_used() -> float:
    """Percent of the memory that nothing new could have without somebody's loss."""
    return float(psutil.virtual_memory().percent)


def disk_used() -> float:
    """Percent of the fullest file system that the site writes to: media, backups, the database, the machine's own."""
    return max(float(psutil.disk_usage(str(place)).percent) for place in _written())


def _written() -> Iterable[Path]:
    """A folder that is not there yet will be made in the nearest one that is."""
    for place in (Path("/"), Path(settings.MEDIA_ROOT), Path(settings.BACKUP_ROOT)):
        yield next(folder for folder in (place, *place.parents) if folder.exists())
    yield from (place for place in OF_THE_MACHINE if place.exists())
