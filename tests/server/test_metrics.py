"""What a deployed server tells Prometheus, and whom else: nobody. And the minutes that its worker writes down."""

import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, Site, deployed_server
from tests.server.machine import Rack, Server

SUITES = ("bookworm",)
"""See `conftest`: the distribution has no part in what is tried here."""

PORT = 9145
FOLDER = "/run/oc-pizza-metrics"
PLACED = r'oc_pizza_orders_placed_total\{channel="online",store="bastille"\}'
MINUTE_SECONDS = 75
"""A minute ends, and the worker looks for what is due."""
SAMPLES = """
from pizzeria.supervision.models import Sample
for sample in Sample.objects.all():
    print(sample.cpu, sample.memory, sample.disk, sample.received, sample.sent)
"""
# Of which processes there are files: all of them live, but for the one that stands for the dead.
OF_THE_DEAD = (
    f"for file in {FOLDER}/*_*.db; do pid=${{file##*_}}; pid=${{pid%.db}};"
    " [ $pid = 0 ] || kill -0 $pid 2>/dev/null || echo $file; done"
)


@pytest.fixture(scope="module")
def server(rack: Rack, suite: str) -> Iterator[Server]:
    """One server for all that is asked here."""
    with deployed_server(rack, suite) as deployed:
        yield deployed


def scrape(server: Server) -> str:
    return server.run(f"curl -fsS http://127.0.0.1:{PORT}/metrics").stdout


def value(server: Server, series: str) -> float:
    found = re.search(rf"^{series} (\S+)$", scrape(server), re.MULTILINE)
    assert found, series
    return float(found[1])


def place(server: Server) -> None:
    site = Site(server)
    assert site.place(site.order_body()).status == 201


def test_prometheus_is_told_on_the_server_itself(server: Server) -> None:
    told = scrape(server)
    assert re.search(r"^oc_pizza_database_up 1.0$", told, re.MULTILINE)
    promtool = shutil.which("promtool", path=f"{Path(sys.executable).parent}:/usr/bin")
    assert promtool, "promtool is missing: local/install.sh dev"
    checked = subprocess.run([promtool, "check", "metrics"], input=told.encode(), capture_output=True, check=False)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_nobody_elsewhere_is_told(server: Server) -> None:
    with socket.socket() as attempt:
        attempt.settimeout(1)
        assert attempt.connect_ex((server.address, PORT)) != 0
    assert server.run(f"ss -Hltn 'sport = :{PORT}' | awk '{{print $4}}'").stdout == f"127.0.0.1:{PORT}\n"
    answer = Site(server).ask("/metrics", x_forwarded_for="")
    assert answer.status == 404
    assert b"oc_pizza_" not in answer.body


def test_an_order_is_counted_and_the_count_outlives_every_process(server: Server) -> None:
    before = value(server, PLACED)
    place(server)
    assert value(server, PLACED) == before + 1
    server.run("systemctl kill --kill-whom=main --signal=KILL gunicorn && systemctl restart gunicorn")
    until(Site(server).is_ready, "the site does not come back", timeout=60)
    assert value(server, PLACED) == before + 1
    assert server.run(f"stat -c '%U %G %a' {FOLDER}").stdout == "ubuntu_user www-data 750\n"


def test_each_minute_is_written_down_and_the_counts_of_the_dead_are_put_together(server: Server) -> None:
    place(server)
    for _try in range(3):
        server.run("systemctl restart gunicorn oc-pizza-live")
        until(Site(server).is_ready, "the site does not come back", timeout=60)
        # A minute that began meanwhile has put them together already.
        if server.run(OF_THE_DEAD).stdout:
            break
    else:
        pytest.fail("nobody has died")
    before = value(server, PLACED)

    until(lambda: server.run(OF_THE_DEAD).stdout == "", "the dead are not put together", timeout=MINUTE_SECONDS)

    # The living still count where they did.
    assert value(server, PLACED) == before
    place(server)
    assert value(server, PLACED) == before + 1
    told = server.run(f"cd {HOME}/OC_PIZZA && ./manage.py shell --no-imports", stdin=SAMPLES).stdout
    cpu, memory, disk, received, sent = map(float, told.splitlines()[-1].split())
    assert 0 <= cpu <= 100
    assert 0 < memory < 100
    assert 0 < disk < 100
    assert min(received, sent) >= 0
    # What is told is at most ten seconds old.
    until(lambda: "\noc_pizza_host_memory_ratio 0." in scrape(server), "the host is not told of", timeout=20)
