"""Clients go on ordering while the operator reloads, restarts and deploys: nothing is lost."""

import http.client
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from tests.server.deploying import (
    DOMAIN,
    PROJECT,
    Answer,
    Site,
    change_project,
    deploy,
    deployed_server,
    release_in_service,
)
from tests.server.machine import Rack, Server

CLIENTS = 3
LOAD = f"wrk -t1 -c8 -d{{seconds}} -s /root/count.lua --timeout 30s -H 'Host: {DOMAIN}' https://localhost/carte/bastille/?lang=en"
COUNT = """
done = function(summary)
  local errors, total = summary.errors, 0
  for _, kind in ipairs({"connect", "read", "write", "status", "timeout"}) do
    total = total + errors[kind]
    print(kind, errors[kind])
  end
  print("requests", summary.requests, "failed", total)
end
"""


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        deployed.run("apt-get -q -y install wrk >/dev/null", timeout=300)
        deployed.write("/root/count.lua", COUNT)
        # All these clients come from one address, as no clients do: nginx's limits are proved elsewhere.
        deployed.run(f"echo '{deployed.host_address} 1;' >>/etc/nginx/oc_pizza/unlimited.conf")
        deployed.run(f"{PROJECT}/DEPLOY_ENGINE/nginx-scripts.sh")
        yield deployed


@dataclass
class Orders:
    """What clients who order without a pause have been answered."""

    placed: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    slowest: float = 0

    def heard(self, answer: Answer | Exception, seconds: float) -> None:
        self.slowest = max(self.slowest, seconds)
        if isinstance(answer, Answer) and answer.status == http.HTTPStatus.CREATED:
            self.placed.append(answer.json())
        # Sold out is an answer.
        elif not isinstance(answer, Answer) or answer.status != http.HTTPStatus.CONFLICT:
            self.refused.append(f"{answer.status} {answer.text[:200]}" if isinstance(answer, Answer) else repr(answer))


@contextmanager
def clients_ordering(site: Site) -> Iterator[Orders]:
    orders, enough = Orders(), threading.Event()
    bodies = itertools.cycle([site.order_body(store) for store in ("bastille", "part-dieu", "vieux-port")])
    guard = threading.Lock()

    def order() -> None:
        while not enough.is_set():
            with guard:
                body = next(bodies)
            begun = time.monotonic()
            try:
                answer: Answer | Exception = site.place(body, timeout=60)
            except (OSError, http.client.HTTPException) as error:
                answer = error
            with guard:
                orders.heard(answer, time.monotonic() - begun)
            time.sleep(0.05)

    threads = [threading.Thread(target=order) for _client in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        yield orders
    finally:
        enough.set()
        for thread in threads:
            thread.join()


def assert_nothing_lost(site: Site, orders: Orders, load: str) -> None:
    assert orders.refused == []
    assert len(orders.placed) > 20
    for order in orders.placed:
        assert site.ask(f"/api/v1/orders/{order['token']}").status == 200
    errors = site.server.run("tail -n 20 /var/log/nginx/oc_pizza_error.log", check=False).stdout
    assert load.split("failed")[1].split(maxsplit=1)[0] == "0", f"{load}\n{errors}"


def test_reloading_and_restarting_lose_no_request_and_no_order(server: Server) -> None:
    site = Site(server)
    with clients_ordering(site) as orders:
        load = server.spawn(LOAD.format(seconds=24))
        for command in ("reload", "reload", "restart", "reload"):
            time.sleep(4)
            server.run(f"systemctl {command} gunicorn")
        told = load.wait(timeout=120).output
    assert_nothing_lost(site, orders, told)


def test_a_gunicorn_that_is_killed_loses_no_request_and_no_order(server: Server) -> None:
    site = Site(server)
    with clients_ordering(site) as orders:
        load = server.spawn(LOAD.format(seconds=20))
        for _time in range(2):
            time.sleep(5)
            server.run("kill -KILL $(systemctl show -p MainPID --value gunicorn)")
        told = load.wait(timeout=120).output
    assert_nothing_lost(site, orders, told)


def test_deploying_a_new_release_loses_no_request_and_no_order(server: Server) -> None:
    site, before = Site(server), release_in_service(server)
    page = site.ask("/").text
    change_project(server)
    server.run(f"echo '/* another look */' >>{PROJECT}/pizzeria/shop/static/oc_pizza/css/house.css")
    with clients_ordering(site) as orders:
        load = server.spawn(LOAD.format(seconds=600))
        deploy(server)
        server.run("pkill -INT wrk")
        told = load.wait(timeout=120).output
    assert release_in_service(server) != before
    assert_nothing_lost(site, orders, told)
    # A page that was loaded before the switch still gets the files that it names.
    old_style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    assert old_style not in site.ask("/").text
    assert site.ask(old_style).status == 200
