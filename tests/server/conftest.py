"""The servers of a test run. What can be done with one stands at the head of `machine.py`."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.images import SUITES
from tests.server.machine import Rack, Server
from tests.server.phases import PHASES
from tests.server.shelf import of_this_run

HERE = Path(__file__).parent
JOURNEYS = HERE.with_name("journeys")

SECONDS = {
    "test_update_failures": 950,
    "test_update": 810,
    "test_deploy_interrupted": 650,
    "test_documented_commands": 600,
    "test_supervision": 550,
    "test_under_load": 360,
    "test_deploy_failures": 310,
    "test_point_in_time": 280,
    "test_start_and_stop": 260,
    "test_status": 210,
    "test_deploy": 200,
    "test_letsencrypt": 190,
    "test_cronjobs": 120,
    "test_machine": 100,
    "test_deploy_from_git": 70,
}
"""What a file of them takes, roughly: two workers end together when the longest come first."""


@pytest.hookimpl(trylast=True, specname="pytest_collection_modifyitems")
def longest_first(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: -SECONDS.get(item.path.stem, 0) if HERE in item.path.parents else -1000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.server)
        # `make test` looks for them in their folders alone.
        elif item.get_closest_marker("server"):
            raise pytest.UsageError(f"{item.nodeid} needs a server: it belongs into tests/server/")
        elif item.get_closest_marker("browser") and JOURNEYS not in item.path.parents:
            raise pytest.UsageError(f"{item.nodeid} needs a browser: it belongs into tests/journeys/")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if PHASES:
        terminalreporter.section("server phases")
        for name in dict(PHASES):
            seconds = [duration for other, duration in PHASES if other == name]
            times = f", {len(seconds)} times, {max(seconds):.1f} s at most" if len(seconds) > 1 else ""
            terminalreporter.write_line(f"{sum(seconds):7.1f} s  {name}{times}")


@pytest.fixture(scope="session")
def rack() -> Iterator[Rack]:
    """Where this run's servers stand: session-wide, so that what is expensive is made once."""
    rack = Rack(shelf=of_this_run())
    yield rack
    rack.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """On both Debians, unless the module says on which: what only our own code can do wrong is tried on one (`SUITES`)."""
    if "suite" in metafunc.fixturenames:
        chosen = getattr(metafunc.module, "SUITES", SUITES)
        metafunc.parametrize("suite", chosen, scope="session", indirect=True)


@pytest.fixture(scope="session")
def suite(request: pytest.FixtureRequest) -> str:
    """The Debian that the system is deployed on."""
    return str(request.param)


@pytest.fixture
def bare(rack: Rack, suite: str) -> Iterator[Server]:
    """A booted Debian on which nothing was done yet."""
    with rack.server(suite) as server:
        yield server
