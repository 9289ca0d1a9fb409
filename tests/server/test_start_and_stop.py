"""Chapter 5 of the manual: désactivation, activation, réactivation, rechargement."""

import json
import re
from collections.abc import Iterator

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, Site, deployed_server, release_in_service
from tests.server.machine import Rack, Server

UNITS = (
    "gunicorn.socket",
    "gunicorn.service",
    "oc-pizza-live.socket",
    "oc-pizza-live.service",
    "oc-pizza-worker.service",
)
TIMER = "oc-pizza-cron-city_001-cyclic_update.timer"


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        yield deployed


def states(server: Server) -> set[str]:
    return set(server.run(f"systemctl is-active {' '.join(UNITS)} {TIMER}", check=False).stdout.split())


def main_pid(server: Server, unit: str = "gunicorn") -> int:
    return int(server.run(f"systemctl show -p MainPID --value {unit}").stdout)


def test_stopped_means_stopped_until_it_is_started_and_a_visitor_reads_why(server: Server) -> None:
    site = Site(server)
    server.run("systemctl stop gunicorn")
    assert server.run("systemctl status gunicorn", check=False).returncode == 3
    page = site.ask("/")
    assert page.status == 503
    assert page.headers["Retry-After"]
    assert "OC Pizza" in page.text
    problem = site.ask("/api/v1/stores")
    assert (problem.status, problem.headers["Content-Type"].partition(";")[0]) == (503, "application/problem+json")
    assert json.loads(problem.body)["status"] == 503
    # What belongs to it ends within its few seconds, and nothing that a visitor asked has woken it.
    until(lambda: states(server) == {"inactive"}, "something stays on", timeout=60)
    assert server.run("ls /run/gunicorn.sock", check=False).returncode != 0

    server.run("systemctl start gunicorn")
    until(site.is_ready, "the site is not ready again", timeout=30)
    until(lambda: states(server) == {"active"}, "something stays off")
    assert site.place(site.order_body()).status == 201


def test_a_stopped_site_stays_stopped_only_until_the_next_boot(server: Server) -> None:
    server.run("systemctl stop nginx && systemctl stop gunicorn")
    server.reboot()
    until(Site(server).is_ready, "the site is not up after a boot", timeout=60)
    until(lambda: states(server) == {"active"}, "something stays off")


def test_restarting_and_reloading_keep_the_release_and_renew_the_processes(server: Server) -> None:
    site, release, before = Site(server), release_in_service(server), main_pid(server)
    server.run("systemctl reload gunicorn")
    until(site.is_ready, "the site is not ready after a reload")
    assert main_pid(server) == before
    server.run("systemctl restart gunicorn && systemctl restart nginx")
    until(site.is_ready, "the site is not ready after a restart")
    assert main_pid(server) != before
    assert site.ask("/readyz").json()["release"] == release
    until(lambda: states(server) == {"active"}, "something stays off")


def kill_and_wait(server: Server, unit: str) -> None:
    # The end of gunicorn takes the others along: first they settle.
    until(lambda: states(server) == {"active"}, f"{unit} does not run", timeout=30)
    before = int(server.run(f"pid=$(systemctl show -p MainPID --value {unit}) && kill -KILL $pid && echo $pid").stdout)
    until(lambda: main_pid(server, unit) not in {0, before}, f"{unit} stays dead", timeout=30)


def test_a_process_that_dies_is_replaced(server: Server) -> None:
    site = Site(server)
    for unit in ("gunicorn", "oc-pizza-live", "oc-pizza-worker"):
        kill_and_wait(server, unit)
    until(site.is_ready, "the site is not ready again", timeout=30)
    assert states(server) == {"active"}


def test_the_site_survives_a_restart_of_the_database(server: Server) -> None:
    site = Site(server)
    server.run("systemctl restart postgresql")
    until(site.is_ready, "the site does not find the database again", timeout=30)
    until(lambda: states(server) == {"active"}, "something stays off", timeout=60)


def test_code_that_does_not_import_any_more_is_not_reloaded(server: Server) -> None:
    site, before = Site(server), main_pid(server)
    server.run(f"echo 'import no_such_module' >>{HOME}/OC_PIZZA/OC_PIZZA/wsgi.py")
    assert server.run("systemctl reload gunicorn", check=False).returncode != 0
    until(site.is_ready, "the site is not ready", timeout=30)
    assert main_pid(server) == before
    assert "no_such_module" in server.journal("gunicorn")


def test_every_job_of_cronjobs_has_a_timer_that_runs_it(server: Server) -> None:
    timers = server.run("systemctl list-timers --all --no-legend 'oc-pizza-cron-*'").stdout
    for city in ("city_001", "city_002", "city_003"):
        assert f"oc-pizza-cron-{city}-cyclic_update.timer" in timers
    next_run = server.run(f"systemctl show -p NextElapseUSecRealtime --value {TIMER}").stdout
    hours = server.run(f"TZ=Europe/Paris date -d '{next_run.strip()}' +%H:%M").stdout
    assert hours.strip() == "06:00"
    server.run("systemctl start oc-pizza-cron-city_001-cyclic_update.service")
    assert re.search(
        r"Deactivated successfully|Finished", server.journal("oc-pizza-cron-city_001-cyclic_update.service")
    )
