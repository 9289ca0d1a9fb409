"""Jobs of the worker."""

from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.payments.refunds import send_due


@app.task(pass_context=False)
def send_refunds() -> int:
    """Send what has just been owed back; tells how many refunds the provider took."""
    return send_due(at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="payments.send_due_refunds", pass_context=False)
def send_due_refunds(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Send the refunds whose pause is over, and those whose own job was lost. Tells how many the provider took."""
    return send_due(at=timezone.now())
