"""How each process of the site is: as the watch says, or, where it is not installed, as far as the site itself knows."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from procrastinate.contrib.django.models import ProcrastinateWorker

SERVICES = ("gunicorn", "nginx", "postgresql", "live", "worker")
"""In the order of a request's way through them."""

NAMES = {
    "gunicorn": gettext_lazy("Pages et API"),
    "nginx": gettext_lazy("Serveur web"),
    "postgresql": gettext_lazy("Base de données"),
    "live": gettext_lazy("Suivi en direct"),
    "worker": gettext_lazy("Tâches"),
}
NOT_WATCHED = "not_watched"
UNKNOWN = "unknown"
STATES = {
    "running": gettext_lazy("en marche"),
    "starting": gettext_lazy("démarre"),
    "degraded": gettext_lazy("pas prêt"),
    "failing": gettext_lazy("ne répond pas"),
    "given_up": gettext_lazy("abandonné : attend un exploitant"),
    "stopped": gettext_lazy("arrêté exprès"),
    UNKNOWN: gettext_lazy("inconnu"),
    NOT_WATCHED: gettext_lazy("non surveillé"),
}
MARKS = {
    "running": "✓", "starting": "…", "degraded": "!", "failing": "✗", "given_up": "✗", "stopped": "■",
    UNKNOWN: "?", NOT_WATCHED: "–",
}  # fmt: skip
"""Told apart without their colour."""
TONES = {"running": "ok", "starting": "info", "degraded": "warning", "failing": "danger", "given_up": "danger"}

DOWN = frozenset({"failing", "given_up"})
WITHOUT_WHICH_NOTHING = frozenset({"gunicorn", "nginx", "postgresql"})
"""Without one of these there is no site; without the others it sells on."""

STALE = timedelta(seconds=90)
"""The watch confirms a state every half minute (REFRESH in SUPERVISION_ENGINE/watch/state.py); watchdog.sh waits as long."""
WORKER_STALE = timedelta(minutes=1)
"""The worker says every ten seconds that it is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchAlert:
    """An alert that the watch has open; it has told of it itself, in French."""

    key: str
    subject: str
    text: str
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    service: str
    state: str
    since: datetime | None = None
    detail: str = ""
    """Why it is so, in words; the watch's own are French."""
    restarts: int | None = None
    """How often it was brought back since the server started; None where nobody counts."""
    alert: WatchAlert | None = None

    @property
    def name(self) -> str:
        return str(NAMES[self.service])

    @property
    def words(self) -> str:
        return str(STATES[self.state])

    @property
    def mark(self) -> str:
        return MARKS[self.state]

    @property
    def tone(self) -> str:
        return TONES.get(self.state, "")

    @property
    def is_down(self) -> bool:
        return self.state in DOWN

    @property
    def needs_a_look(self) -> bool:
        return self.state not in {"running", "starting", NOT_WATCHED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Processes:
    is_watched: bool
    """Whether the watch is installed on this machine."""
    all: tuple[Process, ...]

    @property
    def alerts(self) -> list[WatchAlert]:
        return [process.alert for process in self.all if process.alert]


def processes(*, at: datetime) -> Processes:
    if watch_is_installed():
        return Processes(is_watched=True, all=tuple(_watched(service, at) for service in SERVICES))
    return Processes(is_watched=False, all=_as_the_site_knows(at))


def watch_is_installed() -> bool:
    return Path(settings.WATCH_ROOT).is_dir()


def _watched(service: str, at: datetime) -> Process:
    """What the watch has written of a service; a watch that is silent is not believed."""
    try:
        told = json.loads((Path(settings.WATCH_ROOT) / f"{service}.json").read_text())
        process, checked_at = _process(service, told), _moment(told["checked_at"])
    except FileNotFoundError:
        return Process(service=service, state=UNKNOWN, detail=_("la surveillance n’en dit rien"))
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Process(service=service, state=UNKNOWN, detail=_("ce qu’en dit la surveillance est illisible"))
    if at - checked_at > STALE:
        words = _("la surveillance ne répond plus : sudo systemctl restart oc-pizza-supervision")
        # What it had open stays open, as far as anybody knows.
        return Process(service=service, state=UNKNOWN, since=checked_at, detail=words, alert=process.alert)
    return process


def _process(service: str, told: dict[str, Any]) -> Process:
    if told["state"] not in STATES:
        raise ValueError(told["state"])
    alert = told.get("alert")
    return Process(
        service=service,
        state=told["state"],
        since=_moment(told["since"]),
        detail=str(told.get("detail", "")),
        restarts=int(told.get("restarts", 0)),
        alert=_alert(alert) if alert else None,
    )


def _alert(told: dict[str, Any]) -> WatchAlert:
    return WatchAlert(
        key=str(told["key"]),
        subject=str(told["subject"]),
        text=str(told["text"]),
        started_at=_moment(told["started_at"]),
    )


def _moment(written: str) -> datetime:
    """Raises ValueError for a moment without its offset: it could be any."""
    moment = datetime.fromisoformat(written)
    if moment.tzinfo is None:
        raise ValueError(written)
    return moment


def _as_the_site_knows(at: datetime) -> tuple[Process, ...]:
    """It answers, so its pages run, and so does the database that knew who asks.

    Of what stands before and beside it it knows nothing, but for the worker, which says that it is there.
    """
    return (
        Process(service="gunicorn", state="running", detail=_("cette page le prouve")),
        Process(service="nginx", state=NOT_WATCHED),
        Process(service="postgresql", state="running", detail=_("cette page le prouve")),
        Process(service="live", state=NOT_WATCHED),
        _worker(at),
    )


def _worker(at: datetime) -> Process:
    heard = ProcrastinateWorker.objects.aggregate(heard=Max("last_heartbeat"))["heard"]
    if heard is None:
        return Process(service="worker", state="failing", detail=_("aucun ne s’est annoncé"))
    if at - heard > WORKER_STALE:
        return Process(service="worker", state="failing", since=heard, detail=_("ne donne plus signe de vie"))
    return Process(service="worker", state="running", detail=_("donne signe de vie"))
