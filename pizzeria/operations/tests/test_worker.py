"""The worker's jobs: found, due, and doing what they say."""

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from pizzeria.live.models import LiveEvent
from pizzeria.live.tasks import prune_events
from pizzeria.operations.tasks import forget_done_jobs
from pizzeria.ordering.cart import add_line
from pizzeria.ordering.models import Cart, IdempotencyKey, Order
from pizzeria.ordering.tasks import expire_carts, expire_keys, tell_late_orders
from pizzeria.payments.models import ProviderEvent
from pizzeria.payments.tasks import expire_events
from pizzeria.supervision.models import Sample
from pizzeria.supervision.tasks import every_minute
from tests.cast import House

JOBS = {
    "pizzeria.accounts.tasks.send_due_mails",
    "pizzeria.live.tasks.prune_events",
    "pizzeria.operations.tasks.forget_done_jobs",
    "pizzeria.ordering.tasks.expire_carts",
    "pizzeria.ordering.tasks.expire_keys",
    "pizzeria.ordering.tasks.forget_cards",
    "pizzeria.ordering.tasks.keep_promises",
    "pizzeria.ordering.tasks.let_go_unpaid",
    "pizzeria.supervision.tasks.every_minute",
    "pizzeria.ordering.tasks.tell_late_orders",
    "pizzeria.payments.tasks.expire_events",
    "pizzeria.payments.tasks.send_due_refunds",
    "pizzeria.notifications.tasks.tell_due",
    "pizzeria.webhooks.tasks.deliver_due",
}


def test_the_worker_finds_every_job_and_knows_when_it_is_due() -> None:
    app.perform_import_paths()  # type: ignore[no-untyped-call]
    assert set(app.tasks) >= JOBS
    assert {task.task.name for task in app.periodic_registry.periodic_tasks.values()} >= JOBS


def test_carts_left_a_week_ago_go_with_their_lines(house: House) -> None:
    left, used = (add_line(cart=None, store=house.bastille, request=house.line()) for _ in range(2))
    Cart.objects.filter(pk=left.pk).update(updated_at=timezone.now() - timedelta(days=7, minutes=1))
    assert expire_carts(timestamp=0) == 1
    assert list(Cart.objects.all()) == [used]


def test_last_weeks_keys_are_forgotten_and_their_orders_kept(house: House) -> None:
    order = house.order()
    for age in (6, 8):
        key = IdempotencyKey.objects.create(key=str(age), request_digest="d", order=order)
        IdempotencyKey.objects.filter(pk=key.pk).update(created_at=timezone.now() - timedelta(days=age))
    assert expire_keys(timestamp=0) == 1
    assert IdempotencyKey.objects.get().key == "6"
    assert Order.objects.get() == order


def test_the_providers_events_of_two_months_ago_are_forgotten(db: None) -> None:
    for days in (59, 61):
        received_at = timezone.now() - timedelta(days=days)
        ProviderEvent.objects.create(reference=f"evt_{days}", kind="refund.updated", received_at=received_at)
    assert expire_events(timestamp=0) == 1
    assert ProviderEvent.objects.get().reference == "evt_59"


def test_an_order_is_told_late_once_in_the_minute_in_which_its_promise_runs_out(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    noon = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0)
    late, done = house.order(), house.order()
    Order.objects.update(promised_at=noon)
    Order.objects.filter(pk=done.pk).update(status=Order.Status.DELIVERED)
    counts = [tell_late_orders(timestamp=int(noon.timestamp()) + seconds) for seconds in (-1, 0, 59, 60)]
    assert counts == [0, 1, 1, 0]
    assert {record.getMessage() for record in caplog.records} == {f"{late.number}: late, still to_prepare"}


def test_yesterdays_events_are_forgotten(house: House) -> None:
    house.order()
    old = LiveEvent.objects.update(created_at=timezone.now() - timedelta(days=1, minutes=1))
    order = house.order()
    assert prune_events(timestamp=0) == old
    assert {event.payload["number"] for event in LiveEvent.objects.all()} == {order.number}


@pytest.mark.machine
@pytest.mark.django_db(transaction=True)
def test_a_job_that_is_due_is_done_by_the_worker_as_the_site_starts_it() -> None:
    LiveEvent.objects.create(topic="menu:1", kind="order")
    LiveEvent.objects.update(created_at=timezone.now() - timedelta(days=2))
    jobs = {
        prune_events.defer(timestamp=0),  # type: ignore[call-arg]
        forget_done_jobs.defer(timestamp=0),  # type: ignore[call-arg]
        every_minute.defer(timestamp=0),  # type: ignore[call-arg]
    }
    address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    done = subprocess.run(
        [sys.executable, "manage.py", "procrastinate", "worker", "--one-shot"],
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert {job.status for job in ProcrastinateJob.objects.filter(pk__in=jobs)} == {"succeeded"}
    assert not LiveEvent.objects.exclude(kind="sample").exists()
    assert Sample.objects.exists()
