"""What the worker does every minute: it writes down how the site is, and looks at what went wrong."""

from contextlib import ExitStack
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.live.services import SUPERVISION_TOPIC, record
from pizzeria.supervision.alerts.services import check_alerts
from pizzeria.supervision.samples import take_sample


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="supervision.every_minute", pass_context=False)
def every_minute(timestamp: int) -> None:  # noqa: ARG001 - procrastinate tells it
    """Take the minute's sample, look at what went wrong and tell whoever watches; `timestamp` is when it was due.

    What comes late is of now: how the host was cannot be read afterwards. Each step is done even if another one raises.
    """
    at = timezone.now()
    with ExitStack() as steps:
        # In turn: the last one that was put there is done first.
        steps.callback(_publish, at)
        steps.callback(check_alerts, at=at)
        take_sample(at=at)


def _publish(at: datetime) -> None:
    with transaction.atomic():
        record(topic=SUPERVISION_TOPIC, kind="sample", payload={"at": at.replace(second=0, microsecond=0).isoformat()})
