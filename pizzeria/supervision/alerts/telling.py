"""Sending: one message when an alert begins, one when it ends; what could not be sent is tried again the next minute.

Whoever sends holds a lock of the whole site, and an alert that was told says so before the lock is let go: two workers
never tell the same twice. A process that is killed between the two would tell it again; not telling it would be worse.
"""

import logging
import socket
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from pizzeria.operations.runs import only_one
from pizzeria.supervision.models import Alert
from SUPERVISION_ENGINE.watch.sending import Message, send

logger = logging.getLogger(__name__)

LOCK = "pizzeria.supervision.alerts.tell"
STILL_NEWS = timedelta(days=1)
"""What is over for longer than this is on the page, and is told to nobody who was to be told of it later."""


def tell(*, at: datetime) -> None:
    """Send what has not been told yet. Returns at once where nobody is to be told, or somebody else is at it."""
    if not ways() or not _untold(at).exists():
        return
    with only_one(path=LOCK) as is_ours:
        if not is_ours:
            return
        # Asked again, now that nobody else is at it.
        for alert in _untold(at):
            if not _told(alert):
                # The others would wait for the same server, and this minute has other things to do.
                return


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

    By one way is told: a mail server that is down must not send everybody the same webhook each minute.
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
    failures = send(message, environment=environment())
    for failure in failures:
        logger.error("alert %s could not be sent: %s", message.key, failure)
    return len(failures) < ways()


def _duration(duration: timedelta) -> str:
    minutes = max(1, int(duration.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest:02}" if hours else f"{minutes} min"
