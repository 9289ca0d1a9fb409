"""A copy of the site started as `make run` starts it, in a folder and on a port of its own."""

import os
import random
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest

from local.postgres import cluster_at
from tests.migrated import lay_out

CHECKOUT = Path(__file__).resolve().parent.parent
START_SECONDS = 600
PORTS = range(20_000, 32_000)
"""Below those that Linux gives by itself: between a look and its use no connection of anybody else can get one of these."""
OUTPUT = "output.txt"
OPEN = "is open"

OURS = {"DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "RELEASE_ID", "STATIC_ROOT", "DJANGO_SETTINGS_MODULE"}
"""What the unit tests set for themselves: the site under test makes its own."""


@dataclass
class Site:
    """A running copy of the site, with a data folder of its own."""

    data: Path
    port: int
    process: "subprocess.Popen[str]"
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def free_port() -> int:
    """A port on which nobody listens. It may be bound minutes later: no other process of tests is given it while this one lives."""
    for port in random.sample(PORTS, len(PORTS)):
        if _can_bind(socket.AF_UNIX, f"\0oc-pizza-port-{port}", keep=True) and _can_bind(
            socket.AF_INET, ("127.0.0.1", port)
        ):
            return port
    raise RuntimeError("no port is free")


def _can_bind(family: int, address: str | tuple[str, int], *, keep: bool = False) -> bool:
    with socket.socket(family) as attempt:
        try:
            attempt.bind(address)
        except OSError:
            return False
        if keep:
            # Until the process ends.
            attempt.detach()
        return True


def run(data: Path, *arguments: str, port: int, **environment: str) -> "subprocess.Popen[str]":
    """The command that `make run` and `make reset` give, its output in the data folder."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    with (data / OUTPUT).open("a") as out:
        return subprocess.Popen(
            [sys.executable, "-m", "local.run", *arguments],
            cwd=CHECKOUT,
            env=kept | {"OC_PIZZA_DATA": str(data), "PORT": str(port), "PYTHONUNBUFFERED": "1"} | environment,
            stdout=out,
            stderr=out,
            text=True,
        )


def start_site(data: Path, *, port: int, **environment: str) -> Site:
    """Start the site with `make run`'s own command and wait until it says that it is open."""
    (data / OUTPUT).write_text("")
    process, output = run(data, port=port, **environment), data / OUTPUT
    return opened(Site(data=data, port=port, process=process, output=output))


def opened(site: Site) -> Site:
    """The same site, once it says that it is open; the test fails with its output when it never does."""
    process, output = site.process, site.output
    deadline = time.monotonic() + START_SECONDS
    while OPEN not in output.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            process.wait()
            pytest.fail(f"the site did not start:\n{output.read_text()}")
        time.sleep(0.2)
    return site


def is_ready(site: Site) -> bool:
    try:
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def stop_site(site: Site) -> int:
    """Stop it as Ctrl-C does; the exit code."""
    site.process.terminate()
    return site.process.wait(90)


def migrated_data_folder() -> Path:
    """One whose database has its schema already, where a run has kept it: the rest of a first start goes on from there."""
    folder = new_data_folder()
    lay_out(cluster_at(folder / "postgres"), "oc_pizza")
    return folder


def new_data_folder() -> Path:
    """A folder that every user may pass through: PostgreSQL runs as nobody when the tests run as root."""
    folder = Path(tempfile.mkdtemp(prefix="oc-pizza-site-"))
    folder.chmod(0o755)
    return folder
