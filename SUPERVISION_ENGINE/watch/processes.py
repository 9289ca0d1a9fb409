"""The processes of a unit, seen from /proc: whether they still live, and whether they work."""

import os
from pathlib import Path

PROC = Path("/proc")


def held(pid: int) -> int | None:
    """A descriptor that becomes readable when this process ends; None when it already has."""
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None


def cpu_seconds(pid: int) -> float:
    """What this process and those that it has started have computed, in seconds; 0 for what has ended."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        children = (PROC / str(pid) / "task" / str(pid) / "children").read_text().split()
    except OSError:
        return 0.0
    # utime and stime are the 14th and 15th of proc(5), the first two of which stand before the parenthesis.
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return own + sum(cpu_seconds(int(child)) for child in children)
