"""systemd's units, asked and commanded: systemd owns every process, the watch only tells it what it sees."""

from typing import NamedTuple

from SUPERVISION_ENGINE.watch import commands

SYSTEMCTL = "/usr/bin/systemctl"
PATIENCE = 10
"""Seconds for systemd to answer."""
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
    # One that has failed would stay so, and be started again as one that should run.
    _systemctl("reset-failed", "--", unit)


def stop_and_wait(unit: str, *, patience: float) -> None:
    """Raises SystemdSilentError when it is not stopped in time."""
    _systemctl("stop", "--", unit, patience=patience)
    _systemctl("reset-failed", "--", unit)


def kill(unit: str, name: str, *, only_main: bool = False) -> None:
    # Every process of the unit is what systemd means when nothing is said.
    _systemctl("kill", f"--signal={name}", *(["--kill-whom=main"] if only_main else []), "--", unit)


def _systemctl(*words: str, patience: float = PATIENCE) -> str:
    try:
        done = commands.run(SYSTEMCTL, *words, patience=patience)
    except OSError as error:
        raise SystemdSilentError(f"systemctl {words[0]} : {error}") from error
    if done.code:
        raise SystemdSilentError(f"systemctl {words[0]} : {done.said or done.code}")
    return done.said
