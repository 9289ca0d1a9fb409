"""systemd's units, asked and commanded: systemd owns every process, the watch only tells it what it sees."""

import os
import select
import signal
from typing import NamedTuple

SYSTEMCTL = "/usr/bin/systemctl"
PATIENCE = 10
"""Seconds for systemd to answer."""
LONGEST = 65_536
PROPERTIES = ("LoadState", "ActiveState", "SubState", "Result", "MainPID", "NRestarts", "Restart")


class SystemdSilentError(Exception):
    """systemd itself does not answer, or refuses; the message says what it was asked."""


class Facts(NamedTuple):
    """A unit as systemd sees it."""

    is_loaded: bool
    active: str
    sub: str
    result: str
    main_pid: int
    restarts: int
    """How often systemd has brought it back by itself since it was last started by hand."""
    is_restarted_by_systemd: bool


def show(unit: str) -> Facts:
    """Raises SystemdSilentError."""
    return facts_of(_systemctl("show", f"--property={','.join(PROPERTIES)}", "--", unit))


def facts_of(shown: str) -> Facts:
    """What `systemctl show` has printed, understood."""
    found = dict(line.split("=", 1) for line in shown.splitlines() if "=" in line)
    return Facts(
        is_loaded=found.get("LoadState") == "loaded",
        active=found.get("ActiveState", "unknown"),
        sub=found.get("SubState", ""),
        result=found.get("Result", ""),
        main_pid=int(found.get("MainPID") or 0),
        restarts=int(found.get("NRestarts") or 0),
        is_restarted_by_systemd=found.get("Restart", "no") != "no",
    )


def start(unit: str) -> None:
    """Ask for it and wait for nothing: what comes of it is seen. Raises SystemdSilentError."""
    _systemctl("reset-failed", "--", unit)
    _systemctl("start", "--no-block", "--", unit)


def restart(unit: str) -> None:
    _systemctl("reset-failed", "--", unit)
    _systemctl("restart", "--no-block", "--", unit)


def stop(unit: str) -> None:
    _systemctl("stop", "--no-block", "--", unit)


def stop_and_wait(unit: str, *, patience: float) -> None:
    """Raises SystemdSilentError when it is not stopped in time."""
    _systemctl("stop", "--", unit, patience=patience)


def kill(unit: str, name: str, *, only_main: bool = False) -> None:
    # Every process of the unit is what systemd means when nothing is said.
    _systemctl("kill", f"--signal={name}", *(["--kill-whom=main"] if only_main else []), "--", unit)


def _systemctl(*words: str, patience: float = PATIENCE) -> str:
    # Not subprocess: of five watches that sleep, its megabytes would be a twentieth of all that they take.
    said = os.memfd_create("systemctl")
    try:
        into = [(os.POSIX_SPAWN_DUP2, said, 1), (os.POSIX_SPAWN_DUP2, said, 2)]
        pid = os.posix_spawn(SYSTEMCTL, [SYSTEMCTL, *words], os.environ, file_actions=into)
        status = _waited_for(pid, patience)
        text = os.pread(said, LONGEST, 0).decode("utf-8", "replace")
    except OSError as error:
        raise SystemdSilentError(f"systemctl {words[0]} : {error}") from error
    finally:
        os.close(said)
    if status:
        raise SystemdSilentError(f"systemctl {words[0]} : {text.strip() or status}")
    return text


def _waited_for(pid: int, patience: float) -> int:
    """How the process has ended; one that takes too long is killed, and counts as -9."""
    descriptor = os.pidfd_open(pid)
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        if not waiting.poll(patience * 1000):
            os.kill(pid, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    finally:
        os.close(descriptor)
