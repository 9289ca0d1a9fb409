"""Minutes that were measured, a watch that writes its files, and somebody who receives the messages."""

import json
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message as Mail
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.supervision.alerts import telling
from pizzeria.supervision.models import Sample
from tests.running import free_port

LOCAL = "127.0.0.1"
MINUTE = timedelta(minutes=1)


def sample(at: datetime, **figures: Any) -> Sample:
    """A quiet minute, but for the figures that are given."""
    quiet: dict[str, Any] = {
        "cpu": 10, "memory": 40, "disk": 30, "received": 0, "sent": 0, "requests": 0, "errors": 0,
        "p50": None, "p95": None, "orders": 0, "refused": 0, "connections": 0,
    }  # fmt: skip
    return Sample.objects.create(at=at, **quiet | figures)


def minutes(count: int, *, until: datetime, **figures: Any) -> None:
    """So many minutes, the last of which ends at `until`."""
    for number in range(count):
        sample(until - number * MINUTE, **figures)


def calls_of(act: Callable[[], object]) -> int:
    """How many functions are called for it, Python's and those of C: what it costs, however busy the machine is."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        act()
    finally:
        sys.setprofile(before)
    return calls


@pytest.fixture(autouse=True)
def _nobody_watches(settings: Settings, tmp_path: Path) -> None:
    """Not what the machine that tests happens to have."""
    settings.WATCH_ROOT = tmp_path / "no-watch"
    settings.BACKUP_ROOT = tmp_path / "backups"
    telling.forget()


@pytest.fixture
def at() -> datetime:
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def open_browser(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return open_browser


@dataclass
class Watch:
    """Writes what the watch of SUPERVISION_ENGINE writes."""

    root: Path

    def says(self, service: str, state: str = "running", *, at: datetime, **more: Any) -> None:
        told = {
            "service": service, "unit": f"{service}.service", "state": state, "since": (at - MINUTE).isoformat(),
            "detail": "", "restarts": 0, "checked_at": at.isoformat(), "alert": None,
        }  # fmt: skip
        (self.root / f"{service}.json").write_text(json.dumps(told | more))

    def says_that_all_run(self, *, at: datetime) -> None:
        for service in ("gunicorn", "nginx", "postgresql", "live", "worker"):
            self.says(service, at=at)


@pytest.fixture
def watch(settings: Settings, tmp_path: Path) -> Watch:
    root = tmp_path / "watch"
    root.mkdir()
    settings.WATCH_ROOT = root
    return Watch(root)


class _Kept(MessageHandler):
    def __init__(self, mails: list[Mail]) -> None:
        super().__init__()
        self.mails = mails

    def handle_message(self, message: Mail) -> None:
        self.mails.append(message)


@dataclass
class Operator:
    """Has a mailbox on a mail server, and a chat that takes webhooks; either may be made to fail."""

    settings: Settings
    mails: list[Mail] = field(default_factory=list)
    posts: list[dict[str, Any]] = field(default_factory=list)
    chat_is_down: bool = False
    refused_by_chat: str = ""
    """The key that the chat does not take."""

    def subjects(self) -> list[str]:
        return [str(make_header(decode_header(mail["Subject"]))) for mail in self.mails]

    def told(self) -> list[tuple[str, str]]:
        """Every event that the chat was told, with its key."""
        return [(post["event"], post["key"]) for post in self.posts]


@pytest.fixture
def operator(settings: Settings) -> Iterator[Operator]:
    someone = Operator(settings)

    class Chat(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            post = json.loads(body)
            is_refused = someone.chat_is_down or post["key"] == someone.refused_by_chat
            if not is_refused:
                someone.posts.append(post)
            self.send_response(503 if is_refused else 204)
            self.end_headers()

        def log_message(self, *_words: object) -> None:
            pass

    chat = HTTPServer((LOCAL, 0), Chat)
    thread = threading.Thread(target=chat.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    post = Controller(_Kept(someone.mails), hostname=LOCAL, port=free_port())
    post.start()
    settings.ALERT_EMAILS = "edgar@example.org, garde@example.org"
    settings.ALERT_WEBHOOK = f"http://{LOCAL}:{chat.server_port}/alertes"
    settings.EMAIL_HOST, settings.EMAIL_PORT = LOCAL, post.port
    yield someone
    post.stop()
    chat.shutdown()
    thread.join()
    chat.server_close()
