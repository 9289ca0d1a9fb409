"""A deploy that is cut short, wherever it is, is taken up again by the same command."""

import signal

import pytest

from tests.server.commands import until
from tests.server.deploying import (
    ENGINE,
    EVENTS,
    HOME,
    LOGS,
    PROJECT,
    Site,
    begin_deploy,
    change_libraries,
    change_project,
    copy_project,
    deploy,
    deployed_server,
    last_run,
    release_in_service,
    wait_for_event,
)
from tests.server.machine import Rack

SUITES = ("trixie",)
"""See `conftest`: the distribution has no part in what is tried here."""

# One event in the middle of each of the six steps, long enough to be met.
IN_EACH_STEP = (
    "Packages-installation",
    "Database-creation",
    "Virtual-environment-installation",
    "Database-upgrading",
    "Gunicorn-service-activation",
    "Nginx-service-file-configuration",
)


def test_a_deploy_that_is_killed_in_every_step_converges_when_it_is_run_again(rack: Rack) -> None:
    with rack.server("bookworm") as server:
        copy_project(server)
        for event in IN_EACH_STEP:
            running = begin_deploy(server)
            wait_for_event(server, event, running)
            running.kill()
            assert event not in [name for name, _status in last_run(server)]
        deploy(server)
        assert last_run(server) == [(event, "CORRECT") for event in EVENTS]
        assert deploy(server, "--check").returncode == 0
        # Nothing of the attempts is left beside the release: it was taken up each time.
        assert len(server.run(f"ls {HOME}/OC_PIZZA_releases").stdout.split()) == 1
        site = Site(server)
        assert site.place(site.order_body()).status == 201


def test_a_killed_deploy_of_a_new_release_leaves_the_running_site_alone(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        before, site = release_in_service(server), Site(server)
        change_libraries(server)
        for event in ("Virtual-environment-installation", "Ressources-access-formatting"):
            running = begin_deploy(server)
            wait_for_event(server, event, running)
            running.kill()
            assert release_in_service(server) == before
            assert site.ask("/readyz").json()["release"] == before
        deploy(server)
        assert release_in_service(server) != before
        assert site.ask("/readyz").json()["release"] == release_in_service(server)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_written_down_and_leaves_nothing_running(rack: Rack, number: signal.Signals) -> None:
    with deployed_server(rack, "bookworm") as server:
        change_libraries(server)
        running = begin_deploy(server)
        wait_for_event(server, "Virtual-environment-installation", running)
        server.run(f"pkill --signal {number.value} --oldest --full deploy-engine.sh")
        done = running.wait(timeout=90, check=False)
        assert done.returncode == 128 + number
        assert "interrompu" in done.output
        name, status = last_run(server)[-1]
        assert (name, status.startswith("ERROR (interrompu")) == ("Virtual-environment-installation", True)
        assert server.run("pgrep --full 'pip install'", check=False).stdout == ""
        until(Site(server).is_ready, "the site is not ready", timeout=60)


def test_a_second_deploy_at_the_same_time_is_told_who_holds_the_lock(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        change_project(server)
        running = begin_deploy(server, f"env SUDO_USER=alice {ENGINE}")
        wait_for_event(server, "Ressources-access-formatting", running)
        second = deploy(server, check=False)
        assert second.returncode == 1
        assert "déjà en cours" in second.output
        assert "par alice" in second.output
        running.wait(timeout=600)
        assert server.read(LOGS).count("# Run : ") == 2


def test_a_command_that_a_killed_engine_left_behind_is_waited_for(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        change_libraries(server)
        running = begin_deploy(server)
        wait_for_event(server, "Virtual-environment-installation", running)
        server.run("pkill -KILL --oldest --full deploy-engine.sh")
        until(lambda: not running.is_running, "the engine does not end")
        done = deploy(server)
        assert "attente" in done.stdout
        assert last_run(server) == [(event, "CORRECT") for event in EVENTS]


def test_a_first_password_that_was_cut_off_is_issued_again_and_one_that_was_told_never(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        told, step = f"{HOME}/OC_PIZZA_shared/premier-responsable", f"{PROJECT}/DEPLOY_ENGINE/django-scripts.sh"
        first = server.read(told)
        # As a run leaves it that is killed between making the account and writing down its password.
        server.run(f"echo 'création en cours' >{told}")
        server.run(step)
        second = server.read(told)
        assert second != first
        assert second.splitlines()[0] == first.splitlines()[0]
        for noted in (f": >{told}", f"rm {told}"):
            server.run(noted)
            server.run(step)
            assert not server.exists(told) or server.read(told) == ""
