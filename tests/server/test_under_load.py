"""Clients go on ordering while the operator reloads, restarts and deploys: nothing is lost."""

import time
from collections.abc import Iterator

import pytest

from tests.server.clients import Orders, allow_any_number, assert_all_kept, clients_ordering
from tests.server.commands import until
from tests.server.deploying import DOMAIN, PROJECT, Site, change_project, deploy, deployed_server, release_in_service
from tests.server.machine import Rack, Server

SUITES = ("bookworm",)
"""See `conftest`. Under the newer Debian clients order while it is updated: `test_update`."""

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
        allow_any_number(deployed)
        yield deployed


def main_pid(server: Server) -> int:
    return int(server.run("systemctl show -p MainPID --value gunicorn").stdout)


def assert_nothing_lost(site: Site, orders: Orders, load: str) -> None:
    assert_all_kept(site, orders)
    assert orders.told_to_come_back == 0
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


def test_a_live_page_stays_open_through_reloads_under_load(server: Server) -> None:
    site = Site(server)
    order = site.place(site.order_body()).json()
    page = f"https://{DOMAIN}/live/?topic=order:{order['token']}"
    open_page = server.spawn(f"exec curl --silent --no-buffer --insecure --resolve {DOMAIN}:443:127.0.0.1 '{page}'")
    until(lambda: "hello" in open_page.output(), "the stream does not open")
    with clients_ordering(site) as orders:
        for _reload in range(3):
            time.sleep(2)
            server.run("systemctl reload gunicorn")
        site.ask(f"/api/v1/orders/{order['token']}/cancel", method="POST")
        until(lambda: "cancelled" in open_page.output(), "the open page does not hear of it")
    # On the connection of the beginning: it never had to come back.
    assert open_page.is_running
    assert open_page.output().count("event: hello") == 1
    open_page.kill()
    assert_all_kept(site, orders)
    assert orders.told_to_come_back == 0


def test_a_gunicorn_that_is_killed_loses_no_request_and_no_order(server: Server) -> None:
    site = Site(server)
    with clients_ordering(site) as orders:
        load = server.spawn(LOAD.format(seconds=20))
        for _time in range(2):
            time.sleep(5)
            # Between two of them there is none, and 0 would be whoever kills.
            until(lambda: main_pid(server), "gunicorn does not come back")
            server.run(f"kill -KILL {main_pid(server)}")
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
