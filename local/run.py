"""`make run`: the whole site on this machine, as production runs it, with a demo group in it.

A PostgreSQL of its own, gunicorn for pages and live events, a job worker; everything stops with Ctrl-C.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from local.postgres import PostgresError, cluster_at, remove

CHECKOUT = Path(__file__).resolve().parent.parent
READY_SECONDS = 180
STOP_SECONDS = 10
MOST_STARTS = 5
ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, a polite kill, a terminal that was closed."""
ENDS_WITH_US = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
"""Stops a child whose parent was killed; elsewhere than on Linux such a child has to be stopped by hand."""
BOLD, DIM, RED, GREEN, PLAIN = (
    ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m") if sys.stdout.isatty() else ("",) * 5
)


class CannotRunError(Exception):
    """The site cannot start; the message says what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where this copy of the site keeps its data and where it answers."""

    data: Path
    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}/"


def main() -> int:
    try:
        place = _place()
        if sys.argv[1:] == ["reset"]:
            _reset(place)
        else:
            _run(place)
    except (CannotRunError, PostgresError) as error:
        print(f"{RED}{error}{PLAIN}", file=sys.stderr)
        return 1
    return 0


def _place() -> Place:
    port = os.environ.get("PORT", "8000")
    if not port.isdecimal() or not 1 <= int(port) <= 65535:  # noqa: PLR2004
        raise CannotRunError(f"PORT is a number from 1 to 65535, not {port!r}. Example: make run PORT=8080")
    data = Path(os.environ.get("OC_PIZZA_DATA", CHECKOUT / ".data")).resolve()
    return Place(data=data, host=os.environ.get("HOST", "127.0.0.1"), port=int(port))


def _reset(place: Place) -> None:
    with _only_one(place):
        remove(place.data / "postgres")
    print("The demo's data is gone: the next `make run` starts over.")


def _run(place: Place) -> None:
    started = time.monotonic()
    for ending in ENDINGS:
        # What is ignored stays so: `nohup make run` outlives its terminal.
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, _interrupt)
    with _only_one(place):
        _require_free(place)
        try:
            with _database(place) as url:
                _environment(place, url)
                _prepare()
                with _children(place) as children:
                    with _step("Pages, live events, jobs"):
                        _wait_until_ready(place, children)
                    _welcome(place, time.monotonic() - started)
                    _watch(children)
        except KeyboardInterrupt:
            print(f"\n{DIM}Stopped; the data is kept.{PLAIN}")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    # Stopping takes a few seconds: who presses Ctrl-C again must not leave half of it running.
    for ending in ENDINGS:
        signal.signal(ending, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextlib.contextmanager
def _only_one(place: Place) -> Iterator[None]:
    """Hold this copy's lock; two sites on one data folder would stop each other's database."""
    place.data.mkdir(parents=True, exist_ok=True)
    with (place.data / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise CannotRunError(
                f"This copy already runs ({lock.read().strip() or place.data}). Stop it first."
            ) from None
        lock.truncate(0)
        lock.write(f"process {os.getpid()}, {place.url}\n")
        lock.flush()
        yield


def _require_free(place: Place) -> None:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind((place.host, place.port))
        except PermissionError:
            raise CannotRunError(
                f"Port {place.port} needs more rights. Choose one above 1023: make run PORT=8080"
            ) from None
        except OSError as error:
            raise CannotRunError(
                f"Port {place.port} on {place.host} cannot be used ({error.strerror}). Choose another: make run PORT={place.port + 1}"
            ) from None


@contextlib.contextmanager
def _database(place: Place) -> Iterator[str]:
    """The URL of the database that DATABASE_URL names, or of this copy's own, started and stopped here."""
    if url := os.environ.get("DATABASE_URL"):
        yield url
        return
    cluster = cluster_at(place.data / "postgres")
    try:
        with _step("PostgreSQL"):
            cluster.start()
            cluster.ensure_database("oc_pizza")
        yield cluster.url("oc_pizza")
    finally:
        cluster.stop()


def _environment(place: Place, database_url: str) -> None:
    """What settings.py reads; a value that is already set stays."""
    os.environ["DATABASE_URL"] = database_url
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(_empty(place.data / "counts"))
    os.environ.setdefault("SECRET_KEY", _secret(place.data / "secret-key"))
    os.environ.setdefault("ALLOWED_HOSTS", f"localhost,127.0.0.1,{place.host}")
    os.environ.setdefault("SITE_URL", f"http://{place.host}:{place.port}")
    os.environ.setdefault("STATIC_ROOT", str(place.data / "static"))
    os.environ.setdefault("RELEASE_ID", "demo")
    # Whoever tries the demonstration has its passwords, and no telephone that belongs to them.
    os.environ.setdefault("SECOND_FACTOR", "optional")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "OC_PIZZA.settings")


def _empty(folder: Path) -> Path:
    """Where the processes count: of those of the last time, none is left."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    return folder


def _secret(file: Path) -> str:
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(secrets.token_urlsafe(48))
    return file.read_text()


def _prepare() -> None:
    import django  # noqa: PLC0415 - reads the environment that was just made
    from django.core.management import call_command  # noqa: PLC0415

    django.setup()
    with _step("Database schema"):
        call_command("migrate", verbosity=0, interactive=False)
    with _step("Static files"):
        call_command("collectstatic", verbosity=0, interactive=False)
    with _step("Demo group"):
        call_command("createdemo", verbosity=0, days=int(os.environ.get("DEMO_DAYS", "30")))
    from django.db import connections  # noqa: PLC0415

    connections.close_all()


@dataclass(slots=True, kw_only=True)
class Child:
    """A process of the site."""

    name: str
    command: list[str]
    starts: int = 0
    process: "subprocess.Popen[bytes]" = field(init=False)

    def start(self) -> None:
        self.starts += 1
        # A session of its own: Ctrl-C reaches `make run` alone, which stops its children in order.
        self.process = subprocess.Popen([*ENDS_WITH_US, *self.command], cwd=CHECKOUT, start_new_session=True)

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def ending(self) -> str:
        return f"{self.name} ended by itself with code {self.process.returncode}"

    def stop(self) -> None:
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def _children(place: Place) -> Iterator[list[Child]]:
    gunicorn = [
        sys.executable, "-m", "gunicorn", "OC_PIZZA.onebox:application",
        # Its workers are copies of what the master has read.
        "--worker-class", "asgi", "--workers", "2", "--preload",
        "--bind", f"{place.host}:{place.port}", "--graceful-timeout", "3", "--timeout", "120",
        "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    worker = [sys.executable, str(CHECKOUT / "manage.py"), "procrastinate", "worker", "--concurrency", "2"]
    running: list[Child] = []
    try:
        for child in (Child(name="gunicorn", command=gunicorn), Child(name="worker", command=worker)):
            child.start()
            running.append(child)
        yield running
    finally:
        for child in running:
            child.process.terminate()
        for child in running:
            child.stop()


def _wait_until_ready(place: Place, children: list[Child]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for child in children:
            if child.has_ended:
                raise CannotRunError(f"{child.ending}; its last words are above.")
        # Anything but a 200 is an HTTPError: not ready yet, like a connection that nobody answers.
        with contextlib.suppress(urllib.error.URLError, ConnectionError, TimeoutError):
            urllib.request.urlopen(f"{place.url}readyz", timeout=2).close()  # nosec B310
            return
        time.sleep(0.1)
    raise CannotRunError(f"The site did not get ready in {READY_SECONDS} s; {place.url}readyz says why.")


def _watch(children: list[Child]) -> None:
    """Start anew what ends by itself, as systemd does on a server; give up on what does not live."""
    while True:
        for child in children:
            if not child.has_ended:
                continue
            if child.starts == MOST_STARTS:
                raise CannotRunError(f"{child.ending}; its last words are above.")
            print(f"{RED}{child.ending}; started again.{PLAIN}", file=sys.stderr, flush=True)
            child.start()
        time.sleep(1)


@contextlib.contextmanager
def _step(name: str) -> Iterator[None]:
    started = time.monotonic()
    print(f"  {name} … ", end="", flush=True)
    yield
    print(f"{GREEN}ok{PLAIN} {DIM}{time.monotonic() - started:.1f} s{PLAIN}", flush=True)


def _welcome(place: Place, seconds: float) -> None:
    from pizzeria.operations.demo import demo_logins  # noqa: PLC0415 - needs Django

    print(f"\n{BOLD}OC Pizza{PLAIN} is open, {seconds:.1f} s later\n")
    for name, path in (("Shop", ""), ("Back office", "equipe/"), ("API", "api/v1/docs"), ("Health", "readyz")):
        print(f"  {name:<12} {BOLD}{place.url}{path}{PLAIN}")
    print(f"\n  {'Demo logins':<40} password")
    for role, identifier, password in demo_logins():
        print(f"  {role:<14} {identifier:<25} {password}")
    print(f"\n{DIM}  Ctrl-C stops everything and keeps the data; `make reset` starts over.{PLAIN}\n", flush=True)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: CPython remembers a Ctrl-C that came inside an exec() (every dataclass that is being imported
    # is one) even when it was caught, and would end by the signal instead of with this code.
    os._exit(code)
