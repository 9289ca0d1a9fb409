"""Jobs of the worker: they hand out what is due to threads of their own, and wait for none of them.

The worker does its jobs one after the other. What waits for a server of somebody else would make mails, refunds and the
minute's own work wait with it.
"""

import logging
import threading
from concurrent.futures import Future, ThreadPoolExecutor

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.trail import begin
from pizzeria.webhooks.delivering import due_endpoints, send_due

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 8
_threads = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="webhooks")
_waiting: set[int] = set()
_guard = threading.Lock()


@app.task(pass_context=False)
def deliver(event_id: int) -> int:  # noqa: ARG001 - which one it was does not matter: all that is due is sent
    """An order has moved, and somebody is to be told: the event's own transaction has started this (migration 0002)."""
    return hand_out()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="webhooks.deliver_due", pass_context=False)
def deliver_due(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Send what has rested, and what a worker left that was stopped. Tells to how many addresses something was due."""
    return hand_out()


def hand_out() -> int:
    """Have a thread send to each address that has something due; an address never waits twice."""
    found = due_endpoints(at=timezone.now())
    for endpoint_id in found:
        with _guard:
            is_new = endpoint_id not in _waiting
            _waiting.add(endpoint_id)
        if is_new:
            _threads.submit(_turn, endpoint_id).add_done_callback(_tell)
    return len(found)


def _turn(endpoint_id: int) -> None:
    begin()
    with _guard:
        # From now on something may become due that this turn does not see: whoever comes next starts another one.
        _waiting.discard(endpoint_id)
    try:
        while endpoint_id in due_endpoints(at=timezone.now()) and send_due(endpoint_id=endpoint_id):
            if _waiting:
                # Others wait: again behind them.
                hand_out()
                return
    finally:
        connection.close()


def _tell(turn: "Future[None]") -> None:
    error = turn.exception()
    if error:
        # What is due stays due: the next minute tries it again.
        logger.error("webhooks could not be sent", exc_info=error)
