"""Jobs of the worker."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.payments.refunds import send_due
from pizzeria.payments.services import forget_old_events

EVENT_LIFE = timedelta(days=60)
"""The provider sends one again for some days, and one that comes after that changes nothing either."""


@app.task(pass_context=False)
def send_refunds() -> int:
    """Send what has just been owed back; tells how many refunds the provider took."""
    return send_due(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="payments.send_due_refunds", pass_context=False)
def send_due_refunds(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Send the refunds whose pause is over, and those whose own job was lost. Tells how many the provider took."""
    return send_due(at=timezone.now())


@app.periodic(cron="45 4 * * *")
@app.task(queueing_lock="payments.expire_events", pass_context=False)
def expire_events(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Forget the provider's events of two months ago. Tells how many there were."""
    return forget_old_events(before=timezone.now() - EVENT_LIFE)
