"""Promises kept: how orders that were handed over stand to the hour that was promised.

What counts is when an order reached the door, or stood ready at the counter: a client who comes for it later is not late
by us. Kept means five minutes late at most; early is kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection

from pizzeria.days import midnight

KEPT_WITHIN = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """Of `orders`, how many kept the first promise and the last; minutes of lateness in the middle, negative for early."""

    orders: int = 0
    first: int = 0
    last: int = 0
    median_first: float = 0.0
    median_last: float = 0.0

    @property
    def percent_first(self) -> int:
        return round(100 * self.first / self.orders) if self.orders else 0

    @property
    def percent_last(self) -> int:
        return round(100 * self.last / self.orders) if self.orders else 0


ARRIVED = """
WITH arrived AS (
    SELECT (delivered_at AT TIME ZONE 'Europe/Paris')::date AS day,
           CASE WHEN fulfilment = 'delivery' THEN delivered_at ELSE coalesce(ready_at, delivered_at) END AS at,
           coalesce(first_promised_at, promised_at) AS first_promise, promised_at AS last_promise
    FROM ordering_order
    WHERE store_id = ANY(%(stores)s) AND status = 'delivered'
      AND placed_at >= %(placed)s AND delivered_at >= %(start)s AND delivered_at < %(stop)s
)
SELECT day, count(*),
       count(*) FILTER (WHERE at <= first_promise + %(kept)s), count(*) FILTER (WHERE at <= last_promise + %(kept)s),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - first_promise) / 60),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM at - last_promise) / 60)
FROM arrived GROUP BY day
"""

PLACED_BEFORE = timedelta(days=8)
"""Nothing is handed over that was placed longer before: an index finds orders by when they were placed."""


def kept_by_day(*, store_ids: Collection[int], since: date, until: date) -> dict[date, Kept]:
    """The days from `since` to `until` on which something was handed over."""
    start: datetime = midnight(since)
    asked: dict[str, Any] = {
        "stores": list(store_ids),
        "placed": start - PLACED_BEFORE,
        "start": start,
        "stop": midnight(until + timedelta(days=1)),
        "kept": KEPT_WITHIN,
    }
    with connection.cursor() as cursor:
        cursor.execute(ARRIVED, asked)
        return {
            day: Kept(orders=orders, first=first, last=last, median_first=float(early), median_last=float(late))
            for day, orders, first, last, early, late in cursor.fetchall()
        }
