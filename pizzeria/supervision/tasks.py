"""What the worker does every minute: it writes down how the site is, and looks at what went wrong."""

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.live.services import SUPERVISION_TOPIC, record
from pizzeria.supervision.samples import take_sample


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="supervision.every_minute", pass_context=False)
def every_minute(timestamp: int) -> None:  # noqa: ARG001 - procrastinate tells it
    """Take the minute's sample and tell whoever watches; `timestamp` is when it was due.

    What comes late is of now: how the host was cannot be read afterwards.
    """
    at = timezone.now()
    sample = take_sample(at=at)
    with transaction.atomic():
        record(topic=SUPERVISION_TOPIC, kind="sample", payload={"at": sample.at.isoformat()})
