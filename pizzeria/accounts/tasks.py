"""Jobs of the worker.

Mails come last: a server that does not answer costs seconds, and refunds and what is due at the minute wait for nobody.
"""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.accounts.sending import forget_old_mails, send_due

MAIL_LIFE = timedelta(days=2)
"""What could not be sent for so long is no news any more."""
LAST = -10
"""The priority of a job that all others go before."""


@app.task(priority=LAST, pass_context=False)
def send_mail(mail_id: int, request_id: str = "", order: str = "") -> int:  # noqa: ARG001 - all that is due is sent
    """A mail is due; the last two are the trail's. Tells how many were sent."""
    return send_due()


@app.periodic(cron="* * * * *")
@app.task(priority=LAST, queueing_lock="accounts.send_due_mails", pass_context=False)
def send_due_mails(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Send the mails whose pause is over, and what a worker left that was stopped. Tells how many were sent."""
    return send_due()


@app.periodic(cron="50 4 * * *")
@app.task(queueing_lock="accounts.expire_mails", pass_context=False)
def expire_mails(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Forget the mails that nobody could be sent; `timestamp` is when it was due. Tells how many there were."""
    return forget_old_mails(before=timezone.now() - MAIL_LIFE)
