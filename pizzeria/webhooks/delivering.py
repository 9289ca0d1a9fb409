"""Sending what is due: at least once, to each address on its own, an order's moves in their order.

Whoever sends to an address has taken it for a moment (`rests_until`), so that no other worker does, and has put off
what they send: should they die of it, it is sent again when that is over. The request is outside of any transaction.
An address that fails rests, longer each time: its messages wait, and nobody else's.
"""

import logging
import threading
from datetime import datetime, timedelta
from time import monotonic

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from pizzeria.measures import WEBHOOKS
from pizzeria.outside.posting import NotSentError, post
from pizzeria.webhooks.messages import body_of, headers_of
from pizzeria.webhooks.models import Delivery, Endpoint

logger = logging.getLogger(__name__)

PAUSES = (
    timedelta(seconds=10),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=2),
)
"""Between the attempts at one message; the last one again and again."""
GIVEN_UP_AFTER = timedelta(days=1)
TAKEN_FOR = timedelta(seconds=30)
"""Longer than a name server, a connection and an answer may take together."""
FIRST_REST = timedelta(seconds=5)
LONGEST_REST = timedelta(minutes=10)
TURN = 10.0
"""Seconds after which who sends to one address makes room for the others."""
SUCCESS = range(200, 300)
is_ending = threading.Event()
"""Set when the process ends: no other message is begun."""


def due_endpoints(*, at: datetime) -> list[int]:
    """The addresses to which something is due, and that neither rest nor are taken."""
    is_due = Delivery.objects.filter(endpoint=OuterRef("pk"), status=Delivery.Status.DUE, next_at__lte=at)
    return list(_free(at).filter(Exists(is_due)).order_by("pk").values_list("pk", flat=True))


def send_due(*, endpoint_id: int) -> int:
    """Send what is due to an address, one after the other, until nothing is, it fails, or its turn or the process ends; how many arrived."""
    ends, arrived = monotonic() + TURN, 0
    while monotonic() < ends and not is_ending.is_set():
        delivery = claim(endpoint_id=endpoint_id, at=timezone.now())
        if delivery is None or not _sent(delivery):
            break
        arrived += 1
    return arrived


@transaction.atomic
def claim(*, endpoint_id: int, at: datetime) -> Delivery | None:
    """Take the address and what is to be sent to it next; None when it is taken, rests, or nothing is due.

    The row is waited for, not skipped: whoever holds it looks whether something is due, and might just have missed
    what the job that waits here was started for.
    """
    endpoint = Endpoint.objects.select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None or not _free(at).filter(pk=endpoint_id).exists():
        return None
    delivery = _due(endpoint, at).first()
    if delivery is None:
        return None
    Endpoint.objects.filter(pk=endpoint_id).update(rests_until=at + TAKEN_FOR)
    delivery.next_at = at + PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
    delivery.attempts += 1
    delivery.save(update_fields=["next_at", "attempts"])
    return delivery


def _free(at: datetime) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(Q(rests_until=None) | Q(rests_until__lte=at), is_active=True)


def _due(endpoint: Endpoint, at: datetime) -> QuerySet[Delivery]:
    """What is due to it, the oldest first; a move whose order has an earlier one that is still due waits for that."""
    due = Delivery.objects.filter(endpoint=endpoint, status=Delivery.Status.DUE)
    earlier = due.filter(event__order=OuterRef("event__order"), pk__lt=OuterRef("pk"))
    told = due.filter(~Exists(earlier), next_at__lte=at).select_related("endpoint__store", "event__order__store")
    return told.order_by("pk")


def _sent(delivery: Delivery) -> bool:
    body, at = body_of(delivery), timezone.now()
    try:
        status = post(delivery.endpoint.url, body=body, headers=headers_of(delivery, body=body, at=at))
    except NotSentError as error:
        _failed(delivery, error.why)
        return False
    if status not in SUCCESS:
        _failed(delivery, str(status))
        return False
    _arrived(delivery, str(status))
    return True


@transaction.atomic
def _arrived(delivery: Delivery, answered: str) -> None:
    now = timezone.now()
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(rests_until=None, failures=0)
    Delivery.objects.filter(pk=delivery.pk).update(
        status=Delivery.Status.DELIVERED, next_at=None, delivered_at=now, answered=answered
    )
    WEBHOOKS.labels("arrived").inc()


@transaction.atomic
def _failed(delivery: Delivery, answered: str) -> None:
    """Note it, and have the address rest; what it has not taken for a day is given up."""
    now = timezone.now()
    failures = delivery.endpoint.failures
    rest = min(FIRST_REST * 2 ** min(failures, 10), LONGEST_REST)
    Endpoint.objects.filter(pk=delivery.endpoint_id).update(rests_until=now + rest, failures=min(failures + 1, 1000))
    Delivery.objects.filter(pk=delivery.pk).update(answered=answered)
    late = Delivery.objects.filter(
        endpoint=delivery.endpoint_id, status=Delivery.Status.DUE, due_since__lte=now - GIVEN_UP_AFTER
    )
    given_up = late.update(status=Delivery.Status.FAILED, next_at=None)
    WEBHOOKS.labels("refused").inc()
    WEBHOOKS.labels("given_up").inc(given_up)
    logger.warning("webhook %s: not taken: %s", delivery.endpoint_id, answered)
