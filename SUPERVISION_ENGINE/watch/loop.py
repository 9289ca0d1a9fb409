"""The watch of one service. While all is well it sleeps: it holds the main process, whose end wakes it at once, and asks
its question every few seconds. systemd is asked when something happened, and as long as the unit does not run.
"""

import os
import select
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from SUPERVISION_ENGINE.watch import processes, state, supervisor, units
from SUPERVISION_ENGINE.watch.alerting import Alerts, News
from SUPERVISION_ENGINE.watch.deaths import HEALED, WINDOW, Deaths
from SUPERVISION_ENGINE.watch.outbox import Outbox
from SUPERVISION_ENGINE.watch.probes import Health, Site, ask_postgresql
from SUPERVISION_ENGINE.watch.services import Service
from SUPERVISION_ENGINE.watch.silence import Silence
from SUPERVISION_ENGINE.watch.units import Facts

CLOSED = Path("/run/oc-pizza-closed")
"""UPDATE_ENGINE and DEPLOY_ENGINE have closed the site: all that happens now is their doing."""
STOP_PATIENCE = 90.0
"""Beyond every unit's TimeoutStopSec but PostgreSQL's."""
SOON = 0.25
"""Seconds between two looks at a unit that is on its way from one state to another."""
AT_REST = 2.0
"""Seconds between two looks at a unit that is stopped."""
AGAIN = 1.0
"""Seconds after which who is starting is asked again."""
CLOSED_TOO_LONG = 1800.0
"""Seconds: no update takes that long. One that was killed has left the site closed."""
AWAY_SECONDS = 60.0
"""The worker notices a lost database up to half a minute later."""
NOT_READY_SECONDS = 60.0
ANSWERS = {"running", "degraded"}
RUNNING = {"active", "reloading", "refreshing"}
AT_REST_STATES = {"inactive", "failed"}
DOWN = {"stopped", "failing", "given_up"}
FAILED_BY_SYSTEMD = {"start-limit-hit", "resources"}
"""Why systemd itself stops bringing a unit back that it should always bring back."""
WHY = {
    "signal": "tué par un signal",
    "core-dump": "tombé sur une erreur fatale",
    "exit-code": "sorti en erreur",
    "oom-kill": "tué faute de mémoire",
    "timeout": "trop long à démarrer",
    "protocol": "démarrage manqué",
    "start-limit-hit": "trop de démarrages",
    "success": "terminé sans qu’on le lui demande",
}
BY_ITSELF = {"success", "exit-code"}
"""How a process ends that misses its database; what was killed was killed by something else."""
WORDS = {
    "running": "répond", "starting": "démarre", "degraded": "répond, mais n’est pas prêt", "failing": "en panne",
    "stopped": "arrêté volontairement", "given_up": "abandonné", "unknown": "état inconnu",
}  # fmt: skip


class Watch:
    def __init__(self, service: Service, site: Site, *, root: Path = state.ROOT) -> None:
        self.service, self._site, self._root = service, site, root
        self._board = state.Board(service.name, service.unit, root=root)
        self._memory = state.Memory(service.name, root=root)
        known = self._memory.recall()
        self._deaths = Deaths(known.get("deaths"))
        self._alerts = Alerts(known.get("alerts"))
        self._outbox = Outbox(self.log, known.get("outbox"))
        self._restarts: int = known.get("restarts", 0)
        self._seen: int | None = known.get("seen") if self._has_just_watched() else None
        """systemd's own counter, as last seen; what it has counted while nobody watched is no crash loop of now."""
        self._has_given_up: bool = known.get("given_up", False)
        self._given_up_for: str = known.get("given_up_for", "")
        self._has_rested: bool = known.get("has_rested", False)
        """Since it was given up: who runs after that was started by somebody."""
        self._stopped_by: int | None = known.get("stopped_by")
        """The supervisord that was asked to stop the service."""
        self._state, self._detail = "unknown", ""
        self._result = ""
        """systemd's word for how it has last ended."""
        self._pid, self._pidfd = 0, -1
        self._up_since: float | None = None
        self._healthy_since: float | None = None
        self._degraded_since: float | None = None
        self._has_answered = False
        """Since it was taken up: from then on silence is no longer a start."""
        self._silence = Silence()
        self._start_at: float | None = None
        self._look_at = self._ask_at = 0.0
        self._woken, self._wake = socket.socketpair()
        self._is_leaving = False

    # --- The loop.

    def run(self) -> None:
        """Until it is asked to end."""
        self._listen_to_signals()
        if supervisor.is_going():
            return
        if self._stopped_by == os.getppid():
            # The same supervisord, which was told to stop the service, now starts its watch: the service is wanted.
            self._command(units.start, "démarrage demandé par Supervisor")
        self._stopped_by = None
        while not self._is_leaving:
            self._go_on()
            self._wait()

    def _go_on(self) -> None:
        is_closed = CLOSED.exists()
        try:
            self._see(time.monotonic(), is_closed=is_closed)
        except units.SystemdSilentError as error:
            # What is to be told is told all the same.
            self._tell("unknown", str(error))
            self._look_at = time.monotonic() + AT_REST
        now = time.monotonic()
        self._heal(now)
        self._tell_news(now, is_stopped=self._state == "stopped" and not is_closed)
        self._outbox.go_on(now)
        self._show(now)

    def _see(self, now: float, *, is_closed: bool) -> None:
        if is_closed:
            self._stand_aside(now)
            return
        if self._pidfd < 0 and now >= self._look_at:
            self._look(now)
        if self._pidfd >= 0 and now >= self._ask_at:
            self._ask()

    def _wait(self) -> None:
        now = time.monotonic()
        until = now + state.REFRESH / 2
        until = min(until, self._ask_at if self._pidfd >= 0 else self._look_at)
        if self._outbox.is_busy or self._alerts.alert:
            until = min(until, now + 1)
        waiting = select.poll()
        waiting.register(self._woken, select.POLLIN)
        if self._pidfd >= 0:
            waiting.register(self._pidfd, select.POLLIN)
        for descriptor, _event in waiting.poll(max(0.0, until - now) * 1000):
            if descriptor == self._pidfd:
                self._let_go()
            else:
                self._obey(self._woken.recv(16))

    # --- What systemd says.

    def _look(self, now: float) -> None:
        facts = units.show(self.service.unit)
        self._look_at = now + SOON
        if not facts.is_loaded:
            self._tell("unknown", f"{self.service.unit} n’existe pas")
            self._look_at = now + AT_REST
            return
        self._count_restarts(facts, now)
        if self._has_given_up and not self._has_rested and facts.active not in AT_REST_STATES:
            # It was stopped a moment ago, or that did not reach systemd.
            units.stop(self.service.unit)
        elif facts.active in RUNNING:
            self._take_up(facts, now)
        elif facts.active == "activating":
            if facts.sub == "auto-restart":
                self._result = facts.result
                self._tell("failing", self._why)
            else:
                self._tell("starting", "")
        elif facts.active in AT_REST_STATES:
            self._at_rest(facts, now)

    def _count_restarts(self, facts: Facts, now: float) -> None:
        """Those that systemd made by itself, by its own count; a start by hand begins it anew."""
        new = facts.restarts - self._seen if self._seen is not None else 0
        if self._seen is None:
            self._restarts = max(self._restarts, facts.restarts)
        self._seen = facts.restarts
        if new > 0 and not self._has_given_up:
            self._restarts += new
            self._died(now, new)

    def _take_up(self, facts: Facts, now: float) -> None:
        if self._has_given_up:
            self._has_given_up = False
            self._deaths.forget()
            self.log("redémarré par un exploitant : la surveillance reprend")
        if not facts.main_pid:
            # Between its processes: looked at again.
            return
        descriptor = processes.held(facts.main_pid)
        if descriptor is None:
            return
        self._pid, self._pidfd = facts.main_pid, descriptor
        self._up_since, self._ask_at, self._has_answered = now, now, False
        self._silence = Silence(self._pid)
        self._degraded_since = self._start_at = None
        self._tell("starting", "")

    def _at_rest(self, facts: Facts, now: float) -> None:
        if self._has_given_up:
            self._has_rested = True
            self._tell("given_up", self._given_up_for)
            self._look_at = now + AT_REST
        elif not self._has_crashed(facts):
            self._start_at = None
            self._deaths.forget()
            self._tell("stopped", self._stopped_with())
            self._look_at = now + AT_REST
        elif self._start_at is None:
            self._result = facts.result
            if not self._died(now, 1):
                return
            self._start_at = now + self._deaths.pause
            self._tell("failing", self._why)
        elif now >= self._start_at:
            self._start_at = None
            self._restarts += 1
            self.log(f"démarré par la surveillance ({self._why})")
            units.start(self.service.unit)

    def _has_crashed(self, facts: Facts) -> bool:
        """Whether a unit at rest should run.

        What systemd always brings back was stopped by somebody. Of what it does not, the result tells how it ended; a
        stop that took too long is still a stop.
        """
        if facts.is_restarted_by_systemd:
            return facts.result in FAILED_BY_SYSTEMD
        return facts.result not in {"success", *([] if self._state == "starting" else ["timeout"])}

    # --- What the service says.

    def _ask(self) -> None:
        health = self.service.probe(self._site)
        now = time.monotonic()
        self._ask_at = now + self.service.every
        if health.verdict == "failing":
            self._silent(health, now)
            return
        self._silence = Silence(self._pid)
        self._has_answered = health.verdict in ANSWERS
        if health.verdict == "running" and self._healthy_since is None:
            self._healthy_since = now
        self._degraded(health, now)
        if health.verdict == "starting":
            self._ask_at = now + AGAIN
        self._tell(health.verdict, health.detail)

    def _degraded(self, health: Health, now: float) -> None:
        if health.verdict == "running":
            self._degraded_since = None
            return
        self._healthy_since = None
        if health.verdict != "degraded":
            return
        if self._degraded_since is None:
            self._degraded_since = now
        # What live events miss when the database is away, the site misses too: said once.
        is_said_elsewhere = self.service.needs_database and self._database_was_away()
        if now - self._degraded_since >= NOT_READY_SECONDS and not self._alerts.alert and not is_said_elsewhere:
            self._incident(
                now, "n’est pas prêt", f"{self.service.name} répond, mais ne peut pas servir : {health.detail}."
            )

    def _silent(self, health: Health, now: float) -> None:
        self._healthy_since = None
        self._ask_at = now + self.service.again
        if not self._has_answered and now - (self._up_since or now) < self.service.grace:
            self._tell("starting", health.detail)
            return
        self._silence.goes_on(now)
        if not self._silence.is_certain:
            return
        if self._silence.is_busy(now):
            self._tell("degraded", "surchargé : ne répond pas à temps")
            return
        if self.service.asks_database and ask_postgresql(self._site).verdict != "running":
            # It waits as its clients do. Killing it would cut what they have begun, and cure nothing.
            self._silence = Silence(self._pid)
            self._tell("degraded", "attend la base de données")
            return
        if self._alerts.alert is None or self._state != "failing":
            self._incident(now, "ne répond plus", f"{self.service.name} : {health.detail}.")
        self._tell("failing", health.detail)
        if remedy := self._silence.remedy(now, self.service.remedies):
            units.kill(self.service.unit, remedy.signal, only_main=remedy.only_main)
            self._silence.tried()
            self.log(f"{remedy.said} par la surveillance")

    # --- What is made of it.

    def _died(self, now: float, times: int) -> bool:
        """Whether it is to be brought back once more."""
        self._healthy_since = None
        if self._result in BY_ITSELF and self.service.needs_database and self._database_was_away():
            self.log("relancé pendant l’absence de la base de données")
            return True
        for _time in range(times):
            self._deaths.count(now)
        if self._deaths.are_too_many:
            self._give_up(now)
            return False
        was_cured = self._state == "failing" and self._silence.is_certain
        if not was_cured:
            self._incident(now, "s’est arrêté", f"{self.service.name} : {self._why} ; relancé automatiquement.")
        return True

    def _give_up(self, now: float) -> None:
        self._has_given_up, self._has_rested = True, False
        self._start_at = None
        many = len(self._deaths.moments)
        self._given_up_for = f"{many} arrêts en 2 minutes ({self._why})"
        self._tell("given_up", self._given_up_for)
        self._incident(
            now,
            "est abandonné",
            f"{self.service.name} s’arrête à chaque démarrage ({self._detail}). La surveillance n’essaie plus.\n"
            f"Cherchez la cause : journalctl -u {self.service.unit} -n 50\n"
            f"Puis : sudo SUPERVISION_ENGINE/watchdog.sh start {self.service.name}",
            is_final=True,
        )
        units.stop(self.service.unit)

    def _database_was_away(self) -> bool:
        """What the database's own watch says: away, or back for less than a minute."""
        told = state.peek("postgresql", root=self._root)
        if not told:
            return False
        return told["state"] != "running" or time.time() - state.seconds(told["since"]) < AWAY_SECONDS

    def _has_just_watched(self) -> bool:
        told = state.peek(self.service.name, root=self._root)
        return bool(told) and time.time() - state.seconds(told["checked_at"]) < WINDOW

    def _stopped_with(self) -> str:
        """The service that has taken this one along, in words; empty when it went alone."""
        other = self.service.goes_with
        return f"avec {other}" if other and state.peek(other, root=self._root).get("state") in DOWN else ""

    @property
    def _why(self) -> str:
        return WHY.get(self._result, self._result) or "arrêté brutalement"

    def _heal(self, now: float) -> None:
        if self._healthy_since is not None and now - self._healthy_since >= HEALED:
            self._deaths.forget()

    def _incident(self, now: float, subject: str, text: str, *, is_final: bool = False) -> None:
        self._alerts.incident(
            now=now, at=state.moment(), subject=f"{self.service.name} {subject}", text=text, is_final=is_final
        )

    def _tell_news(self, now: float, *, is_stopped: bool) -> None:
        healthy_for = (
            now - self._healthy_since if self._healthy_since is not None and self._state == "running" else None
        )
        for news in self._alerts.news(now=now, healthy_for=healthy_for, is_stopped=is_stopped):
            self._post(news)

    def _post(self, news: News) -> None:
        self.log(f"{'alerte' if news.began else 'fin d’alerte'} : {news.subject}")
        message = {
            "key": f"service:{self.service.name}", "subject": news.subject, "text": news.text, "began": news.began,
            "host": socket.gethostname(), "at": state.moment(),
        }  # fmt: skip
        self._outbox.add(message)

    # --- While an engine has closed the site.

    def _stand_aside(self, now: float) -> None:
        """Nothing is asked, cured or counted, and no alert ends; what runs afterwards is taken as it then is."""
        if self._pidfd >= 0:
            self._let_go()
        self._healthy_since = self._degraded_since = self._start_at = None
        if now < self._look_at:
            return
        facts = units.show(self.service.unit)
        self._seen = facts.restarts
        self._look_at = now + AT_REST
        detail = "site fermé par une mise à jour"
        self._tell("running" if facts.active in RUNNING else "stopped", detail)
        if self.service.asks_database and self._alerts.alert is None and _closed_for() > CLOSED_TOO_LONG:
            # One of the five says it.
            self._incident(
                now,
                "est fermé depuis plus d’une demi-heure",
                "Une mise à jour a fermé le site et ne l’a pas rouvert : elle a été tuée.\n"
                "Relancez-la, elle remet tout en place : sudo /root/OC_PIZZA/UPDATE_ENGINE/update-engine.sh",
            )

    # --- What is asked of the watch.

    def _listen_to_signals(self) -> None:
        self._wake.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno())
        for number in ORDERS:
            signal.signal(number, lambda _number, _frame: None)
        signal.signal(signal.SIGTERM, lambda _number, _frame: None)

    def _obey(self, numbers: bytes) -> None:
        for number in numbers:
            if number == signal.SIGTERM:
                self._leave()
            elif number in ORDERS:
                order, said = ORDERS[signal.Signals(number)]
                self._command(order, said)
                if order is not units.stop:
                    self._tell("starting", "")

    def _command(self, order: Callable[[str], None], said: str) -> None:
        self.log(said)
        self._has_given_up = False
        self._deaths.forget()
        self._let_go()
        self._start_at = None
        try:
            order(self.service.unit)
        except units.SystemdSilentError as error:
            self.log(f"refusé : {error}")
        # systemd has it on its list now; a moment later it has begun.
        self._look_at = time.monotonic() + SOON

    def _leave(self) -> None:
        """Supervisor stops the service, or the watch alone is going: then the site goes on."""
        self._is_leaving = True
        if supervisor.is_asked_to_stop(self.service.name):
            self.log("arrêt demandé par Supervisor")
            try:
                units.stop_and_wait(self.service.unit, patience=STOP_PATIENCE)
            except units.SystemdSilentError as error:
                self.log(f"l’arrêt n’aboutit pas : {error}")
            self._stopped_by = os.getppid()
            self._tell("stopped", "surveillance arrêtée avec lui")
        self._show(time.monotonic())

    # --- What it shows.

    def _let_go(self) -> None:
        if self._pidfd >= 0:
            os.close(self._pidfd)
            self._pidfd = -1
        self._look_at = 0.0

    def _tell(self, said: str, detail: str) -> None:
        if said != "running":
            self._healthy_since = None
        self._state, self._detail = said, detail

    def _show(self, now: float) -> None:
        alert = self._alerts.alert
        shown = alert and {
            "key": f"service:{self.service.name}", "subject": alert.subject, "text": alert.text,
            "started_at": alert.started_at,
        }  # fmt: skip
        if self._board.say(
            now=now, state=self._state, detail=self._detail, restarts=self._restarts, alert=shown or None
        ):
            self.log(WORDS[self._state] + (f" : {self._detail}" if self._detail else ""))
        self._memory.keep(self._known())

    def _known(self) -> dict[str, Any]:
        return {
            "deaths": self._deaths.moments, "alerts": self._alerts.memory(), "outbox": self._outbox.memory(),
            "restarts": self._restarts, "seen": self._seen, "given_up": self._has_given_up, "given_up_for": self._given_up_for,
            "has_rested": self._has_rested,
            "stopped_by": self._stopped_by,
        }  # fmt: skip

    def log(self, said: str) -> None:
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {self.service.name} : {said}", flush=True)  # noqa: T201 - the log


def _closed_for() -> float:
    """Seconds since an engine has closed the site; 0 when it is open."""
    try:
        return time.time() - CLOSED.stat().st_mtime
    except FileNotFoundError:
        return 0.0


ORDERS: dict[int, tuple[Callable[[str], None], str]] = {
    signal.SIGUSR1: (units.start, "démarrage demandé"),
    signal.SIGUSR2: (units.stop, "arrêt demandé"),
    signal.SIGHUP: (units.restart, "redémarrage demandé"),
}
