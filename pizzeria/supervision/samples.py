"""One row a minute of how the site and its host were, for the graphs of the last day.

What happened in a minute is what was counted at its end, less what was counted at the end of the one before, which the
worker remembers: the first minute after its start knows nothing of requests.
"""

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import QuerySet

from pizzeria.ordering.models import Order
from pizzeria.supervision import counts, host
from pizzeria.supervision.counts import Series
from pizzeria.supervision.models import Sample

logger = logging.getLogger(__name__)

MINUTE = timedelta(minutes=1)
LIFE = timedelta(days=8)
"""A week, and the day that it is compared with."""
FIRST_SECONDS = 1.0
"""How long the host is looked at when there was no minute before."""
LONGEST_SECONDS = 150.0
"""What was counted longer ago is not of this minute."""

REQUESTS = "oc_pizza_http_requests_total"
SECONDS = "oc_pizza_http_request_duration_seconds_bucket"
REFUSED = "oc_pizza_orders_refused_total"
CONNECTIONS = "oc_pizza_live_connections"
PROBES = frozenset({"healthz", "readyz", "supervision:metrics"})
"""Asked by what watches the site, not by anybody who waits: a 503 of theirs is an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Everything that is counted, at a moment."""

    host: host.Reading
    counts: Mapping[Series, float] | None
    """What all processes of the site have counted; None where nobody knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """What was asked of the site in a minute; seconds, none without a request."""

    requests: int
    errors: int
    p50: float | None
    p95: float | None
    refused: int


class _Minutes:
    """The reading at the end of the last minute: one at a time, the worker has several threads."""

    def __init__(self) -> None:
        self.turn = threading.Lock()
        self.last: Reading | None = None


_minutes = _Minutes()


def take_sample(*, at: datetime) -> Sample:
    """Write down the minute that ends at `at`, unless that was done already, and forget what is old.

    Raises OSError where the kernel's counts are hidden from this process.
    """
    end = at.replace(second=0, microsecond=0)
    with _minutes.turn:
        known = Sample.objects.filter(at=end).first()
        if known:
            return known
        before, now = _two_readings()
        _minutes.last = now
    rates = host.rates(before=before.host, now=now.host)
    counted = now.counts or {}
    # Of what nobody knows when it was counted, nothing is of this minute.
    traffic = _traffic(counted if before.counts is None else before.counts, counted)
    # Another worker may have been quicker.
    sample, _is_new = Sample.objects.get_or_create(
        at=end,
        defaults={
            "cpu": rates.cpu,
            "memory": host.memory_used(),
            "disk": host.disk_used(),
            "received": rates.received,
            "sent": rates.sent,
            "requests": traffic.requests,
            "errors": traffic.errors,
            "p50": traffic.p50,
            "p95": traffic.p95,
            "orders": Order.objects.filter(placed_at__gte=end - MINUTE, placed_at__lt=end)
            .exclude(status=Order.Status.AWAITING_PAYMENT)
            .count(),
            "refused": traffic.refused,
            "connections": max(int(counted.get((CONNECTIONS, frozenset()), 0)), 0),
        },
    )
    Sample.objects.filter(at__lt=end - LIFE).delete()
    return sample


def samples_since(*, moment: datetime) -> QuerySet[Sample]:
    """The minutes that ended after a moment, in their order."""
    return Sample.objects.filter(at__gt=moment)


def last_sample() -> Sample | None:
    return Sample.objects.last()


def _two_readings() -> tuple[Reading, Reading]:
    """The end of the minute before and of this one; without the former, two moments of this one, for the host."""
    before = _minutes.last
    if before is not None and time.monotonic() - before.host.at < LONGEST_SECONDS:
        return before, _read()
    first = host.read()
    time.sleep(FIRST_SECONDS)
    now = _read()
    return Reading(host=first, counts=None), now


def _read() -> Reading:
    return Reading(host=host.read(), counts=_counts())


def _counts() -> Mapping[Series, float] | None:
    """Without its folder nothing is counted; how the host is can still be told."""
    try:
        counts.fold_dead()
        return counts.values()
    except OSError as error:
        logger.warning("sample: what the processes have counted cannot be read (%s)", error.strerror)
        return None


def _traffic(before: Mapping[Series, float], now: Mapping[Series, float]) -> Traffic:
    requests = errors = refused = 0.0
    buckets: dict[float, float] = defaultdict(float)
    for (name, labelled), value in now.items():
        # What is less than before was counted from anew: a server that has started, a folder that was emptied.
        last = before.get((name, labelled), 0.0)
        grown, labels = value - last if value >= last else value, dict(labelled)
        if name == REFUSED:
            refused += grown
        elif labels.get("view") in PROBES:
            continue
        elif name == REQUESTS:
            requests += grown
            errors += grown if labels["status"] == "5xx" else 0
        elif name == SECONDS:
            buckets[float(labels["le"])] += grown
    return Traffic(
        requests=round(requests),
        errors=round(errors),
        p50=quantile(buckets, share=0.5),
        p95=quantile(buckets, share=0.95),
        refused=round(refused),
    )


def quantile(buckets: Mapping[float, float], *, share: float) -> float | None:
    """The value below which this share lies, of counts by upper bound (each with all below it); None of nothing.

    As Prometheus's histogram_quantile: spread evenly inside a bucket; beyond the last bound that is a number, that bound.
    """
    steps = sorted(buckets.items())
    if not steps or steps[-1][1] <= 0:
        return None
    rank = share * steps[-1][1]
    for (low, below), (high, upto) in pairwise([(0.0, 0.0), *steps]):
        if upto >= rank and high < float("inf"):
            return low + (high - low) * (rank - below) / (upto - below)
    return steps[-2][0] if len(steps) > 1 else None
