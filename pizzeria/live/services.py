"""Writing what happened into the outbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection
from django.utils import timezone

from pizzeria.live.models import LiveEvent
from pizzeria.rows import Row, insert_all, row

MAX_TOPICS = 20
"""How many topics one stream carries."""

CHANNEL = "oc_pizza_live"
"""What the trigger of the events' table notifies."""

SUPERVISION_TOPIC = "group:supervision"
"""How the site is: for who may see it, at no store of its own."""


def record(*, topic: str, kind: str, payload: Mapping[str, object]) -> None:
    """Append an event in the caller's transaction; its readers wake when it commits (see the trigger)."""
    insert_all(*happened(topics=[topic], kind=kind, payload=payload))


def happened(*, topics: Sequence[str], kind: str, payload: Mapping[str, object]) -> list[Row]:
    """One event for each of these topics, to be inserted by the caller with what it tells of."""
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction that it tells of")
    now = timezone.now()
    return [row(LiveEvent, topic=topic, kind=kind, payload=payload, created_at=now) for topic in topics]


def prune(*, before: datetime) -> int:
    """Forget what happened before a moment; how many events there were."""
    # Plain SQL: Django would first read what it deletes.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM live_liveevent WHERE created_at < %s", [before])
        deleted: int = cursor.rowcount
    return deleted


def about_order(*, token: str, store_id: int, payload: Mapping[str, object]) -> list[Row]:
    """The news of an order, for its own page and for those of its store; see `happened`."""
    return happened(topics=[order_topic(token), store_topic(store_id)], kind="order", payload=payload)


def order_topic(token: str) -> str:
    return f"order:{token}"


def store_topic(store_id: int) -> str:
    return f"store:{store_id}"


def menu_topic(store_id: int) -> str:
    return f"menu:{store_id}"


def promise_topic(store_id: int) -> str:
    """What a store can promise has changed at once: a rush, a pause, an oven. Every order changes it a little, untold."""
    return f"promise:{store_id}"
