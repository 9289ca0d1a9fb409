"""`make run` on a newcomer's machine: starts, says what is wrong, keeps the data, stops, starts over."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.running import (
    CHECKOUT,
    OURS,
    OUTPUT,
    START_SECONDS,
    Site,
    free_port,
    is_ready,
    migrated_data_folder,
    new_data_folder,
    opened,
    run,
    start_site,
    stop_site,
)

pytestmark = pytest.mark.machine

REFUSAL_SECONDS = 30
ORDINARY_USER = "nobody"


@pytest.fixture
def data() -> Iterator[Path]:
    folder = new_data_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def migrated_data() -> Iterator[Path]:
    folder = migrated_data_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _ask(site: Site, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
    content = json.dumps(body).encode() if body else None
    request = urllib.request.Request(
        f"{site.url}/api/v1{path}", content, {"Content-Type": "application/json"} | headers
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def _order_a_pizza(site: Site) -> str:
    """Place an order through the API; its token."""
    menu = _ask(site, "/stores/bastille/menu")
    reine = next(product for product in menu["products"] if product["slug"] == "reine")
    asked = {"lines": [{"variant": reine["variants"][0]["id"]}], "fulfilment": "collection"}
    total = _ask(site, "/stores/bastille/quote", asked)["total"]
    contact = {"first_name": "Gaspard", "last_name": "Visiteur", "phone": "0639981234"}
    order = asked | {"store": "bastille", "payment_method": "cash", "contact": contact, "expected_total": total}
    return str(_ask(site, "/orders", order, **{"Idempotency-Key": "make-run-test-1"})["token"])


def _refusal(data: Path, *, port: int, **environment: str) -> str:
    process = run(data, port=port, **environment)
    assert process.wait(REFUSAL_SECONDS) == 1
    return (data / OUTPUT).read_text()


def test_a_second_start_keeps_the_data_and_reset_starts_over(data: Path) -> None:
    port = free_port()
    site = start_site(data, port=port, DEMO_DAYS="1")
    said = site.output.read_text()
    assert f"http://127.0.0.1:{port}/" in said
    assert "luca.bastille" in said
    # The people of the demonstration are written to by nobody.
    assert "Subject:" not in said
    token = _order_a_pizza(site)
    # Whichever process took it; the history that the demo begins with was not placed now.
    with urllib.request.urlopen(f"{site.url}/metrics", timeout=20) as answer:
        assert 'oc_pizza_orders_placed_total{channel="online",store="bastille"} 1.0' in answer.read().decode()
    assert stop_site(site) == 0
    assert not is_ready(site)

    again = start_site(data, port=port, DEMO_DAYS="1")
    assert _ask(again, f"/orders/{token}")["status"] == "to_prepare"
    with (data / "refused.txt").open("w") as other:
        # The same copy a second time would stop the first one's database.
        second = subprocess.run(
            [sys.executable, "-m", "local.run"],
            cwd=CHECKOUT, stdout=other, stderr=other, check=False,
            env=os.environ | {"OC_PIZZA_DATA": str(data), "PORT": str(free_port())},
        )  # fmt: skip
    assert second.returncode == 1
    assert "already runs" in (data / "refused.txt").read_text()
    _until(lambda: is_ready(again))
    assert stop_site(again) == 0

    assert run(data, "reset", port=port).wait(REFUSAL_SECONDS) == 0
    assert not (data / "postgres").exists()


def test_a_site_that_was_killed_leaves_nothing_in_the_way_of_the_next_start(migrated_data: Path) -> None:
    data, port = migrated_data, free_port()
    site = start_site(data, port=port, DEMO_DAYS="1")
    token = _order_a_pizza(site)
    # A part that was killed alone comes back by itself.
    for part in ("gunicorn", "procrastinate"):
        _kill(_child_of(site, part))
        _until(partial(_child_of, site, part))
    _until(lambda: is_ready(site))
    assert _ask(site, f"/orders/{token}")["status"] == "to_prepare"

    site.process.kill()
    site.process.wait()
    _until(lambda: _is_free(port))

    again = start_site(data, port=port, DEMO_DAYS="1")
    assert _ask(again, f"/orders/{token}")["status"] == "to_prepare"
    assert stop_site(again) == 0


@pytest.mark.parametrize("moment", ["PostgreSQL …", "Demo group …"])
def test_a_first_start_that_was_interrupted_is_taken_up_by_the_next(data: Path, moment: str) -> None:
    port = free_port()
    first = run(data, port=port, DEMO_DAYS="1")
    _until(lambda: moment in (data / OUTPUT).read_text())
    # An impatient Ctrl-C, and another: the second one changes nothing.
    first.send_signal(signal.SIGINT)
    time.sleep(0.1)
    first.send_signal(signal.SIGINT)
    assert first.wait(REFUSAL_SECONDS) == 0, (data / OUTPUT).read_text()
    assert _is_free(port)
    assert "Traceback" not in (data / OUTPUT).read_text()

    site = start_site(data, port=port, DEMO_DAYS="1")
    assert _ask(site, f"/orders/{_order_a_pizza(site)}")["status"] == "to_prepare"
    assert len(_ask(site, "/stores")["stores"]) == 8
    assert stop_site(site) == 0


def test_an_initdb_that_an_interrupt_has_left_behind_does_not_empty_the_folder_of_the_next(data: Path) -> None:
    home = data / "postgres"
    first = _makes_a_cluster(home)
    _until(lambda: _initdb_of(first) and list(home.glob("data.unfinished*/PG_VERSION")))
    orphan = _initdb_of(first)
    assert orphan
    os.kill(orphan, signal.SIGSTOP)
    first.kill()
    first.wait()

    second = _makes_a_cluster(home)
    _until(lambda: _initdb_of(second) and list(home.glob("data.unfinished*/PG_VERSION")))
    # It fails now, its folder being gone, and removes what it thinks is its own.
    os.kill(orphan, signal.SIGCONT)
    assert second.wait(REFUSAL_SECONDS) == 0
    assert (home / "data" / "PG_VERSION").exists()
    _until(lambda: not Path(f"/proc/{orphan}").exists())


def _makes_a_cluster(home: Path) -> "subprocess.Popen[bytes]":
    """A process that makes PostgreSQL's folder, starts it and stops it."""
    program = (
        "import sys; from pathlib import Path; from local.postgres import cluster_at;"
        " cluster = cluster_at(Path(sys.argv[1])); cluster.start(); cluster.stop()"
    )
    return subprocess.Popen([sys.executable, "-c", program, str(home)], cwd=CHECKOUT)


def _initdb_of(process: "subprocess.Popen[bytes]") -> int | None:
    told = subprocess.run(
        ["ps", "--ppid", str(process.pid), "-o", "pid=,comm="], capture_output=True, text=True, check=False
    ).stdout
    return next((int(line.split()[0]) for line in told.splitlines() if "initdb" in line), None)


def _child_of(site: Site, part: str) -> int | None:
    """The process id of a part of the site; None while it does not run."""
    told = subprocess.run(
        ["ps", "--ppid", str(site.process.pid), "-o", "pid=,args="], capture_output=True, text=True, check=False
    ).stdout
    pids = [int(line.split()[0]) for line in told.splitlines() if part in line]
    return pids[0] if pids else None


def _kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)
    # Gone at once from the list of who runs, or a zombie until its parent looks.
    _until(lambda: "Z" in _state(pid) or not _state(pid))


def _state(pid: int) -> str:
    return subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout


def _is_free(port: int) -> bool:
    with socket.socket() as attempt:
        attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            attempt.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_taken_port_is_a_clear_error(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = _refusal(data, port=port)
    assert f"Port {port}" in said
    assert f"make run PORT={port + 1}" in said


def test_a_port_that_is_no_port_is_a_clear_error(data: Path) -> None:
    assert "PORT is a number" in _refusal(data, port=99999)


@pytest.fixture
def fresh_clone() -> Iterator[Path]:
    """What somebody gets who clones the project, owned by an ordinary user, in a folder whose name has a space."""
    folder = new_data_folder()
    clone = folder / "oc pizza"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{CHECKOUT}", clone], check=True)
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", ORDINARY_USER, folder], check=True)
    yield clone
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def beside(migrated_data: Path) -> Iterator[Site]:
    """Another copy that already runs."""
    site = start_site(migrated_data, port=free_port(), DEMO_DAYS="1")
    yield site
    assert stop_site(site) == 0


def test_an_ordinary_user_types_make_run_in_a_fresh_clone_beside_a_running_copy(
    fresh_clone: Path, beside: Site
) -> None:
    port, output = free_port(), fresh_clone / OUTPUT
    # Nor where a run of tests keeps its bytecode: that is not this user's to write.
    kept = {name: value for name, value in os.environ.items() if name not in (*OURS, "PYTHONPYCACHEPREFIX")}
    with output.open("w") as out:
        process = subprocess.Popen(
            ["make", "run"],
            cwd=fresh_clone, stdout=out, stderr=out, text=True, start_new_session=True,
            # The system's own Python, as on a machine that has nothing else.
            env=kept | {"PATH": "/usr/bin:/bin", "HOME": str(fresh_clone), "PORT": str(port), "DEMO_DAYS": "1"},
            user=ORDINARY_USER if os.geteuid() == 0 else None,
        )  # fmt: skip
    newcomer = opened(Site(data=fresh_clone / ".data", port=port, process=process, output=output))
    token = _order_a_pizza(newcomer)
    assert _ask(newcomer, f"/orders/{token}")["status"] == "to_prepare"
    # As Ctrl-C in their terminal: the whole foreground group hears it.
    os.killpg(process.pid, signal.SIGINT)
    process.wait(30)
    assert not is_ready(newcomer)
    _until(lambda: is_ready(beside))
