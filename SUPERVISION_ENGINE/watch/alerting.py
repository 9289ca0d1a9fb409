"""When an alert begins, when it ends, and what is told of it: one message each, however often the service dies.

Nothing is told in the first seconds: a service that systemd brings back at once is told as that, and one that is given
up after six attempts is one alert, not seven. What comes again soon after an alert is counted, and told at its end.
"""

from typing import Any, NamedTuple

SETTLING = 10.0
"""Seconds since the last incident after which the alert is told, whatever has become of it."""
LATEST = 60.0
"""Seconds since the first one after which it is told although more come."""
BACK = 5.0
"""Seconds of health after which "it is back" may be told with the beginning."""
STABLE = 15.0
"""Seconds of health that end an alert."""
AGAIN = 600.0
"""What begins less than this many seconds after the last message is not told again, unless it lasts."""
LASTING = 60.0


class Alert(NamedTuple):
    subject: str
    text: str
    started_at: str
    began: float
    last: float
    incidents: int = 1
    is_quiet: bool = False
    is_told: bool = False
    is_final: bool = False
    """The watch has given up: nothing more will come by itself."""


class News(NamedTuple):
    """One message to be sent."""

    began: bool
    subject: str
    text: str


class Alerts:
    """The alert of one service, if there is one. Times are seconds on the monotonic clock."""

    def __init__(self, memory: dict[str, Any] | None = None) -> None:
        memory = memory or {}
        self.alert = Alert(**memory["alert"]) if memory.get("alert") else None
        self._last_told: float | None = memory.get("last_told")

    def memory(self) -> dict[str, Any]:
        return {"alert": self.alert._asdict() if self.alert else None, "last_told": self._last_told}

    def incident(self, *, now: float, at: str, subject: str, text: str, is_final: bool = False) -> None:
        """Something happened: an alert begins, or the one that is open has one more."""
        if self.alert is None:
            quiet = self._last_told is not None and now - self._last_told < AGAIN
            self.alert = Alert(subject, text, started_at=at, began=now, last=now, is_quiet=quiet)
        else:
            more = self.alert.incidents + 1
            self.alert = self.alert._replace(subject=subject, text=text, last=now, incidents=more)
        if is_final and not self.alert.is_final:
            # What is given up after it was told as being brought back must be told as that.
            self.alert = self.alert._replace(is_final=True, is_told=False)

    def news(self, *, now: float, healthy_for: float | None, is_stopped: bool) -> list[News]:
        """What is to be told now; `healthy_for` is None while the service is not well."""
        if self.alert is None:
            return []
        news = []
        is_over = self._is_over(self.alert, healthy_for, is_stopped=is_stopped)
        # No end without a beginning: what is over before it was told is told as both.
        is_owed = is_over and not self.alert.is_quiet
        if not self.alert.is_told and (is_owed or self._is_due(self.alert, now, healthy_for)):
            news.append(News(began=True, subject=self.alert.subject, text=self._text_of(self.alert)))
            self.alert = self.alert._replace(is_told=True)
            self._last_told = now
        if is_over:
            news.append(_end(self.alert, is_stopped=is_stopped))
            self.alert = None
        return news

    def _is_due(self, alert: Alert, now: float, healthy_for: float | None) -> bool:
        if alert.is_final:
            return True
        if alert.is_quiet:
            return healthy_for is None and now - alert.began >= LASTING and now - alert.last >= SETTLING
        is_back = healthy_for is not None and healthy_for >= BACK
        return is_back or now - alert.last >= SETTLING or now - alert.began >= LATEST

    def _is_over(self, alert: Alert, healthy_for: float | None, *, is_stopped: bool) -> bool:
        if is_stopped:
            return True
        # A quiet alert that nobody was told of waits for the whole time to be over: one message for all of it.
        wanted = STABLE if alert.is_told else AGAIN
        return healthy_for is not None and healthy_for >= wanted

    def _text_of(self, alert: Alert) -> str:
        return f"{alert.text}\nDepuis : {alert.started_at}. Incidents jusqu’ici : {alert.incidents}."


def _end(alert: Alert, *, is_stopped: bool) -> News:
    how = "il a été arrêté à la demande d’un exploitant" if is_stopped else "il répond de nouveau"
    count = "un seul incident" if alert.incidents == 1 else f"{alert.incidents} incidents"
    return News(began=False, subject=alert.subject, text=f"C’est fini : {how}.\nDepuis {alert.started_at} : {count}.")
