"""Jobs of the worker: they wake the threads that send, and wait for none of them.

A mail server that takes its time keeps the other channels, refunds and the minute's own work from nothing. Nor does the
worker's end wait for all that is due: only for what is being sent.
"""

import atexit
import logging
import threading
from time import monotonic

from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app

from pizzeria.notifications.delivering import is_due, is_ending, send_due
from pizzeria.notifications.models import Channel
from pizzeria.trail import begin

logger = logging.getLogger(__name__)

HANDS = {Channel.MAIL: 2, Channel.SMS: 1, Channel.PUSH: 4}
"""Threads of a channel: connections to the mail server that are open at once, and servers of others that may be slow."""
LAST_WORDS = 8.0
"""Seconds that the end of the process waits for what is being sent; systemd is more patient (oc-pizza-worker.service)."""
BEFORE_MAILS = -5
"""Their priority: after refunds and what is due at the minute."""
_threads: list[threading.Thread] = []
_calls = {channel: [threading.Event() for _hand in range(hands)] for channel, hands in HANDS.items()}
_guard = threading.Lock()


@app.task(priority=BEFORE_MAILS, pass_context=False)
def tell(order_id: int) -> int:  # noqa: ARG001 - which one it was does not matter: all that is due is sent
    """Something has happened to an order, and its client is to be told: the event's own transaction has started this."""
    return hand_out()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="notifications.tell_due", priority=BEFORE_MAILS, pass_context=False)
def tell_due(timestamp: int) -> int:  # noqa: ARG001 - procrastinate tells it
    """Send what is due at its time, what has rested, and what a worker left that was killed. Tells of how many channels."""
    return hand_out()


def hand_out() -> int:
    """Wake who sends by each channel that has something due; how many channels have."""
    found = [channel for channel in HANDS if is_due(channel=channel, at=timezone.now())]
    if found:
        _start()
    for channel in found:
        _call(channel)
    return len(found)


def _call(channel: Channel) -> None:
    for call in _calls[channel]:
        call.set()


def _start() -> None:
    with _guard:
        if _threads:
            return
        for channel, calls in _calls.items():
            for number, call in enumerate(calls):
                name = f"notices-{channel}-{number}"
                # Python's end waits for every thread but such a one, however much is due; `_end` waits as long as it should.
                _threads.append(threading.Thread(target=_work, args=(channel, call), name=name, daemon=True))
                _threads[-1].start()


def _work(channel: str, call: threading.Event) -> None:
    while call.wait() and not is_ending.is_set():
        # First: what becomes due while it works calls it again.
        call.clear()
        _turn(channel)


def _turn(channel: str) -> None:
    begin()
    try:
        send_due(channel=channel)
    except Exception:
        # What is due stays due: the next minute tries it again.
        logger.exception("notices by %s could not be sent", channel)
    finally:
        connection.close()


@atexit.register
def _end() -> None:
    is_ending.set()
    until = monotonic() + LAST_WORDS
    for channel in _calls:
        _call(channel)
    for thread in _threads:
        thread.join(max(0.0, until - monotonic()))
