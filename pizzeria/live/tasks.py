"""Jobs of the worker."""

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.live.services import prune

EVENT_LIFE = timedelta(days=1)
"""Whoever comes back later finds the page itself, and needs no catching up."""


@app.periodic(cron="*/15 * * * *")
@app.task(queueing_lock="live.prune_events", pass_context=False)
def prune_events(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Forget what nobody will ask for any more; `timestamp` is when it was due. Tells how many events went."""
    return prune(before=timezone.now() - EVENT_LIFE)
