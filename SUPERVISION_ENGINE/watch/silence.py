"""A service that does not answer: since when, whether it computes meanwhile, and what was tried."""

from SUPERVISION_ENGINE.watch import processes
from SUPERVISION_ENGINE.watch.services import Remedy

SILENCES = 2
BUSY_SHARE = 0.2
BUSY_PATIENCE = 60.0
"""Who computes is not hung, only late: it has this many seconds to answer."""


class Silence:
    """Of one process, from its first question without an answer on; an answer begins a new one. Times are monotonic."""

    def __init__(self, pid: int = 0) -> None:
        self._pid = pid
        self._began: float | None = None
        self._cpu = 0.0
        self._count = 0
        self._tried = 0

    def goes_on(self, now: float) -> None:
        """One more question without an answer."""
        self._count += 1
        if self._began is None:
            self._began, self._cpu = now, processes.cpu_seconds(self._pid)

    @property
    def is_certain(self) -> bool:
        """One answer may be late; two are missing."""
        return self._count >= SILENCES

    def is_busy(self, now: float) -> bool:
        """It computes: killing it would turn a crowd into an outage."""
        silent = self._seconds(now)
        if silent <= 0 or silent >= BUSY_PATIENCE:
            return False
        return processes.cpu_seconds(self._pid) - self._cpu >= BUSY_SHARE * silent

    def remedy(self, now: float, remedies: tuple[Remedy, ...]) -> Remedy | None:
        """What is to be tried now, if anything."""
        if self._tried >= len(remedies) or self._seconds(now) < remedies[self._tried].after:
            return None
        return remedies[self._tried]

    def tried(self) -> None:
        """The remedy has reached systemd; one that has not is due again."""
        self._tried += 1

    def _seconds(self, now: float) -> float:
        return now - self._began if self._began is not None else 0.0
