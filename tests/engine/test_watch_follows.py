"""The watch follows the release that serves, and whatever becomes of the watch, the site's start goes on."""

from pathlib import Path

import pytest

from tests.engine.shell import LIBRARY, bash

FOLLOW = """
CURRENT={release}
source {library}/service.sh
systemctl() {{
    case $1 in
        show) echo {state} ;;
        *) echo "systemctl $*" && return {code} ;;
    esac
}}
watch_follow && echo started
"""
RESTART = "systemctl try-restart --no-block oc-pizza-supervision.service\n"
STOP = "systemctl stop --no-block oc-pizza-supervision.service\n"


def follow(release: Path, *, state: str, code: int = 0) -> tuple[int, str, str]:
    done = bash(FOLLOW.format(release=release, library=LIBRARY, state=state, code=code))
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def watched_release(tmp_path: Path) -> Path:
    supervisord = tmp_path / "oc_pizza_venv" / "bin" / "supervisord"
    supervisord.parent.mkdir(parents=True)
    supervisord.touch(mode=0o755)
    (tmp_path / "SUPERVISION_ENGINE").mkdir()
    return tmp_path


@pytest.mark.parametrize("state", ["active", "activating"])
def test_a_watch_that_runs_is_restarted_and_not_waited_for(watched_release: Path, state: str) -> None:
    assert follow(watched_release, state=state) == (0, f"{RESTART}started\n", "")


@pytest.mark.parametrize("state", ["inactive", "failed", ""])
def test_a_watch_that_is_not_there_or_was_stopped_stays_so(watched_release: Path, state: str) -> None:
    assert follow(watched_release, state=state) == (0, "started\n", "")


def test_a_watch_that_cannot_be_restarted_does_not_fail_the_sites_start(watched_release: Path) -> None:
    code, said, warned = follow(watched_release, state="active", code=1)
    assert (code, said) == (0, f"{RESTART}started\n")
    assert "sudo systemctl restart oc-pizza-supervision.service" in warned


@pytest.mark.parametrize("code", [0, 1])
def test_with_a_release_from_before_it_the_watch_stops_and_one_line_says_so(tmp_path: Path, code: int) -> None:
    status, said, warned = follow(tmp_path, state="active", code=code)
    assert (status, said) == (0, f"{STOP}started\n")
    assert warned.startswith("Surveillance arrêtée")
    assert warned.count("\n") == 1
