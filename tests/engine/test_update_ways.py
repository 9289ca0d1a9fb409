"""UPDATE_ENGINE without a server: what it is asked, and which way leads back."""

from pathlib import Path

import pytest

from tests.engine.shell import CHECKOUT, LIBRARY, bash

pytestmark = pytest.mark.machine

PARTS = CHECKOUT / "UPDATE_ENGINE" / "lib"
ASK = f"""
RED='' PLAIN='' UPDATE=/root/OC_PIZZA/UPDATE_ENGINE ENGINE=/root/OC_PIZZA/DEPLOY_ENGINE RUN_MODE=apply
source {LIBRARY}/asking.sh
source {PARTS}/options.sh
"""


def asked(*options: str) -> str:
    done = bash(
        f'{ASK}update_options {" ".join(options)}\necho "$ACTION|$REF|$TARGET|$ACCEPTED|$DROPPED|$ANSWERED|$RUN_MODE"'
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("options", "understood"),
    [
        ([], "update||||||apply"),
        (["--check"], "check||||||check"),
        (["--to", "v2.6", "--accept-incompatible"], "update|v2.6||yes|||apply"),
        (["--to", "v2.6", "--check"], "check|v2.6|||||check"),
        (["--rollback"], "rollback||||||apply"),
        (["--rollback", "--yes"], "rollback|||||yes|apply"),
        (
            ["--rollback", "20261101-060000-aaaaaaaaaaaa", "--yes"],
            "rollback||20261101-060000-aaaaaaaaaaaa|||yes|apply",
        ),
        (["--to", "main", "--drop-components"], "update|main|||yes||apply"),
    ],
)
def test_what_is_asked_is_understood(options: list[str], understood: str) -> None:
    assert asked(*options) == understood


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--to"], "attend une branche"),
        (["--to", "'--upload-pack=touch /tmp/x'"], "n’est pas une branche"),
        (["--to", "'a b'"], "n’est pas une branche"),
        (["--rolback"], "n’existe pas"),
        (["--rollback", "--check"], "ne vont pas ensemble"),
        (["--rollback", "--to", "main"], "ne vont pas ensemble"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_the_usage(options: list[str], why: str) -> None:
    done = bash(f"{ASK}update_options {' '.join(options)}")
    assert done.returncode == 64
    assert why in done.stderr
    assert "--rollback [VERSION]" in done.stderr


def way_back(shared: Path, target: str) -> list[str]:
    done = bash(f"SHARED={shared} FROM=d\nsource {PARTS}/history.sh\nhistory_since {target}")
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def test_the_way_back_goes_through_every_update_since(tmp_path: Path) -> None:
    (tmp_path / "updates").mkdir()
    for release, before in (("b", "a"), ("c", "b"), ("d", "c")):
        (tmp_path / "updates" / release).write_text(f"FROM={before}\nAT=2026-11-25T06:00:00+01:00\n")
    assert way_back(tmp_path, "c") == ["d"]
    assert way_back(tmp_path, "a") == ["d", "c", "b"]
    assert way_back(tmp_path, "d") == []


def test_a_release_that_no_update_came_from_has_no_way_back(tmp_path: Path) -> None:
    (tmp_path / "updates").mkdir()
    (tmp_path / "updates" / "d").write_text("FROM=c\n")
    assert way_back(tmp_path, "a") == []
    # Back and forth between two releases is a circle: it ends all the same.
    (tmp_path / "updates" / "c").write_text("FROM=d\n")
    assert way_back(tmp_path, "a") == []


def room(*wanted: str) -> str:
    done = bash(
        f"""
source {LIBRARY}/asking.sh
PROBLEMS=()
problem() {{ PROBLEMS+=("$*"); }}
stat() {{ case $3 in /home | /var/cache) echo 1 ;; *) echo 2 ;; esac; }}
df() {{ printf 'Filesystem 1M-blocks Used Available\\nx 1000 0 700\\n'; }}
require_room {" ".join(wanted)}
printf '%s\\n' "${{PROBLEMS[@]}}"
"""
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_is_needed_on_one_disk_adds_up() -> None:
    assert room("/home", "400", "/var/lib/postgresql", "500") == ""
    assert room("/home", "400", "/var/cache", "300") == ""
    assert "/home et /var/cache : 700 Mo libres, il en faut 701" in room("/home", "400", "/var/cache", "301")
    assert "/var/lib/postgresql : 700" in room("/home", "1", "/var/lib/postgresql", "800")
