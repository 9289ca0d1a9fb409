"""`service:<name>`: what the watch has found, and has told of itself; written down beside the rest."""

from collections.abc import Collection, Iterator
from datetime import datetime

from pizzeria.supervision.alerts.problems import Problem, kind_of
from pizzeria.supervision.processes import processes, watch_is_installed

SERVICE = "service"


def watched(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - the watch says when it ends
    if watch_is_installed():
        for alert in processes(at=at).alerts:
            if kind_of(alert.key) != SERVICE:
                raise ValueError(alert.key)
            yield Problem(key=alert.key, subject=alert.subject, detail=alert.text, since=alert.started_at)
