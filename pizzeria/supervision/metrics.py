"""What Prometheus is told: what the processes have counted, and what stands in the database and on the disk now.

The second part is gauges: how it is at this moment. It is asked for once in ten seconds by a process, however many ask.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import Error
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob, ProcrastinateWorker
from prometheus_client import Metric, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from pizzeria.measures import IN_MEMORY, ORDERS_LATE, ORDERS_PLACED, ORDERS_REFUSED
from pizzeria.notifications.selectors import waiting
from pizzeria.operations.cronjobs import Job, read_jobs
from pizzeria.operations.crontab import next_run, parse
from pizzeria.operations.models import JobRun
from pizzeria.operations.runs import last_runs
from pizzeria.ordering.counted import REFUSALS
from pizzeria.ordering.models import Channel, Order
from pizzeria.ordering.selectors import OPEN
from pizzeria.proved_restore import SAFETY, backups_in, last_kept, read_proof
from pizzeria.stock.models import Makeable
from pizzeria.stores.hours import is_open
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_stores
from pizzeria.supervision.counts import counted
from pizzeria.supervision.models import Alert, Sample
from pizzeria.supervision.processes import NOT_WATCHED, STATES, processes, watch_is_installed
from pizzeria.supervision.samples import last_sample

logger = logging.getLogger(__name__)

KEPT_SECONDS = 10
FRESH = timedelta(minutes=3)
"""What is older is not told: the worker, or the watch, is silent, and nobody knows."""
LATE_STATUSES = ("todo", "doing", "failed")
WATCHED_STATES = tuple(state for state in STATES if state != NOT_WATCHED)
ALERTS = (
    "service", "error-rate", "disk", "certificate", "backup-old", "drill-failed", "job-failed", "job-missed",
    "orders-untouched",
)  # fmt: skip
"""What stands before the colon in an alert's key."""


HOST: tuple[tuple[str, str, Callable[[Sample], float]], ...] = (
    ("cpu_ratio", "Of all cores, in use over the last minute.", lambda told: told.cpu / 100),
    ("memory_ratio", "Of the memory, in use.", lambda told: told.memory / 100),
    ("disk_ratio", "Of the fullest disk that the site writes to, in use.", lambda told: told.disk / 100),
    ("network_receive_bytes_per_second", "From the network, over the last minute.", lambda told: told.received),
    ("network_transmit_bytes_per_second", "To the network, over the last minute.", lambda told: told.sent),
)


def exposition() -> bytes:
    """Everything, in Prometheus's text format. Raises OSError where the counts cannot be read."""
    return generate_latest(_Told())


class _Told(Collector):
    def collect(self) -> Iterator[Metric]:
        stores, now = _now.read()
        yield from _with_zeros(counted(), stores)
        yield from now


Gauges = list[Metric]
Labels = TypeVar("Labels", bound=tuple[str, ...])


class _Now:
    """How it is now, and the points of sale that there are; one reading for all the threads of this process."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._known: tuple[float, list[str], Gauges] | None = None

    def read(self) -> tuple[list[str], Gauges]:
        with self._turn:
            known = self._known
            if known is None or time.monotonic() - known[0] > KEPT_SECONDS:
                self._known = known = (time.monotonic(), *_read_now(timezone.now()))
        return known[1], known[2]

    def forget(self) -> None:
        with self._turn:
            self._known = None


_now = _Now()


def _read_now(at: datetime) -> tuple[list[str], Gauges]:
    """Without the database, what can be told without it."""
    found = [_one("oc_pizza_release_info", "The release that answers.", {"release": settings.RELEASE_ID}, 1)]
    found += [*_backups(), *_processes(at)]
    is_up = _one("oc_pizza_database_up", "Whether the database answers.", {}, 1)
    try:
        stores = list(active_stores())
        asked = [is_up, *_kitchens(stores, at), *_worker(), *_jobs(at), *_notices(at), *_host(at), *_alerts()]
    except Error as error:
        logger.warning("metrics: the database does not answer (%s)", type(error).__name__)
        return [], [*found, _one("oc_pizza_database_up", "Whether the database answers.", {}, 0)]
    return [store.slug for store in stores], [*found, *asked]


def _gauge(name: str, words: str, labels: Iterable[str], values: Mapping[Labels, float]) -> Metric:
    gauge = GaugeMetricFamily(name, words, labels=list(labels))
    for label_values, value in values.items():
        gauge.add_metric(label_values, value)
    return gauge


def _one(name: str, words: str, labels: Mapping[str, str], value: float | None) -> Metric:
    """Without a value, its name alone: nothing is known."""
    return _gauge(name, words, labels, {} if value is None else {tuple(labels.values()): value})


# --- What was counted. A series that begins at 1 would show no growth: those that are known beforehand begin at 0.


def _with_zeros(metrics: Iterable[Metric], stores: Iterable[str]) -> Iterator[Metric]:
    told = {metric.name: Metric(metric.name, metric.documentation, metric.type) for metric in IN_MEMORY.collect()}
    for metric in metrics:
        # One that the release before has counted may still be in the files.
        if metric.name in told:
            told[metric.name] = metric
    for name, labels in _known_series(stores):
        if not any(sample.labels == labels for sample in told[name].samples):
            told[name].add_sample(f"{name}_total", labels, 0)
    yield from told.values()


def _known_series(stores: Iterable[str]) -> Iterator[tuple[str, dict[str, str]]]:
    for store in stores:
        yield from ((_name(ORDERS_PLACED), {"store": store, "channel": channel}) for channel in Channel.values)
        yield _name(ORDERS_LATE), {"store": store}
    yield from ((_name(ORDERS_REFUSED), {"code": refusal.code}) for refusal in REFUSALS)


def _name(counter: Collector) -> str:
    [metric] = counter.collect()
    return metric.name


# --- The kitchens.


def _kitchens(stores: list[Store], at: datetime) -> Iterator[Metric]:
    slugs = {store.pk: store.slug for store in stores}
    waiting = {(slug, status.value): 0.0 for slug in slugs.values() for status in OPEN}
    overdue, untouched = dict.fromkeys(slugs, 0.0), dict.fromkeys(slugs, 0.0)
    rows = (
        Order.objects.filter(store__in=slugs, status__in=OPEN)
        .order_by()
        .values("store_id", "status")
        .annotate(count=Count("pk"), late=Count("pk", filter=Q(promised_at__lt=at)), oldest=Min("placed_at"))
    )
    for row in rows:
        store = row["store_id"]
        waiting[slugs[store], row["status"]] = row["count"]
        overdue[store] += row["late"]
        if row["status"] == Order.Status.TO_PREPARE:
            untouched[store] = (at - row["oldest"]).total_seconds()
    yield _gauge("oc_pizza_orders_waiting", "Orders that are not finished.", ["store", "status"], waiting)
    yield _by_store("oc_pizza_orders_overdue", "Orders, not finished, past the time that was promised.", slugs, overdue)
    words = "For how long the oldest order that nobody has taken waits; 0 without one."
    yield _by_store("oc_pizza_order_untouched_seconds", words, slugs, untouched)
    opened = {store.pk: float(is_open(store=store, at=at)) for store in stores}
    yield _by_store("oc_pizza_store_open", "Whether the point of sale is open.", slugs, opened)
    words = "Things on the menu of which the point of sale can make none."
    yield _by_store("oc_pizza_stock_outs", words, slugs, dict.fromkeys(slugs, 0.0) | _stock_outs())


def _by_store(name: str, words: str, slugs: Mapping[int, str], values: Mapping[int, float]) -> Metric:
    return _gauge(name, words, ["store"], {(slugs[pk],): value for pk, value in values.items() if pk in slugs})


def _stock_outs() -> dict[int, float]:
    on_sale = Makeable.objects.filter(count=0, variant__product__is_active=True)
    return dict(on_sale.order_by().values_list("store_id").annotate(count=Count("pk")))


# --- The site's own work.


def _worker() -> Iterator[Metric]:
    rows = ProcrastinateJob.objects.filter(status__in=LATE_STATUSES).order_by()
    counts = {("default", status): 0.0 for status in LATE_STATUSES}
    counts |= {
        (queue, status): count
        for queue, status, count in rows.values_list("queue_name", "status").annotate(count=Count("pk"))
    }
    yield _gauge("oc_pizza_worker_jobs", "Jobs of the worker that are not done.", ["queue", "status"], counts)
    heard = ProcrastinateWorker.objects.aggregate(heard=Max("last_heartbeat"))["heard"]
    words = "When the worker last said that it is there."
    yield _one("oc_pizza_worker_heartbeat_timestamp_seconds", words, {}, heard.timestamp() if heard else None)


def _jobs(at: datetime) -> Iterator[Metric]:
    runs, ended = last_runs(), {JobRun.Outcome.DONE: 1.0, JobRun.Outcome.FAILED: 0.0, JobRun.Outcome.ABANDONED: 0.0}
    success = {(path,): ended[run.outcome] for path, run in runs.items() if run.outcome in ended}  # type: ignore[index]
    words = "Whether the last run of a scheduled job succeeded; nothing while it runs."
    yield _gauge("oc_pizza_job_last_run_success", words, ["path"], success)
    began = {(path,): run.started_at.timestamp() for path, run in runs.items()}
    yield _gauge("oc_pizza_job_last_run_timestamp_seconds", "When a scheduled job last began.", ["path"], began)
    # One that never ran should have since somebody watches.
    first = Sample.objects.aggregate(first=Min("at"))["first"] or at
    due = {
        (job.path,): _due(job, after=runs[job.path].started_at if job.path in runs else first) for job in read_jobs()
    }
    words = "When a scheduled job is due after its last run: in the past, it was missed."
    yield _gauge("oc_pizza_job_due_timestamp_seconds", words, ["path"], due)


def _due(job: Job, *, after: datetime) -> float:
    """The first of its schedules; each of them comes again, or it would have been refused."""
    moments = [next_run(parse(schedule), after=after) for schedule in job.schedules]
    return min(moment.timestamp() for moment in moments if moment)


def _backups() -> Iterator[Metric]:
    kept = last_kept()
    for name, words, moment in (
        ("newest", "When the newest backup was made.", kept.newest),
        ("proved", "When a backup that is still there was last restored, to try it.", kept.proved),
    ):
        yield _one(f"oc_pizza_backup_{name}_timestamp_seconds", words, {}, moment.timestamp() if moment else None)
    root = Path(settings.BACKUP_ROOT)
    proofs = [proof for proof in map(read_proof, [*backups_in(root), *backups_in(root / SAFETY)]) if proof]
    last = max(proofs, key=lambda proof: proof.at, default=None)
    words = "Whether the backup that was last tried could be restored."
    yield _one("oc_pizza_backup_drill_success", words, {}, float(not last.failure) if last else None)


def _alerts() -> Iterator[Metric]:
    found = dict.fromkeys(ALERTS, 0.0)
    for key in Alert.objects.filter(ended_at__isnull=True).values_list("key", flat=True):
        kind = key.partition(":")[0]
        found[kind] = found.get(kind, 0.0) + 1
    words = "Alerts of the site's own supervision that are open, by kind."
    yield _gauge("oc_pizza_alerts_open", words, ["kind"], {(kind,): count for kind, count in found.items()})


def _notices(at: datetime) -> Iterator[Metric]:
    found = waiting(at=at)
    counts = {(channel,): float(each.count) for channel, each in found.items()}
    yield _gauge("oc_pizza_notices_waiting", "Messages to clients that are due and have not left.", ["channel"], counts)
    ages = {(channel,): (at - each.since).total_seconds() if each.since else 0.0 for channel, each in found.items()}
    yield _gauge("oc_pizza_notices_oldest_seconds", "For how long the oldest of them has been due.", ["channel"], ages)


# --- The machine.


def _host(at: datetime) -> Iterator[Metric]:
    sample = last_sample()
    fresh = sample if sample and at - sample.at < FRESH else None
    for name, words, of in HOST:
        yield _one(f"oc_pizza_host_{name}", words, {}, of(fresh) if fresh else None)
    words = "When the worker last wrote down how the site is."
    yield _one("oc_pizza_sample_timestamp_seconds", words, {}, sample.at.timestamp() if sample else None)


def _processes(at: datetime) -> Iterator[Metric]:
    """As the watch of SUPERVISION_ENGINE says, where it is installed."""
    seen = processes(at=at).all if watch_is_installed() else ()
    states = {(process.service, state): float(state == process.state) for process in seen for state in WATCHED_STATES}
    words = "The state of each process of the site, as its watch sees it: 1 for the one that it is in."
    yield _gauge("oc_pizza_process_state", words, ["service", "state"], states)
