"""Sending: one message when an alert begins, one when it ends; what could not be sent is tried again the next minute.

Told is what has arrived by one way. By the other it is owed, and tried again on its own: this process remembers that,
and one that is started anew does not.

Whoever sends holds a lock of the whole site, and an alert that was told says so before the lock is let go: two workers
never tell the same twice. A process that is killed between the two would tell it again; not telling it would be worse.
"""

import logging
import socket
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic as clock

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from pizzeria.operations.runs import only_one
from pizzeria.supervision.models import Alert
from SUPERVISION_ENGINE.watch.sending import WAYS, Message, send, way_of

logger = logging.getLogger(__name__)

ENOUGH = 30.0
"""Seconds of a minute in which sending is begun: the minute has other things to do."""
LOCK = "pizzeria.supervision.alerts.tell"
STILL_NEWS = timedelta(days=1)
"""What is over for longer than this is on the page, and is told to nobody who was to be told of it later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Owed:
    """A message that has arrived, but not by these ways."""

    message: Message
    ways: tuple[str, ...]
    since: datetime


_owed: list[_Owed] = []
_failures = Counter[int]()
"""How often each alert could not be told."""


def forget() -> None:
    """Remember nothing, as a process that has just been started."""
    _owed.clear()
    _failures.clear()


def tell(*, at: datetime) -> None:
    """Send what has not been told yet. Returns at once where nobody is to be told, or somebody else is at it."""
    if not ways() or not (_owed or _untold(at).exists()):
        return
    with only_one(path=LOCK) as is_ours:
        if not is_ours:
            return
        began = clock()
        _send_owed(at, until=began + ENOUGH / 2)
        # Asked again, now that nobody else is at it. What failed least comes first: one that is always refused, or a
        # server that never answers, keeps no new one from being tried.
        for alert in sorted(_untold(at), key=lambda alert: _failures[alert.pk]):
            if clock() > began + ENOUGH:
                return
            _failures[alert.pk] += 1
            if _told(alert):
                del _failures[alert.pk]


def ways() -> int:
    """How many ways there are to tell somebody: by mail, by webhook."""
    return bool(settings.ALERT_EMAILS.strip(", ")) + bool(settings.ALERT_WEBHOOK)


def environment() -> Mapping[str, str]:
    """What `send` needs, as the environment had it."""
    security = "starttls" if settings.EMAIL_USE_TLS else "tls" if settings.EMAIL_USE_SSL else "none"
    return {
        "ALERT_EMAILS": settings.ALERT_EMAILS,
        "ALERT_WEBHOOK": settings.ALERT_WEBHOOK,
        "EMAIL_HOST": settings.EMAIL_HOST,
        "EMAIL_PORT": str(settings.EMAIL_PORT),
        "EMAIL_HOST_USER": settings.EMAIL_HOST_USER,
        "EMAIL_HOST_PASSWORD": settings.EMAIL_HOST_PASSWORD,
        "EMAIL_SECURITY": security,
        "DEFAULT_FROM_EMAIL": settings.DEFAULT_FROM_EMAIL,
    }


def message_of(alert: Alert, *, began: bool, at: datetime) -> Message:
    text = alert.text if began else f"C’est terminé. Cela a duré {_duration(at - alert.started_at)}."
    local = timezone.localtime(at).isoformat(timespec="seconds")
    return Message(key=alert.key, subject=alert.subject, text=text, began=began, host=socket.gethostname(), at=local)


def _untold(at: datetime) -> QuerySet[Alert]:
    """What began or ended and was not told, the oldest first."""
    untold = Q(told_start_at=None) | Q(told_end_at=None, ended_at__isnull=False)
    is_news = Q(ended_at=None) | Q(ended_at__gt=at - STILL_NEWS)
    return Alert.objects.filter(untold & is_news).order_by("started_at", "pk")


def _told(alert: Alert) -> bool:
    """Whether its beginning, and its end if it has ended, are told now.

    By one way is told: a mail server that is down must not send everybody the same webhook each minute. By the other
    it is owed.
    """
    if alert.told_start_at is None:
        if not _sent(message_of(alert, began=True, at=alert.started_at)):
            return False
        Alert.objects.filter(pk=alert.pk).update(told_start_at=timezone.now())
    if alert.ended_at is not None and alert.told_end_at is None:
        if not _sent(message_of(alert, began=False, at=alert.ended_at)):
            return False
        Alert.objects.filter(pk=alert.pk).update(told_end_at=timezone.now())
    return True


def _sent(message: Message) -> bool:
    failed = _failed_ways(message, WAYS)
    if len(failed) == ways():
        return False
    if failed:
        _owed.append(_Owed(message=message, ways=failed, since=timezone.now()))
    return True


def _send_owed(at: datetime, *, until: float) -> None:
    """Try again what has arrived by one way only, each once; what is no news any more is given up."""
    for owed in list(_owed):
        if clock() > until:
            return
        _owed.remove(owed)
        if owed.since < at - STILL_NEWS:
            logger.error("alert %s given up: %s", owed.message.key, ", ".join(owed.ways))
        elif failed := _failed_ways(owed.message, owed.ways):
            # Behind the others: a message that is always refused keeps none of them waiting.
            _owed.append(_Owed(message=owed.message, ways=failed, since=owed.since))


def _failed_ways(message: Message, tried: Collection[str]) -> tuple[str, ...]:
    failures = send(message, environment=environment(), ways=tried)
    for failure in failures:
        logger.error("alert %s could not be sent: %s", message.key, failure)
    return tuple(way_of(failure) for failure in failures)


def _duration(duration: timedelta) -> str:
    minutes = max(1, int(duration.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if hours else f"{minutes} min"
