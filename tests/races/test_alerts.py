"""Two workers that look at the same minute. In pairs: with the guard, and without it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from pizzeria.supervision.alerts import services, telling
from pizzeria.supervision.alerts.problems import Problem, Rule
from pizzeria.supervision.alerts.services import check_alerts
from pizzeria.supervision.models import Alert
from tests.races.together import PATIENCE, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

LOCAL = "127.0.0.1"
WORKERS = 5
TOGETHER = threading.Barrier(WORKERS)


def _full(**_options: object) -> list[Problem]:
    """Every worker finds it before any of them has written it down."""
    TOGETHER.wait(PATIENCE)
    return [Problem(key="disk", subject="Disque rempli à 91 %")]


FULL = Rule(kind="disk", find=_full)
FINE = Rule(kind="disk", find=lambda **_options: [])


@pytest.fixture
def at() -> datetime:
    return timezone.now()


@pytest.fixture
def chat(settings: Settings) -> Iterator[list[str]]:
    """What a chat hears by webhook; it takes its time, as a chat elsewhere does."""
    heard: list[str] = []

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            time.sleep(0.2)
            heard.append(body["event"])
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer((LOCAL, 0), Chat)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.ALERT_EMAILS, settings.ALERT_WEBHOOK = "", f"http://{LOCAL}:{server.server_port}/"
    yield heard
    server.shutdown()
    thread.join()
    server.server_close()


def five_look(rule: Rule, at: datetime) -> None:
    assert together([partial(check_alerts, at=at, rules=[rule])] * WORKERS) == [None] * WORKERS


def test_five_workers_that_find_the_same_open_one_alert(at: datetime) -> None:
    five_look(FULL, at)
    assert Alert.objects.count() == 1


def test_without_the_constraint_they_would_open_five(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'one_open_alert_a_key'")
        [definition] = cursor.fetchone()
        cursor.execute("DROP INDEX one_open_alert_a_key")
    try:
        five_look(FULL, at)
        assert Alert.objects.count() == WORKERS
    finally:
        Alert.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(definition)


def test_five_workers_tell_its_beginning_and_its_end_once(chat: list[str], at: datetime) -> None:
    five_look(FULL, at)
    five_look(FINE, at + timedelta(minutes=1))
    # Whoever came too late for the lock left the telling to the one that had it.
    check_alerts(at=at + timedelta(minutes=2), rules=[FINE])
    assert chat == ["began", "ended"]


def test_without_the_lock_it_would_be_told_several_times(
    chat: list[str], at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_read, told = threading.Barrier(WORKERS), telling._told

    @contextmanager
    def unguarded(*, path: str) -> Iterator[bool]:
        yield True

    def sends(alert: Alert) -> bool:
        all_have_read.wait(PATIENCE)
        return told(alert)

    monkeypatch.setattr(telling, "only_one", unguarded)
    monkeypatch.setattr(telling, "_told", sends)
    monkeypatch.setattr(services, "tell", telling.tell)
    five_look(FULL, at)
    assert chat == ["began"] * WORKERS
