"""Jobs of the worker: they hand out what is due to threads of their own, and wait for none of them.

The worker does its jobs one after the other. What waits for a server of somebody else would make mails, refunds and the
minute's own work wait with it. Nor does the worker's end wait for all that is due: only for what is being sent.
"""

import atexit
import logging
import threading
from queue import SimpleQueue
from time import monotonic

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.trail import begin
from pizzeria.webhooks.delivering import due_endpoints, is_ending, send_due

logger = logging.getLogger(__name__)

MOST_AT_ONCE = 8
LAST_WORDS = 8.0
"""Seconds that the end of the process waits for what is being sent; systemd is more patient (oc-pizza-worker.service)."""
_threads: list[threading.Thread] = []
_turns: SimpleQueue[int] = SimpleQueue()
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
                _turns.put(endpoint_id)
    if found:
        _start()
    return len(found)


def _start() -> None:
    with _guard:
        while len(_threads) < MOST_AT_ONCE:
            # Python's end waits for every thread but such a one, however much is due; `_end` waits as long as it should.
            thread = threading.Thread(target=_take_turns, name=f"webhooks-{len(_threads)}", daemon=True)
            _threads.append(thread)
            thread.start()


def _take_turns() -> None:
    while not is_ending.is_set():
        endpoint_id = _turns.get()
        try:
            _turn(endpoint_id)
        except Exception:
            # What is due stays due: the next minute tries it again.
            logger.exception("webhooks could not be sent")


@atexit.register
def _end() -> None:
    is_ending.set()
    until = monotonic() + LAST_WORDS
    for _thread in _threads:
        # Who waits for a turn wakes up, and finds nothing due to it.
        _turns.put(0)
    for thread in _threads:
        thread.join(max(0.0, until - monotonic()))


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
