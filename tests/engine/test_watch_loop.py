"""What the watch makes of what it sees, one look at a time. systemd is a script here, which says what it is told to say and
notes what it is asked to do; the process that is watched is a real one.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from SUPERVISION_ENGINE.watch import loop, state, units
from SUPERVISION_ENGINE.watch.loop import Watch
from SUPERVISION_ENGINE.watch.probes import Health, Site
from SUPERVISION_ENGINE.watch.services import SHARP, Service

SITE = Site(host="www.ocpizza.fr", is_https=True, database="oc_pizza")
WELL = Health("running")
SILENT = Health("failing", "ne répond pas")


class Systemd:
    """One unit: what `systemctl show` says of it, and every other word that systemctl was given."""

    def __init__(self, folder: Path, pid: int) -> None:
        self._pid = pid
        self._shown, self._asked = folder / "shown", folder / "asked"
        self._asked.touch()
        self.script = folder / "systemctl"
        self.script.write_text(
            f'#!/bin/sh\nif [ "$1" = show ]; then cat {self._shown}; else echo "$1" >>{self._asked}; fi\n'
        )
        self.script.chmod(0o755)
        self.is_("active")

    def is_(self, active: str, *, result: str = "success", restarts: int = 0, restart: str = "always") -> None:
        pid = self._pid if active == "active" else 0
        self._shown.write_text(
            f"LoadState=loaded\nActiveState={active}\nSubState=x\nResult={result}\nMainPID={pid}\n"
            f"NRestarts={restarts}\nRestart={restart}\n"
        )

    @property
    def asked(self) -> list[str]:
        return [word for word in self._asked.read_text().split() if word != "reset-failed"]


@pytest.fixture
def systemd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Systemd]:
    with subprocess.Popen(["sleep", "600"]) as watched:
        # It computes nothing, not even its own start.
        watched.send_signal(signal.SIGSTOP)
        made = Systemd(tmp_path, watched.pid)
        monkeypatch.setattr(units, "SYSTEMCTL", str(made.script))
        monkeypatch.setattr(loop, "CLOSED", tmp_path / "closed")
        yield made
        watched.kill()


@pytest.fixture
def watch(systemd: Systemd, tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    begun = []

    def begin(*, health: Health = WELL, asks_database: bool = False) -> Watch:
        service = Service(
            "worker", "oc-pizza-worker.service", lambda _site: health, grace=0, again=0, remedies=SHARP,
            asks_database=asks_database,
        )  # fmt: skip
        begun.append(Watch(service, SITE, root=tmp_path / "run"))
        return begun[-1]

    yield begin
    for watching in begun:
        watching._let_go()
        watching._woken.close()
        watching._wake.close()
        if sender := watching._outbox._sender:
            sender.kill()
            sender.communicate()


def look(watch: Watch, times: int = 1) -> str:
    """Let it look at its unit, whatever it holds and however long it would wait; the state that it then tells."""
    for _time in range(times):
        watch._let_go()
        watch._go_on()
    return watch._state


def ask(watch: Watch, times: int) -> str:
    """Let it ask so many times, without waiting in between; the state that it then tells."""
    for _time in range(times):
        watch._ask_at = 0.0
        watch._go_on()
    return watch._state


def incidents(watch: Watch) -> int:
    """Of the alert that is open; 0 when there is none."""
    return watch._alerts.alert.incidents if watch._alerts.alert else 0


def test_restarts_that_nobody_watched_are_no_crash_loop(
    watch: Callable[..., Watch], systemd: Systemd, tmp_path: Path
) -> None:
    look(watch())
    board = tmp_path / "run" / "worker.json"
    told = state.peek("worker", root=tmp_path / "run")
    state.write(board, told | {"checked_at": "2026-01-01T00:00:00+01:00"}, mode=0o644)
    systemd.is_("active", restarts=9)
    assert look(watch()) == "running"
    assert systemd.asked == []


def test_a_crash_loop_is_given_up_although_the_unit_seems_to_run(watch: Callable[..., Watch], systemd: Systemd) -> None:
    watching = watch()
    look(watching)
    systemd.is_("active", restarts=6)
    assert look(watching) == "given_up"
    # Not yet at rest: no operator has started it.
    assert look(watching) == "given_up"
    assert set(systemd.asked) == {"stop"}
    systemd.is_("inactive", restarts=0)
    assert look(watching) == "given_up"
    assert incidents(watching) == 1
    systemd.is_("active")
    assert look(watching) == "running"


def test_another_watch_does_not_stop_what_an_operator_has_started_meanwhile(
    watch: Callable[..., Watch], systemd: Systemd
) -> None:
    before = watch()
    look(before)
    systemd.is_("active", restarts=6)
    look(before)
    systemd.is_("inactive")
    look(before)
    stops = systemd.asked.count("stop")
    systemd.is_("active")
    assert look(watch()) == "running"
    assert systemd.asked.count("stop") == stops


def test_a_service_that_waits_for_its_database_is_not_killed(watch: Callable[..., Watch], systemd: Systemd) -> None:
    # There is no database at PostgreSQL's place here.
    watching = watch(health=SILENT, asks_database=True)
    look(watching)
    assert ask(watching, 2) == "degraded"
    assert ask(watching, 4) == "degraded"
    assert "kill" not in systemd.asked


def test_a_service_that_is_silent_by_itself_is_killed_once(watch: Callable[..., Watch], systemd: Systemd) -> None:
    watching = watch(health=SILENT)
    look(watching)
    assert ask(watching, 4) == "failing"
    assert systemd.asked == ["kill"]


def test_a_remedy_that_did_not_reach_systemd_is_tried_again(watch: Callable[..., Watch], systemd: Systemd) -> None:
    watching = watch(health=SILENT)
    look(watching)
    working = systemd.script.read_text()
    systemd.script.write_text("#!/bin/sh\nexit 1\n")
    assert ask(watching, 3) == "unknown"
    systemd.script.write_text(working)
    ask(watching, 1)
    assert systemd.asked == ["kill"]


def test_what_failed_and_was_stopped_by_an_operator_stays_stopped(
    watch: Callable[..., Watch], systemd: Systemd
) -> None:
    watching = watch()
    systemd.is_("failed", result="exit-code", restart="no")
    assert look(watching) == "failing"
    watching._command(units.stop, "arrêt demandé")
    assert systemd.asked == ["stop"]
    assert "reset-failed" in (systemd.script.parent / "asked").read_text()


def test_while_an_update_has_closed_the_site_no_alert_ends_and_a_forgotten_one_is_told(
    watch: Callable[..., Watch], systemd: Systemd, tmp_path: Path
) -> None:
    closed = tmp_path / "closed"
    closed.touch()
    systemd.is_("inactive")
    watching = watch(asks_database=True)
    assert look(watching) == "stopped"
    assert incidents(watching) == 0
    long_ago = time.time() - loop.CLOSED_TOO_LONG - 60
    os.utime(closed, (long_ago, long_ago))
    look(watching, times=2)
    assert incidents(watching) == 1
    assert "update-engine.sh" in state.peek("worker", root=tmp_path / "run")["alert"]["text"]
