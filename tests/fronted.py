"""The site as a server runs it, on this machine: gunicorn on Unix sockets, live events beside it, nginx in front."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.nginx import Front, running
from local.postgres import Cluster, cluster_at
from tests.running import CHECKOUT, OURS, free_port, migrated_data_folder

DATABASE = "oc_pizza"
START_SECONDS = 120
STORE = "bastille"
# Who is stopped waits for connections that a test has left open, but not for long.
PAGES = (
    "OC_PIZZA.wsgi:application", "--preload", "--worker-class", "gthread", "--workers", "2", "--threads", "2",
    "--graceful-timeout", "5",
)  # fmt: skip
LIVE = ("OC_PIZZA.asgi:application", "--worker-class", "asgi", "--workers", "1", "--graceful-timeout", "1")


@dataclass(slots=True, kw_only=True)
class FrontedSite:
    """A site with HTTPS, and the nginx in front of it."""

    cluster: Cluster
    environment: dict[str, str]
    front: Front
    pages: "subprocess.Popen[bytes]"
    live: "subprocess.Popen[bytes]"

    @property
    def database_url(self) -> str:
        return self.cluster.url(DATABASE)

    def stop_pages(self) -> None:
        """Désactivation: gunicorn goes, and its socket with it."""
        _stop(self.pages)

    def start_pages(self) -> None:
        self.pages = _pages(self.environment, self.front)

    @contextlib.contextmanager
    def without_pages(self) -> Iterator[None]:
        self.stop_pages()
        try:
            yield
        finally:
            self.start_pages()

    def stop_live(self) -> None:
        _stop(self.live)

    def start_live(self) -> None:
        self.live = _live(self.environment, self.front)


@pytest.fixture(scope="session")
def fronted() -> Iterator[FrontedSite]:
    folder = migrated_data_folder()
    cluster = cluster_at(folder / "postgres", options=("-F", "-c", "max_connections=100"))
    try:
        cluster.start()
        cluster.ensure_database(DATABASE)
        front = front_in(folder, tls="self-signed")
        environment = _environment(cluster, front)
        for command in (["migrate", "-v0"], ["collectstatic", "--noinput", "-v0"], ["createdemo", "--days", "1"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=CHECKOUT, env=environment, check=True)
        with running(front), _running_site(cluster, environment, front) as site:
            yield site
    finally:
        cluster.stop()
        shutil.rmtree(folder, ignore_errors=True)


def front_in(folder: Path, *, tls: str) -> Front:
    """A front on free ports, with everything of it in this folder."""
    return Front(
        folder=folder / f"nginx-{tls}",
        home=folder / "home",
        pages=folder / "gunicorn.sock",
        live=folder / "live.sock",
        port=free_port(),
        tls_port=free_port(),
        metrics_port=free_port(),
        domain="localhost www.localhost",
        tls=tls,
    )


@contextlib.contextmanager
def _running_site(cluster: Cluster, environment: dict[str, str], front: Front) -> Iterator[FrontedSite]:
    pages, live = _pages(environment, front), _live(environment, front)
    site = FrontedSite(cluster=cluster, environment=environment, front=front, pages=pages, live=live)
    try:
        yield site
    finally:
        site.stop_pages()
        site.stop_live()


def _environment(cluster: Cluster, front: Front) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    counts = front.shared / "counts"
    counts.mkdir(parents=True)
    return kept | {
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
        "DATABASE_URL": cluster.url(DATABASE),
        "SECRET_KEY": "of-a-fronted-site-and-of-nothing-else-0123456789",
        "ALLOWED_HOSTS": front.domain.replace(" ", ","),
        # nginx passes the name on without the port, which on a server is the usual one.
        "CSRF_TRUSTED_ORIGINS": f"https://localhost:{front.tls_port}",
        "HTTPS": "1",
        "STATIC_ROOT": str(front.home / "OC_PIZZA" / "static"),
        "MEDIA_ROOT": str(front.shared / "media"),
        "RELEASE_ID": "fronted",
        "DJANGO_SETTINGS_MODULE": "OC_PIZZA.settings",
    }


def _pages(environment: dict[str, str], front: Front) -> "subprocess.Popen[bytes]":
    return _gunicorn(environment, front.pages, "/healthz", *PAGES)


def _live(environment: dict[str, str], front: Front) -> "subprocess.Popen[bytes]":
    return _gunicorn(environment, front.live, "/live/heartbeat", *LIVE)


def _gunicorn(environment: dict[str, str], at: Path, health: str, *arguments: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "gunicorn", *arguments, "--bind", f"unix:{at}", "--no-control-socket"]
    process = subprocess.Popen([*command, "--log-level", "warning"], cwd=CHECKOUT, env=environment)
    deadline = time.monotonic() + START_SECONDS
    # The socket is there before anybody behind it is: a test's own request would wait until Django is imported.
    while not (at.exists() and _answers(at, health)):
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"gunicorn {arguments[0]} did not start")
        time.sleep(0.05)
    return process


class _Through(http.client.HTTPConnection):
    """To whoever listens on a Unix socket."""

    def __init__(self, at: Path) -> None:
        super().__init__("localhost", timeout=START_SECONDS)
        self._at = at

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self._at))


def _answers(at: Path, health: str) -> bool:
    with contextlib.closing(_Through(at)) as connection:
        try:
            connection.request("GET", health)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(30)
