"""Sending what is due, so that nothing is lost and nothing doubled, whenever whoever sends is killed (decision 25).

A notice is claimed, carried, and noted. In the instant in which it becomes the other server's, that is noted too, if nobody
has claimed it meanwhile: who dies before leaves it to be sent again, who dies after does not. Nothing of it is in a transaction that waits
for somebody else's server.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Protocol

from django.db import connection, transaction
from django.utils import timezone
from psycopg.pq import ExecStatus

from pizzeria.measures import NOTICES
from pizzeria.notifications.choices import wanted_of
from pizzeria.notifications.errors import (
    CarryingError,
    NotCarriedError,
    OvertakenError,
    RefusedError,
    ServerDownError,
    UnconfirmedError,
)
from pizzeria.notifications.letters import WITH_RECAP, letter_of
from pizzeria.notifications.mailing import Postman
from pizzeria.notifications.models import Channel, Notice
from pizzeria.notifications.news import due_later, is_news
from pizzeria.notifications.pushing import Pusher
from pizzeria.notifications.smtp import Leaving
from pizzeria.notifications.stopping import is_stopped
from pizzeria.notifications.texting import Texter
from pizzeria.ordering.models import RecapDelivery
from pizzeria.ordering.recap import note_delivered

logger = logging.getLogger(__name__)

Status = Notice.Status
PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
)
"""Between the attempts at one notice; the last one again and again."""
GIVEN_UP_AFTER = timedelta(days=1)
HELD_FOR = timedelta(minutes=1)
"""For who prepares a notice and talks to a server: whoever dies of it leaves it to the others then."""
LEAVES_FOR = timedelta(minutes=3)
"""For the server's answer: longer than anybody waits for it. What is not noted by then was given away by somebody who died."""
MISTAKE = "error"
is_ending = threading.Event()
"""Set when the process ends: no other notice is begun."""


class Carrier(Protocol):
    """What takes notices of one channel to where they are read."""

    def carry(self, notice: Notice, leaving: Leaving) -> None: ...

    def hang_up(self) -> None: ...


class Mailer:
    """Writes mails, and has them taken to the server."""

    def __init__(self) -> None:
        self._postman = Postman()

    def carry(self, notice: Notice, leaving: Leaving) -> None:
        self._postman.carry(letter_of(notice), leaving)

    def hang_up(self) -> None:
        self._postman.hang_up()


CARRIERS: dict[str, Callable[[], Carrier]] = {Channel.MAIL: Mailer, Channel.SMS: Texter, Channel.PUSH: Pusher}


def is_due(*, channel: str, at: datetime) -> bool:
    return Notice.objects.filter(channel=channel, next_at__lte=at).exists()


def send_due(*, channel: str, seconds: float = 3600.0) -> int:
    """Send what is due by a channel, the oldest first, until nothing is, its server is down, or the process ends.

    Tells how many left. One that is refused keeps none of the others waiting.
    """
    ends, left = monotonic() + seconds, 0
    carrier = CARRIERS[channel]()
    try:
        while monotonic() < ends and not is_ending.is_set():
            notice = claim(channel=channel, at=timezone.now())
            if notice is None:
                break
            left += _sent(notice, carrier)
    except ServerDownError as error:
        logger.warning("notices by %s: nobody there: %s", channel, error.why)
    finally:
        carrier.hang_up()
    return left


def claim(*, channel: str, at: datetime) -> Notice | None:
    """Take the next notice; None when nothing is due."""
    while True:
        with transaction.atomic():
            due = Notice.objects.filter(channel=channel, next_at__lte=at).order_by("next_at", "pk")
            notice = due.select_for_update(skip_locked=True).first()
            if notice is None:
                return None
            if notice.status != Status.LEAVING:
                notice.status, notice.next_at, notice.attempts = Status.SENDING, at + HELD_FOR, notice.attempts + 1
                notice.save(update_fields=["status", "next_at", "attempts"])
                break
            # Whoever gave it to the server has died before they knew the answer: it is not sent a second time.
            _end(notice, Status.UNCONFIRMED, "")
    return Notice.objects.select_related("order__store__city", "order__driver", "order__review").get(pk=notice.pk)


@contextmanager
def leaving(notice: Notice) -> Iterator[None]:
    """Note that it is the server's, in the instant in which the caller gives it away.

    The note is written and its row held first; then the commit is sent, the caller gives the notice away without waiting
    for the database's answer, and only then that is read. Killed before, there is no note and nothing was given; killed
    after, there are both; in between are the microseconds of two system calls. Raises OvertakenError when somebody else
    has claimed it.
    """
    if connection.in_atomic_block:
        # Whoever calls commits.
        _note_leaving(notice)
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("BEGIN")
        try:
            _note_leaving(notice)
        except BaseException:
            cursor.execute("ROLLBACK")
            raise
    wire = connection.connection.pgconn
    wire.send_query(b"COMMIT")
    try:
        yield
    finally:
        while result := wire.get_result():
            if result.status != ExecStatus.COMMAND_OK:
                logger.error("notice %s: given away, and not noted", notice.pk)


def _note_leaving(notice: Notice) -> None:
    mine = Notice.objects.filter(pk=notice.pk, status=Status.SENDING, attempts=notice.attempts)
    if not mine.update(status=Status.LEAVING, next_at=timezone.now() + LEAVES_FOR):
        raise OvertakenError


def _sent(notice: Notice, carrier: Carrier) -> bool:
    """Send it, if that still helps, and note how it went; whether it left. Raises ServerDownError."""
    if notice.due_since <= timezone.now() - GIVEN_UP_AFTER:
        # Or a database that was restored would tell of what it knew then.
        _end(notice, Status.FAILED, notice.answered or "too_late")
    elif later := due_later(notice, at=timezone.now()):
        mine = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts)
        mine.update(status=Status.DUE, next_at=later, due_since=later)
    elif unwanted := _unwanted(notice):
        _end(notice, Status.DROPPED, unwanted)
    else:
        return _carried(notice, carrier)
    return False


def _carried(notice: Notice, carrier: Carrier) -> bool:
    try:
        carrier.carry(notice, partial(leaving, notice))
    except OvertakenError:
        return False
    except RefusedError as error:
        _end(notice, Status.FAILED, error.why)
    except UnconfirmedError as error:
        logger.warning("notice %s: given away, and not confirmed: %s", notice.pk, error.why)
        _end(notice, Status.UNCONFIRMED, error.why)
    except ServerDownError as error:
        _put_off(notice, error)
        raise
    except NotCarriedError as error:
        _put_off(notice, error)
    except Exception:
        # A mistake of ours in one of them: the others go on, and whoever looks after the site is told.
        logger.exception("notice %s could not be made", notice.pk)
        _put_off(notice, NotCarriedError(MISTAKE))
    else:
        _end(notice, Status.SENT, "")
        if notice.channel == Channel.MAIL and notice.kind in WITH_RECAP:
            note_delivered(order=notice.order, medium=RecapDelivery.Medium.MAIL)
        return True
    return False


def _unwanted(notice: Notice) -> str:
    """Why it is not sent after all, in a word: empty when it is."""
    if not is_news(notice):
        return "no_news"
    if f"{notice.kind}.{notice.channel}" not in wanted_of(order=notice.order):
        return "unwanted"
    return "stopped" if is_stopped(order=notice.order, channel=notice.channel) else ""


def _put_off(notice: Notice, error: CarryingError) -> None:
    pause = PAUSES[min(notice.attempts - 1, len(PAUSES) - 1)]
    mine = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts)
    if error.why == MISTAKE:
        # What it may have given away is not sent again.
        mine = mine.filter(status=Status.SENDING)
    mine.update(status=Status.DUE, next_at=timezone.now() + pause, answered=error.why)
    NOTICES.labels(notice.channel, "refused").inc()
    logger.warning("notice %s: not taken: %s", notice.pk, error.why)


def _end(notice: Notice, status: str, answered: str) -> None:
    """Note how it went, unless somebody else has it by now."""
    mine = Notice.objects.filter(pk=notice.pk, attempts=notice.attempts)
    if mine.update(status=status, next_at=None, ended_at=timezone.now(), answered=answered):
        NOTICES.labels(notice.channel, status).inc()
