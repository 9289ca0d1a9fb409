"""The worker as the site starts it, killed at every point of a mail's way: none is lost, none is doubled (decision 25)."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from pizzeria.notifications.models import Notice
from pizzeria.notifications.tasks import tell_due
from pizzeria.operations.tests.test_worker import JOBS
from pizzeria.ordering.models import Order
from tests.cast import House
from tests.posted import Held, Post, posting
from tests.reported.processes import environment
from tests.running import CHECKOUT

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

Status = Notice.Status
SENDER = """
import django
django.setup()
from pizzeria.notifications.delivering import send_due
send_due(channel="mail")
"""
WORKER = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"]


@pytest.fixture
def post() -> Iterator[Post]:
    with posting() as there:
        yield there


def start(post: Post, *command: str) -> "subprocess.Popen[bytes]":
    where = {"EMAIL_HOST": post.host, "EMAIL_PORT": str(post.port)}
    told = environment(DJANGO_SETTINGS_MODULE="OC_PIZZA.settings", **where)
    return subprocess.Popen([*command] or [sys.executable, "-c", SENDER], cwd=CHECKOUT, env=told)


def many(order: Order, count: int, *, kind: str = "reminder") -> None:
    """So many things to be told, as if of so many orders."""
    Notice.objects.all().delete()
    Notice.objects.bulk_create(
        Notice(kind=kind, source_id=number, order=order, channel="mail") for number in range(count)
    )


def its_time_comes() -> None:
    """Whoever was killed has had something in hand: what they held is let go."""
    Notice.objects.exclude(next_at=None).update(next_at=timezone.now() - timedelta(seconds=1))


def wait_until(is_so: Callable[[], bool], *, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("point", "number", "statuses"),
    [
        ("rcpt", 1, {Status.SENT}),
        ("data", 1, {Status.SENT}),
        ("taken", 1, {Status.SENT, Status.UNCONFIRMED}),
        ("data", 3, {Status.SENT}),
        ("taken", 3, {Status.SENT, Status.UNCONFIRMED}),
    ],
)
def test_a_sender_that_is_killed_while_the_server_holds_its_mail_loses_none_and_doubles_none(
    written: House, post: Post, point: str, number: int, statuses: set[str]
) -> None:
    many(written.order(), 4, kind="received")
    killed: list[subprocess.Popen[bytes]] = []

    def kill() -> None:
        killed[0].kill()
        killed[0].wait(10)

    post.at = Held(point, number, kill)
    killed.append(start(post))
    assert killed[0].wait(120) == -signal.SIGKILL
    its_time_comes()
    assert start(post).wait(120) == 0
    assert sorted(post.counted.values()) == [1] * 4
    assert set(Notice.objects.values_list("status", flat=True)) == statuses


def test_a_worker_that_is_killed_again_and_again_in_hundreds_of_mails_loses_none_and_doubles_none(
    written: House, post: Post
) -> None:
    """At moments that nobody has chosen; what it had in hand, and nothing else, may be said to have left unconfirmed."""
    many(written.order(), 400)
    chance = random.Random(20)
    for _each in range(4):
        before = len(post.letters)
        worker = start(post)
        wait_until(lambda before=before: len(post.letters) > before + 5)  # type: ignore[misc]
        time.sleep(chance.uniform(0, 0.3))
        worker.kill()
        worker.wait(10)
        its_time_comes()
    assert start(post).wait(120) == 0
    unconfirmed = Notice.objects.filter(status=Status.UNCONFIRMED).count()
    assert set(post.counted.values()) == {1}
    assert unconfirmed <= 4
    # Between the note and the dot there are two system calls: killed there, it has said that it does not know.
    assert 400 - len(post.counted) <= unconfirmed
    assert not Notice.objects.exclude(status__in=[Status.SENT, Status.UNCONFIRMED]).exists()


def test_the_worker_drains_a_storm_of_1500_by_a_few_connections(written: House, post: Post) -> None:
    order = written.order()
    many(order, 1500)
    worker = start(post, *WORKER)
    try:
        tell_due.defer(timestamp=0)  # type: ignore[call-arg]
        wait_until(lambda: bool(post.letters))
        wait_until(lambda: len(post.letters) >= 1500, seconds=600)
        assert post.connections <= 4
    finally:
        worker.terminate()
        assert worker.wait(60) == 0
    assert set(post.counted.values()) == {1}


def test_the_worker_knows_the_job_that_picks_up_what_is_left() -> None:
    assert {"pizzeria.notifications.tasks.tell_due"} <= JOBS
