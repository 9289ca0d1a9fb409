"""Jobs of the worker."""

from datetime import timedelta

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from pizzeria.accounts.sending import forget_old_mails, send

MAIL_LIFE = timedelta(days=2)
"""What could not be sent for so long is no news any more."""

# 5, 25, 125 and 625 seconds, then 52 minutes: a mail server that restarts is back by then.
AGAIN = RetryStrategy(max_attempts=6, exponential_wait=5, retry_exceptions={OSError})


@app.task(retry=AGAIN, pass_context=False)
def send_mail(mail_id: int, request_id: str = "", order: str = "") -> bool:  # noqa: ARG001 - the trail's
    """Send a mail that is due; whether it was."""
    return send(mail_id=mail_id)


@app.periodic(cron="50 4 * * *")
@app.task(queueing_lock="accounts.expire_mails", pass_context=False)
def expire_mails(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Forget the mails that nobody could be sent; `timestamp` is when it was due. Tells how many there were."""
    return forget_old_mails(before=timezone.now() - MAIL_LIFE)
