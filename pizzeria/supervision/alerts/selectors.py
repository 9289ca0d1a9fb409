"""Reading alerts: what needs attention now, most urgent first, and what has been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pizzeria.supervision.alerts.problems import kind_of
from pizzeria.supervision.alerts.watched import SERVICE
from pizzeria.supervision.alerts.words import advice_on, folder
from pizzeria.supervision.models import Alert
from pizzeria.supervision.processes import WatchAlert

REMEMBERED = timedelta(days=30)
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlert:
    """An alert as the page shows it. `subject` and `detail` are French, as they were sent."""

    key: str
    subject: str
    detail: str
    started_at: datetime
    told_at: datetime | None

    @property
    def is_told_by_the_watch(self) -> bool:
        """Whether telling it is the watch's business, which waits to see what becomes of it."""
        return kind_of(self.key) == SERVICE

    @property
    def name(self) -> str:
        return str(advice_on(self.key).name)

    @property
    def what(self) -> str:
        return str(advice_on(self.key).what)

    @property
    def commands(self) -> list[str]:
        return advice_on(self.key).commands_for(self.key)

    @property
    def folder(self) -> str:
        """Where these are typed."""
        return str(folder())

    @property
    def urgency(self) -> tuple[int, datetime]:
        return advice_on(self.key).urgency, self.started_at


def open_alerts(*, watched: Sequence[WatchAlert]) -> list[OpenAlert]:
    """What needs attention; of a process, what the watch says now, which the worker may not have written down yet."""
    by_key = {alert.key: _of_row(alert) for alert in Alert.objects.filter(ended_at=None)}
    by_key |= {alert.key: _of_watch(alert) for alert in watched}
    return sorted(by_key.values(), key=lambda alert: alert.urgency)


def ended_alerts(*, at: datetime) -> list[Alert]:
    """Those that ended within the last thirty days, the last one first."""
    return list(Alert.objects.filter(ended_at__gt=at - REMEMBERED).order_by("-ended_at", "-pk")[:MOST_SHOWN])


def _of_row(alert: Alert) -> OpenAlert:
    detail = alert.text.partition("\n\n")[0]
    return OpenAlert(
        key=alert.key, subject=alert.subject, detail=detail, started_at=alert.started_at, told_at=alert.told_start_at
    )


def _of_watch(alert: WatchAlert) -> OpenAlert:
    began = alert.started_at
    return OpenAlert(key=alert.key, subject=alert.subject, detail=alert.text, started_at=began, told_at=None)
