"""A site to measure: PostgreSQL with its durable defaults, the demo group, gunicorn, nginx."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from local.nginx import Front, NginxError, running
from local.postgres import Cluster, cluster_at

CHECKOUT = Path(__file__).resolve().parent.parent
ENGINE = CHECKOUT / "DEPLOY_ENGINE"
AS_DELIVERED = dict(
    line.split("=", 1) for line in (ENGINE / "deploy.conf").read_text().splitlines() if line.startswith("WEB_")
)
PAGES = (
    "OC_PIZZA.wsgi:application", "/readyz",
    # The server's own settings: its workers are copies of what the master has read.
    "--config", str(ENGINE / "conf_files" / "gunicorn.conf.py"),
    "--workers", AS_DELIVERED["WEB_WORKERS"], "--threads", AS_DELIVERED["WEB_THREADS"], "--keep-alive", "60",
)  # fmt: skip
LIVE = (
    "OC_PIZZA.asgi:application",
    "/live/?topic=menu:1",
    "--worker-class",
    "asgi",
    "--workers",
    "1",
    "--graceful-timeout",
    "2",
)
DATABASE = "oc_pizza"

NGINX = """
daemon off; worker_processes 2; pid {home}/nginx.pid; error_log {home}/nginx.log; user nobody nogroup;
events {{ worker_connections 512; }}
http {{
    access_log off; sendfile on; tcp_nopush on; default_type text/html; keepalive_requests 100000000;
    client_body_temp_path {home}/body; proxy_temp_path {home}/proxy; fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi; scgi_temp_path {home}/scgi;
    server {{ listen 127.0.0.1:{port}; root {home}/files; }}
}}
"""


class BenchmarkError(Exception):
    """Something that the benchmark needs is missing or does not answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where everything that is measured answers."""

    home: Path
    cluster: Cluster
    environment: dict[str, str]
    pages: str
    live: str
    files: str
    front: Front
    """The server's nginx, with the pages behind it."""

    @property
    def fronted(self) -> str:
        return f"http://{self.front.domain}:{self.front.port}"

    @property
    def database_url(self) -> str:
        return self.cluster.url(DATABASE)


def require(*programs: str) -> None:
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        raise BenchmarkError(f"make bench needs {', '.join(missing)}: apt-get install wrk nginx-light")


@contextlib.contextmanager
def place() -> Iterator[Place]:
    home = Path(tempfile.mkdtemp(prefix="oc-pizza-bench-"))
    home.chmod(0o755)
    cluster = cluster_at(home / "postgres")
    try:
        cluster.start()
        cluster.ensure_database(DATABASE)
        environment = _environment(home, cluster)
        _manage(environment, "migrate", "-v0")
        _manage(environment, "collectstatic", "--noinput", "-v0")
        _manage(environment, "createdemo", "--days", "1")
        front = _front(home)
        with (
            _gunicorn(environment, *PAGES, "--bind", f"unix:{front.pages}") as pages,
            _gunicorn(environment, *LIVE) as live,
            _nginx(home) as files,
            running(front),
        ):
            yield Place(
                home=home, cluster=cluster, environment=environment, pages=pages, live=live, files=files, front=front
            )
    except NginxError as error:
        raise BenchmarkError(str(error)) from error
    finally:
        cluster.stop()
        shutil.rmtree(home, ignore_errors=True)


def _front(home: Path) -> Front:
    return Front(
        folder=home / "front",
        home=home / "home",
        pages=home / "gunicorn.sock",
        live=home / "live.sock",
        port=_free_port(),
        tls_port=_free_port(),
        metrics_port=_free_port(),
        domain="127.0.0.1",
    )


def _environment(home: Path, cluster: Cluster) -> dict[str, str]:
    # Counted as on a server: what that costs is part of every figure.
    counts = home / "counts"
    counts.mkdir(exist_ok=True)
    return os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(counts),
        "DATABASE_URL": cluster.url(DATABASE),
        "SECRET_KEY": "of-a-benchmark-and-of-nothing-else-0123456789",
        "ALLOWED_HOSTS": "127.0.0.1",
        "STATIC_ROOT": str(home / "static"),
        "RELEASE_ID": "benchmark",
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
    }


def _manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], cwd=CHECKOUT, env=environment, check=True)


@contextlib.contextmanager
def _gunicorn(environment: dict[str, str], application: str, probe: str, *options: str) -> Iterator[str]:
    port = _free_port()
    command = [
        sys.executable, "-m", "gunicorn", application, *options,
        "--bind", f"127.0.0.1:{port}", "--no-control-socket", "--log-level", "warning",
    ]  # fmt: skip
    with _running(command, f"http://127.0.0.1:{port}{probe}", environment):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _nginx(home: Path) -> Iterator[str]:
    port = _free_port()
    (home / "files").mkdir()
    (home / "files" / "index.html").write_text("ready")
    (home / "nginx.conf").write_text(NGINX.format(home=home, port=port))
    with _running(["nginx", "-p", str(home), "-c", str(home / "nginx.conf")], f"http://127.0.0.1:{port}/", {}):
        yield f"http://127.0.0.1:{port}"


@contextlib.contextmanager
def _running(command: list[str], probe: str, environment: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=CHECKOUT, env=os.environ | environment)
    try:
        deadline = time.monotonic() + 30
        while not _answers(probe):
            if process.poll() is not None or time.monotonic() > deadline:
                raise BenchmarkError(f"{command[0]} did not start")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])
