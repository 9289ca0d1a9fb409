"""Writing what happened into the outbox, and telling the readers that there is something."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import connection

CHANNEL = "oc_pizza_live"


def record(*, topic: str, kind: str, payload: Mapping[str, object]) -> None:
    """Append an event in the caller's transaction and wake the readers when it commits."""
    record_for(topics=[topic], kind=kind, payload=payload)


def record_for(*, topics: Sequence[str], kind: str, payload: Mapping[str, object]) -> None:
    """Append one event for each of these topics, as `record` does for one.

    PostgreSQL delivers a NOTIFY at commit only, so a rolled back change is never announced.
    One statement for all: an order has several watchers, and each round trip counts.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("an event is recorded inside the transaction that it tells of")
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH told AS (SELECT pg_notify(%s, '')) "
            "INSERT INTO live_liveevent (topic, kind, payload, created_at) "
            "SELECT topic, %s, %s::jsonb, now() FROM told, unnest(%s::text[]) AS topic",
            [CHANNEL, kind, json.dumps(dict(payload)), list(topics)],
        )


def prune(*, before: datetime) -> int:
    """Forget what happened before a moment; how many events there were."""
    # Plain SQL: Django would first read what it deletes.
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM live_liveevent WHERE created_at < %s", [before])
        return cursor.rowcount


def order_topic(token: str) -> str:
    return f"order:{token}"


def store_topic(store_id: int) -> str:
    return f"store:{store_id}"


def menu_topic(store_id: int) -> str:
    return f"menu:{store_id}"
