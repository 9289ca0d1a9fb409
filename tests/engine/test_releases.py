"""Releases: named by their content, and pruned without ever losing the one that serves or the one before."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.shell import LIBRARY, bash

pytestmark = pytest.mark.machine

DAYS = (
    "20261101-060000-aaaaaaaaaaaa",
    "20261102-060000-bbbbbbbbbbbb",
    "20261103-060000-cccccccccccc",
    "20261104-060000-dddddddddddd",
)


def release_sum(folder: Path) -> str:
    done = bash(f"source {LIBRARY}/release.sh\nrelease_sum '{folder}'")
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "DEPLOY_ENGINE").mkdir(parents=True)
    (folder / "manage.py").write_text("print('pizza')\n")
    (folder / "DEPLOY_ENGINE" / "deploy.conf").write_text("DOMAIN=a.fr\n")
    return folder


def test_the_same_content_is_the_same_release_wherever_it_lies(project: Path, tmp_path: Path) -> None:
    before = release_sum(project)
    assert len(before) == 12
    assert release_sum(project.rename(tmp_path / "copied elsewhere")) == before


@pytest.mark.parametrize(
    "change",
    [
        lambda project: (project / "manage.py").write_text("print('calzone')\n"),
        lambda project: (project / "manage.py").rename(project / "renamed.py"),
        lambda project: (project / "one more").write_text(""),
    ],
    ids=["edited", "renamed", "added"],
)
def test_another_content_is_another_release(project: Path, change: Callable[[Path], object]) -> None:
    before = release_sum(project)
    change(project)
    assert release_sum(project) != before


def test_what_belongs_to_the_server_or_was_made_there_is_not_content(project: Path) -> None:
    before = release_sum(project)
    (project / "DEPLOY_ENGINE" / "deploy.conf").write_text("DOMAIN=b.fr\n")
    (project / "RELEASE").write_text("20261101-060000-aaaaaaaaaaaa\n")
    for made in (
        "oc_pizza_venv/bin/python",
        "static/house.css",
        ".git/HEAD",
        ".venv/x",
        ".data/x",
        "a/__pycache__/x.pyc",
    ):
        (project / made).parent.mkdir(parents=True, exist_ok=True)
        (project / made).write_text("made")
    assert release_sum(project) == before


def kept_after_pruning(home: Path, *, keep: int, current: str, previous: str = "", unfinished: str = "") -> list[str]:
    """Four releases, one of each day, the newest being deployed; which are left."""
    releases = home / "OC_PIZZA_releases"
    for name in DAYS:
        (releases / name).mkdir(parents=True)
        if name != unfinished:
            (releases / name / "RELEASE").write_text(f"{name}\n")
    (home / "OC_PIZZA").symlink_to(f"OC_PIZZA_releases/{current}")
    if previous:
        (home / "OC_PIZZA_previous").symlink_to(f"OC_PIZZA_releases/{previous}")
    done = bash(
        f"source {LIBRARY}/release.sh\ndeclare -A CONF=([KEEP_RELEASES]={keep})\nRELEASES={releases} CURRENT={home}/OC_PIZZA "
        f"PREVIOUS={home}/OC_PIZZA_previous RELEASE_ID={DAYS[3]}\nrelease_prune"
    )
    assert done.returncode == 0, done.stderr
    return sorted(folder.name for folder in releases.iterdir())


def test_the_oldest_releases_go(tmp_path: Path) -> None:
    assert kept_after_pruning(tmp_path, keep=2, current=DAYS[3], previous=DAYS[2]) == [DAYS[2], DAYS[3]]


def test_the_last_good_release_stays_however_old_it_is(tmp_path: Path) -> None:
    assert kept_after_pruning(tmp_path, keep=2, current=DAYS[3], previous=DAYS[0]) == [DAYS[0], DAYS[2], DAYS[3]]


def test_the_running_release_stays_however_old_it_is(tmp_path: Path) -> None:
    assert kept_after_pruning(tmp_path, keep=2, current=DAYS[0]) == [DAYS[0], DAYS[2], DAYS[3]]


def test_what_was_begun_and_never_finished_goes(tmp_path: Path) -> None:
    assert kept_after_pruning(tmp_path, keep=5, current=DAYS[3], unfinished=DAYS[1]) == [DAYS[0], DAYS[2], DAYS[3]]
