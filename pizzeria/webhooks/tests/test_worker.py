"""The worker as the site starts it: it sends by itself, it may be killed, and a slow address keeps nobody waiting."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.utils import timezone

from pizzeria.operations.tests.test_worker import JOBS
from pizzeria.webhooks.delivering import send_due
from pizzeria.webhooks.models import Delivery, Endpoint
from pizzeria.webhooks.services import add, ask_to_send
from tests.cast import House, People
from tests.hooked import Message, Receiver, receiving
from tests.reported.processes import environment
from tests.running import CHECKOUT

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

PROGRAM = """
import sys, django
django.setup()
from pizzeria.webhooks.delivering import send_due
send_due(endpoint_id=int(sys.argv[1]))
"""
WORKER = [sys.executable, "manage.py", "procrastinate", "worker", "--concurrency", "2"]
PATIENT = """
from django.core.management import execute_from_command_line
from pizzeria.outside import posting
posting.SECONDS = 25.0
execute_from_command_line(["manage.py", "procrastinate", "worker", "--concurrency", "2"])
"""
"""The same, that gives an address up later: what is at once on a machine that is busy must not look as if it had waited for that."""
AT_ONCE = 20.0
"""Less than that."""
STORM = 400


def test_an_order_is_told_by_the_worker_at_once_while_another_address_keeps_it_waiting(
    house: House, people: People, receiver: Receiver
) -> None:
    told, heard = threading.Event(), []
    with receiving() as slow:
        slow.before_answering = lambda _message: heard.append(told.wait(AT_ONCE))
        for there in (slow, receiver):
            add(store=house.bastille, url=there.url, statuses=[], acting_user=people.manager)
        first = house.order().number
        with _working(sys.executable, "-c", PATIENT):
            _wait_for(slow)
            receiver.before_answering = lambda _message: told.set()
            second = house.order().number
            assert told.wait(AT_ONCE)
            _wait_until(lambda: not Delivery.objects.exclude(status="delivered").exists())
    assert heard[0]
    assert [number for number, _to in receiver.moves] == [first, second]


def test_a_worker_that_is_killed_before_it_knows_the_answer_loses_nothing(
    house: House, endpoint: Endpoint, receiver: Receiver
) -> None:
    house.order()
    processes: list[subprocess.Popen[bytes]] = []

    def kill(_message: Message) -> None:
        processes[0].kill()
        processes[0].wait(10)

    receiver.before_answering = kill
    processes.append(
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(endpoint.pk)], cwd=CHECKOUT,
                         env=environment(DJANGO_SETTINGS_MODULE="OC_PIZZA.settings"))
    )  # fmt: skip
    assert processes[0].wait(120) == -signal.SIGKILL
    receiver.before_answering = lambda _message: None
    assert Delivery.objects.get().status == Delivery.Status.DUE
    assert send_due(endpoint_id=endpoint.pk) == 0  # it is still taken
    Endpoint.objects.update(rests_until=timezone.now())
    Delivery.objects.update(next_at=timezone.now())
    assert send_due(endpoint_id=endpoint.pk) == 1
    assert [message.id for message in receiver.messages] == [receiver.messages[0].id] * 2


def test_a_worker_that_is_stopped_ends_its_message_and_leaves_the_others_for_the_next(
    house: House, people: People, endpoint: Endpoint, receiver: Receiver
) -> None:
    Delivery.objects.bulk_create(Delivery(endpoint=endpoint, next_at=timezone.now()) for _each in range(STORM))
    receiver.before_answering = lambda _message: time.sleep(0.5)
    ask_to_send()
    with _working():
        _wait_for(receiver)
        began = time.monotonic()
    # To send them all would take more than three minutes.
    assert time.monotonic() - began < 60
    left = Delivery.objects.filter(status="due").count()
    assert STORM - 100 < left == STORM - len(receiver.messages)


def test_the_worker_knows_the_job_that_picks_up_what_is_left() -> None:
    assert {"pizzeria.webhooks.tasks.deliver_due"} <= JOBS


@contextmanager
def _working(*command: str) -> Iterator[None]:
    """A worker as the site starts it, that goes on until this is over."""
    told = environment(DJANGO_SETTINGS_MODULE="OC_PIZZA.settings")
    worker = subprocess.Popen([*command] or WORKER, cwd=CHECKOUT, env=told)
    try:
        yield
    finally:
        worker.terminate()
        assert worker.wait(60) == 0


def _wait_for(there: Receiver) -> None:
    _wait_until(lambda: bool(there.messages))


def _wait_until(is_so: Callable[[], bool]) -> None:
    end = time.monotonic() + 120
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)
