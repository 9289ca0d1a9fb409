"""What Prometheus is told of the site: who is told, what it costs, and whether it is true."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from pizzeria.operations.models import JobRun
from pizzeria.operations.tests.jobs import WORKS
from pizzeria.ordering.models import Order
from pizzeria.proved_restore import Proof, write_proof
from pizzeria.stock.models import Makeable
from pizzeria.stores.models import OpeningHours, Store
from pizzeria.supervision import metrics
from pizzeria.supervision.models import Alert, Sample
from tests.cast import House, People

pytestmark = [pytest.mark.django_db, pytest.mark.story]

MOST_QUERIES = 13

Value = Callable[..., float | None]


@pytest.fixture(autouse=True)
def _nothing_is_remembered() -> None:
    metrics._now.forget()


@pytest.fixture
def told(client: Client) -> Value:
    """The value of a series in what a scrape is told now; None when it is not there."""

    def value(name: str, **labels: str) -> float | None:
        metrics._now.forget()
        scrape = client.get("/metrics").content.decode()
        # Read by Prometheus's own parser, which would take longer for all the others than the scrape itself.
        lines = [line for line in scrape.splitlines(keepends=True) if line.startswith(name)]
        for metric in text_string_to_metric_families("".join(lines)):
            for sample in metric.samples:
                if sample.name == name and sample.labels == labels:
                    return float(sample.value)
        return None

    return value


# --- who


def test_whoever_asks_on_this_machine_is_told(client: Client) -> None:
    for address in ("", "127.0.0.1", "::1"):
        answer = client.get("/metrics", REMOTE_ADDR=address)
        assert answer.status_code == 200
        assert answer["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    "sent", [{"REMOTE_ADDR": "192.0.2.1"}, {"headers": {"X-Forwarded-For": "127.0.0.1"}}, {"headers": {"X-Forwarded-For": ""}}]
)  # fmt: skip
def test_whoever_came_through_the_public_server_is_not(client: Client, sent: dict[str, Any]) -> None:
    assert client.get("/metrics", **sent).status_code == 404


def test_prometheus_is_not_sent_to_https(client: Client, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    assert client.get("/metrics").status_code == 200
    assert client.get("/").status_code == 301


# --- what it costs


def test_a_scrape_costs_few_queries_and_the_next_ten_seconds_none(
    house: House, client: Client, django_assert_num_queries: Any
) -> None:
    house.order()
    with CaptureQueriesContext(connection) as queries:
        client.get("/metrics")
    assert len(queries) <= MOST_QUERIES, [query["sql"] for query in queries]
    with django_assert_num_queries(0):
        client.get("/metrics")


def test_the_number_of_stores_costs_no_queries(house: House, client: Client) -> None:
    with CaptureQueriesContext(connection) as few:
        client.get("/metrics")
    for number in range(20):
        Store.objects.create(city=house.paris, slug=f"store-{number}", name=f"Store {number}", postal_code="75011")
    metrics._now.forget()
    with CaptureQueriesContext(connection) as many:
        client.get("/metrics")
    assert len(many) == len(few)


# --- whether it is true


def test_what_waits_is_told_by_store_and_status(house: House, told: Value) -> None:
    house.order()
    late = house.order()
    Order.objects.filter(pk=late.pk).update(
        status="preparing", promised_at=timezone.now() - timedelta(minutes=1), placed_at=timezone.now()
    )
    assert told("oc_pizza_orders_waiting", store="bastille", status="to_prepare") == 1
    assert told("oc_pizza_orders_waiting", store="bastille", status="preparing") == 1
    assert told("oc_pizza_orders_waiting", store="croix-rousse", status="preparing") == 0
    assert told("oc_pizza_orders_overdue", store="bastille") == 1
    assert told("oc_pizza_orders_overdue", store="croix-rousse") == 0


def test_how_long_nobody_has_taken_an_order_is_told(house: House, people: People, told: Value) -> None:
    assert told("oc_pizza_order_untouched_seconds", store="bastille") == 0
    order = house.order()
    house.order()
    Order.objects.filter(pk=order.pk).update(placed_at=timezone.now() - timedelta(minutes=11))
    untouched = told("oc_pizza_order_untouched_seconds", store="bastille")
    assert untouched
    assert 660 <= untouched < 690
    Order.objects.update(status="taken")
    assert told("oc_pizza_order_untouched_seconds", store="bastille") == 0


def test_a_store_that_is_closed_is_told(house: House, told: Value) -> None:
    assert told("oc_pizza_store_open", store="bastille") == 1
    OpeningHours.objects.filter(store=house.bastille).delete()
    assert told("oc_pizza_store_open", store="bastille") == 0


def test_what_cannot_be_made_any_more_is_told(house: House, told: Value) -> None:
    assert told("oc_pizza_stock_outs", store="bastille") == 0
    gone = house.variant("margherita")
    Makeable.objects.filter(store=house.bastille, variant=gone).update(count=0)
    assert told("oc_pizza_stock_outs", store="bastille") == 1
    # Off the menu: nobody misses it.
    type(gone.product).objects.filter(pk=gone.product_id).update(is_active=False)
    assert told("oc_pizza_stock_outs", store="bastille") == 0


def test_counts_begin_at_zero_so_that_the_first_is_seen_to_be_one_more(house: House, told: Value) -> None:
    for channel in ("online", "counter"):
        assert told("oc_pizza_orders_placed_total", store="croix-rousse", channel=channel) == 0
    assert told("oc_pizza_orders_late_total", store="croix-rousse") == 0
    assert told("oc_pizza_orders_refused_total", code="below_minimum") is not None


def test_jobs_that_wait_in_the_queue_are_told(told: Value) -> None:
    assert told("oc_pizza_worker_jobs", queue="default", status="todo") == 0
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('mails', 'send', 'todo'),"
            " ('default', 'x', 'failed'), ('default', 'x', 'succeeded')"
        )
        cursor.execute("INSERT INTO procrastinate_workers (last_heartbeat) VALUES ('2026-03-02T12:00:00Z')")
    assert told("oc_pizza_worker_jobs", queue="mails", status="todo") == 1
    assert told("oc_pizza_worker_jobs", queue="default", status="failed") == 1
    assert told("oc_pizza_worker_jobs", queue="default", status="succeeded") is None
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    assert told("oc_pizza_worker_heartbeat_timestamp_seconds") == noon


def test_scheduled_jobs_are_told_with_what_became_of_them_and_when_they_are_due(
    settings: Settings, told: Value
) -> None:
    settings.CRONJOBS = [("0 6 * * *", WORKS), ("30 5 * * *", WORKS)]
    assert told("oc_pizza_job_last_run_success", path=WORKS) is None
    due = told("oc_pizza_job_due_timestamp_seconds", path=WORKS)
    assert due
    assert 0 < due - time.time() <= 24.5 * 3600
    began = datetime(2026, 3, 2, 6, 0, 1, tzinfo=UTC)
    for outcome, success in (("running", None), ("failed", 0), ("done", 1)):
        ended = None if outcome == "running" else began
        run = JobRun.objects.create(
            path=WORKS, started_at=began, ended_at=ended, outcome=outcome, host="h", release="r"
        )
        if outcome != "running":
            assert told("oc_pizza_job_last_run_success", path=WORKS) == success
    assert told("oc_pizza_job_last_run_timestamp_seconds", path=WORKS) == run.started_at.timestamp()
    # The half past five of the next morning, in Paris.
    next_morning = datetime(2026, 3, 3, 4, 30, tzinfo=UTC).timestamp()
    assert told("oc_pizza_job_due_timestamp_seconds", path=WORKS) == next_morning


def test_backups_are_told_by_the_moments_at_which_they_were_made_and_tried(
    settings: Settings, tmp_path: Path, told: Value
) -> None:
    settings.BACKUP_ROOT = tmp_path
    assert told("oc_pizza_backup_newest_timestamp_seconds") is None
    assert told("oc_pizza_backup_drill_success") is None
    moment = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)
    backup = tmp_path / "20260302-060000-000"
    backup.mkdir()
    assert told("oc_pizza_backup_newest_timestamp_seconds") == moment.timestamp()
    write_proof(backup, Proof(at=moment + timedelta(hours=1), release="r", seconds=1.0))
    assert told("oc_pizza_backup_proved_timestamp_seconds") == moment.timestamp() + 3600
    assert told("oc_pizza_backup_drill_success") == 1
    write_proof(backup, Proof(at=moment + timedelta(hours=2), release="r", seconds=1.0, failure="damaged"))
    assert told("oc_pizza_backup_drill_success") == 0


def test_the_host_is_told_of_the_last_minutes_or_not_at_all(told: Value) -> None:
    assert told("oc_pizza_host_cpu_ratio") is None
    figures = dict.fromkeys(("requests", "errors", "orders", "refused", "connections"), 0)
    sample = Sample.objects.create(at=timezone.now(), cpu=25, memory=50, disk=75, received=1000, sent=2000, **figures)
    told_of = [told(f"oc_pizza_host_{part}_ratio") for part in ("cpu", "memory", "disk")]
    assert told_of == [0.25, 0.5, 0.75]
    assert told("oc_pizza_host_network_transmit_bytes_per_second") == 2000
    Sample.objects.update(at=sample.at - timedelta(minutes=4))
    assert told("oc_pizza_host_cpu_ratio") is None
    assert told("oc_pizza_sample_timestamp_seconds") == pytest.approx(sample.at.timestamp() - 240)


def test_each_process_is_told_in_the_state_that_its_watch_sees(settings: Settings, tmp_path: Path, told: Value) -> None:
    settings.WATCH_ROOT = tmp_path / "nobody-watches"
    assert told("oc_pizza_process_state", service="gunicorn", state="running") is None
    settings.WATCH_ROOT = tmp_path
    now = timezone.now()
    for service, state, checked in (("gunicorn", "failing", now), ("nginx", "running", now - timedelta(minutes=5))):
        (tmp_path / f"{service}.json").write_text(
            json.dumps({"state": state, "since": checked.isoformat(), "checked_at": checked.isoformat()})
        )
    (tmp_path / "live.json").write_text("{ half")
    assert told("oc_pizza_process_state", service="gunicorn", state="failing") == 1
    assert told("oc_pizza_process_state", service="gunicorn", state="running") == 0
    # A watch that is silent, or that speaks nonsense, is not believed.
    for service in ("nginx", "live"):
        assert told("oc_pizza_process_state", service=service, state="running") == 0
        assert told("oc_pizza_process_state", service=service, state="unknown") == 1


def test_open_alerts_are_told_by_their_kind(told: Value) -> None:
    now = timezone.now()
    Alert.objects.create(key="job-failed:a.b", subject="s", text="t", started_at=now)
    Alert.objects.create(key="certificate", subject="s", text="t", started_at=now, ended_at=now)
    assert told("oc_pizza_alerts_open", kind="job-failed") == 1
    assert told("oc_pizza_alerts_open", kind="certificate") == 0


def test_without_the_database_what_was_counted_is_still_told(
    told: Value, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    assert told("oc_pizza_database_up") == 1

    def away() -> None:
        raise OperationalError("away") from psycopg.OperationalError("away")

    monkeypatch.setattr(metrics, "active_stores", away)
    assert told("oc_pizza_database_up") == 0
    assert told("oc_pizza_unhandled_errors_total") is not None
    assert told("oc_pizza_orders_waiting", store="bastille", status="ready") is None
    assert "the database does not answer" in caplog.text
