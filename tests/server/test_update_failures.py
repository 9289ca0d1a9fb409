"""Whatever goes wrong in an update, the site and its data are what they were."""

import signal
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.server.deploying import (
    HOME,
    PROJECT,
    Site,
    begin_deploy,
    change_libraries,
    deployed_server,
    last_run,
    release_in_service,
    wait_for_event,
)
from tests.server.machine import Rack, Result, Server
from tests.server.test_update import HEAVY
from tests.server.updating import UPDATE_LOGS, begin_update, databases, digests, module, page, picture, table, update

SUITES = ("trixie",)
"""See `conftest`: the distribution has no part in what is tried here."""

CLOSED = "/run/oc-pizza-closed"
BACKUPS = f"{HOME}/OC_PIZZA_shared/backups"


@pytest.fixture
def server(rack: Rack) -> Iterator[Server]:
    with deployed_server(rack, "bookworm") as deployed:
        yield deployed


@dataclass(frozen=True)
class State:
    """All that must not change when nothing was to change."""

    release: str
    data: str
    databases: list[str]
    master: str

    @classmethod
    def of(cls, server: Server) -> "State":
        master = server.run("systemctl show -p MainPID --value gunicorn").stdout
        return cls(release_in_service(server), digests(server), databases(server), master)


def assert_stopped_before_the_switch(server: Server, before: State, done: Result, event: str, why: str) -> None:
    """The engine says where and why; nobody has noticed: even the processes are the same."""
    assert done.returncode == 1
    assert why in done.output
    name, status = last_run(server, UPDATE_LOGS)[-1]
    assert (name, status[:5]) == (event, "ERROR")
    assert State.of(server) == before
    assert Site(server).ask("/readyz").json()["release"] == before.release


def test_releases_that_are_broken_never_reach_the_site_and_are_pruned(server: Server) -> None:
    before = State.of(server)
    module("OC_PIZZA.city_001.apps.py", "import no_such_module\n").drop(server)
    # Found as soon as it is asked what migrations its models need.
    assert_stopped_before_the_switch(
        server, before, update(server, check=False), "Components-updating", "no_such_module"
    )

    never_ready = server.read(f"{PROJECT}/pizzeria/operations/health.py")
    never_ready += "\n\ndef problems() -> dict[str, str]:\n    return {'oven': 'cold'}\n"
    module("OC_PIZZA.pizzeria.operations.health.py", never_ready).drop(server)
    assert_stopped_before_the_switch(server, before, update(server, check=False), "Release-trying", "cold")

    # Ready, but every page is an error.
    broken = "def here(_request):\n    raise RuntimeError('the menu has burnt')\n"
    module("OC_PIZZA.pizzeria.shop.context.py", broken).drop(server)
    assert_stopped_before_the_switch(server, before, update(server, check=False), "Release-trying", "première page")

    # As after a long bad night; the next good update clears them away, and the one to go back to stays.
    server.run(f"for n in 1 2 3 4 5 6 7 8; do cp -al {HOME}/OC_PIZZA_releases/$(ls {HOME}/OC_PIZZA_releases | tail -n 1) "
               f"{HOME}/OC_PIZZA_releases/2026010$n-000000-00000000000$n; done")  # fmt: skip
    picture().drop(server)
    update(server)
    kept = server.run(f"ls {HOME}/OC_PIZZA_releases").stdout.split()
    assert len(kept) <= 6
    assert {before.release, release_in_service(server)} <= set(kept)


def test_a_safety_backup_that_fails_stops_nothing(server: Server) -> None:
    before = State.of(server)
    page().drop(server)
    server.run(f"install -d -o ubuntu_user -m 700 {BACKUPS}/safety")
    with server.small_disk(f"{BACKUPS}/safety", size="64k"):
        server.run(f"chown ubuntu_user {BACKUPS}/safety && chmod 700 {BACKUPS}/safety")
        done = update(server, check=False)
        assert_stopped_before_the_switch(server, before, done, "Database-saving", "libres")
        assert server.run(f"ls -A {BACKUPS}/safety | grep -v lock", check=False).stdout == ""
    update(server)
    assert release_in_service(server) != before.release


def test_a_full_disk_is_seen_before_anything_is_done(server: Server) -> None:
    before = State.of(server)
    page().drop(server)
    # PostgreSQL works on in its own folder; what is asked is how much room there is where it lies.
    with server.small_disk("/var/lib/postgresql", size="50m"):
        done = update(server, check=False)
    assert done.returncode == 1
    assert "Mo libres" in done.output
    assert State.of(server) == before


def test_two_engines_at_once(server: Server) -> None:
    change_libraries(server)
    running = begin_deploy(server, f"env SUDO_USER=alice {PROJECT}/DEPLOY_ENGINE/deploy-engine.sh")
    wait_for_event(server, "Virtual-environment-installation", running)
    picture().drop(server)
    second = update(server, check=False)
    assert second.returncode == 1
    assert "déploiement" in second.output
    assert "par alice" in second.output
    running.wait(timeout=600)
    update(server)


def test_an_update_that_is_killed_at_any_step_is_taken_up_again(server: Server) -> None:
    site, before = Site(server), State.of(server)
    table().drop(server)
    for event in ("Database-saving", "Components-updating", "Project-downloading", "Ressources-access-formatting",
                  "Release-checking", "Release-trying"):  # fmt: skip
        running = begin_update(server)
        wait_for_event(server, event, running)
        running.kill()
        assert State.of(server) == before, event
        assert site.ask("/readyz").json()["release"] == before.release
    # From here on the site is closed: the next run first puts all back, then begins anew.
    for event in ("Gunicorn-service-stop", "Database-upgrading", "Gunicorn-service-activation"):
        running = begin_update(server)
        wait_for_event(server, event, running)
        running.kill()
        refused = server.run(f"{PROJECT}/DEPLOY_ENGINE/deploy-engine.sh", check=False)
        assert refused.returncode == 1
        assert "mise à jour interrompue" in refused.output
        assert site.ask("/").status == 503
    told = update(server)
    assert "reprennent leur place" in told.output
    assert last_run(server, UPDATE_LOGS)[-len(HEAVY) :] == [(name, "CORRECT") for name in HEAVY]
    assert site.place(site.order_body()).status == 201
    assert server.run("ls /run/oc-pizza-closed", check=False).returncode != 0
    # What the killed ones had begun is not left behind.
    assert len(databases(server)) <= 2
    assert update(server, "--check", check=False).returncode == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_the_site_is_closed_opens_it_again_as_it_was(server: Server, number: signal.Signals) -> None:
    before, site = State.of(server), Site(server)
    table().drop(server)
    running = begin_update(server)
    wait_for_event(server, "Database-upgrading", running)
    server.run(f"pkill --signal {number.value} --oldest --full update-engine.sh")
    done = running.wait(timeout=90, check=False)
    assert done.returncode == 128 + number, done.output
    after = State.of(server)
    assert (after.release, after.data, after.databases) == (before.release, before.data, before.databases)
    assert site.place(site.order_body()).status == 201
    assert not server.exists(CLOSED)


def test_a_server_that_loses_its_power_while_it_is_closed_comes_back_open(server: Server) -> None:
    before, site = State.of(server), Site(server)
    table().drop(server)
    running = begin_update(server)
    wait_for_event(server, "Database-upgrading", running)
    server.power_cut()
    server.boot()
    server.run(
        "until curl -sk --resolve www.ocpizza.fr:443:127.0.0.1 https://www.ocpizza.fr/readyz | grep -q true; do sleep 0.2; done"
    )
    assert site.place(site.order_body()).status == 201
    assert site.ask("/readyz").json()["release"] == before.release
    update(server)
    assert site.ask("/readyz").json()["release"] != before.release
