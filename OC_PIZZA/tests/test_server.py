"""A command on a server: on the release's own Python, as the service's user, with the server's environment."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from OC_PIZZA import server
from OC_PIZZA.server import CannotRunError, read_environment, release_of

SYSTEM_PYTHON = "/usr/bin/python3"
"""That every user of the machine may run."""

COMMAND = """\
import os, sys
from pathlib import Path
from OC_PIZZA.server import CannotRunError, prepare_command
try:
    prepare_command(Path(__file__))
except CannotRunError as error:
    sys.exit(str(error))
print(os.getuid(), os.geteuid(), os.getgid(), os.getgroups(), sep="|")
print(os.environ.get("HOME"), os.environ.get("SECRET_KEY"), os.environ.get("LOG_LEVEL"), sep="|")
print(Path(sys.executable).parent, sys.argv[1:], sep="|")
"""
ENVIRONMENT = 'SERVICE_USER="nobody"\nSECRET_KEY="a secret"\nDATABASE_URL=postgres:///none\nLOG_LEVEL=ERROR\n'
NOBODY = pwd.getpwnam("nobody")

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may become somebody else")


@pytest.fixture
def release() -> Iterator[Path]:
    """A release as it stands on a server, with a command in the place of manage.py, where anybody may look."""
    home = Path(tempfile.mkdtemp(prefix="oc-pizza-home-"))
    home.chmod(0o755)
    folder = home / "OC_PIZZA_releases" / "20261124-060000-0123456789ab"
    (folder / "OC_PIZZA").mkdir(parents=True)
    shutil.copy(server.__file__, folder / "OC_PIZZA")
    (folder / "manage.py").write_text(COMMAND)
    subprocess.run([SYSTEM_PYTHON, "-m", "venv", "--without-pip", folder / "oc_pizza_venv"], check=True)
    (home / "OC_PIZZA_shared").mkdir()
    shared = home / "OC_PIZZA_shared" / "environment"
    shared.write_text(ENVIRONMENT)
    shared.chmod(0o600)
    (home / "OC_PIZZA").symlink_to(folder.relative_to(home))
    yield folder
    shutil.rmtree(home)


def run(
    script: Path, *arguments: str, user: str | None = None, **environment: str
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [SYSTEM_PYTHON, str(script), *arguments],
        cwd="/",
        env={"PATH": "/usr/bin:/bin", "HOME": "/root", **environment},
        user=user,
        group=None if user is None else pwd.getpwnam(user).pw_gid,
        extra_groups=None if user is None else [],
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_release_says_its_id_on_its_first_line_and_a_checkout_has_none(tmp_path: Path) -> None:
    assert release_of(tmp_path) == ""
    (tmp_path / "RELEASE").write_text("20261124-060000-0123456789ab\nmade by somebody\n")
    assert release_of(tmp_path) == "20261124-060000-0123456789ab"


@as_root
def test_what_root_types_runs_as_the_services_user_on_the_releases_python(release: Path) -> None:
    done = run(release / "manage.py", "migrate", "--plan")
    assert done.returncode == 0, done.stderr
    who, environment, program = done.stdout.splitlines()
    assert who == f"{NOBODY.pw_uid}|{NOBODY.pw_uid}|{NOBODY.pw_gid}|[{NOBODY.pw_gid}]"
    assert environment == f"{NOBODY.pw_dir}|a secret|ERROR"
    assert program == f"{release}/oc_pizza_venv/bin|['migrate', '--plan']"


@as_root
def test_it_works_through_the_operators_link_which_only_root_may_follow(release: Path) -> None:
    private = Path(tempfile.mkdtemp(prefix="oc-pizza-root-"))
    (private / "OC_PIZZA").symlink_to(release)
    done = run(private / "OC_PIZZA" / "manage.py", "check")
    shutil.rmtree(private)
    assert done.returncode == 0, done.stderr
    assert f"{release}/oc_pizza_venv/bin" in done.stdout


@as_root
def test_root_itself_installs_the_timers_and_nothing_else(release: Path) -> None:
    script = release / "DEPLOY_ENGINE" / "cronjobs-scripts.sh"
    script.parent.mkdir()
    script.write_text('echo "$(id -u) $0 $#"\n')
    assert run(release / "manage.py", "cronjobs", "--install").stdout == f"0 {script} 0\n"
    assert run(release / "manage.py", "cronjobs", "--install", "--run").stdout.startswith(f"{NOBODY.pw_uid}|")
    refused = run(release / "manage.py", "cronjobs", "--install", user="nobody")
    assert "sudo ./manage.py cronjobs --install (sans eux, il manque DATABASE_URL, SECRET_KEY)" in refused.stderr


@as_root
def test_what_is_set_already_stays(release: Path) -> None:
    assert "|a secret|DEBUG" in run(release / "manage.py", "check", LOG_LEVEL="DEBUG").stdout


@as_root
def test_the_services_user_with_its_environment_needs_nobody(release: Path) -> None:
    done = run(release / "manage.py", "runjob", user="nobody", SECRET_KEY="of the unit", DATABASE_URL="postgres:///x")
    assert done.returncode == 0, done.stderr
    assert "|of the unit|" in done.stdout
    assert f"{release}/oc_pizza_venv/bin|['runjob']" in done.stdout


@as_root
def test_who_may_not_read_the_environment_is_told_what_to_type(release: Path) -> None:
    done = run(release / "manage.py", "dbbackup", "--secret", user="nobody")
    assert done.returncode == 1
    assert "sudo ./manage.py dbbackup" in done.stderr
    assert "Traceback" not in done.stderr


@as_root
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("SERVICE_USER=root\n", "root"),
        ("SERVICE_USER=nobody-of-this-name\n", "nobody-of-this-name"),
        ("SECRET_KEY=x\n", "SERVICE_USER"),
    ],
)
def test_nothing_runs_as_root_or_as_somebody_unknown(release: Path, wrong: str, said: str) -> None:
    (release.parent.parent / "OC_PIZZA_shared" / "environment").write_text(wrong)
    done = run(release / "manage.py", "check")
    assert done.returncode == 1
    assert said in done.stderr
    assert done.stdout == ""


@as_root
def test_an_unfinished_server_is_said_so(release: Path) -> None:
    (release.parent.parent / "OC_PIZZA_shared" / "environment").unlink()
    assert "deploy-engine.sh" in run(release / "manage.py", "check").stderr
    shutil.rmtree(release / "oc_pizza_venv")
    assert "est incomplet" in run(release / "manage.py", "check").stderr


def test_a_damaged_virtual_environment_fails_and_does_not_start_itself_for_ever(release: Path) -> None:
    (release / "oc_pizza_venv" / "pyvenv.cfg").unlink()
    done = subprocess.run(
        [release / "oc_pizza_venv/bin/python", release / "manage.py"],
        env={"SECRET_KEY": "x", "DATABASE_URL": "postgres:///x"},
        user=None if os.geteuid() else "nobody",
        capture_output=True,
        check=False,
        timeout=20,
    )
    assert done.returncode == 0


def test_a_developers_checkout_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "OC_PIZZA").mkdir()
    shutil.copy(server.__file__, tmp_path / "OC_PIZZA")
    (tmp_path / "manage.py").write_text(COMMAND)
    done = subprocess.run(
        [sys.executable, tmp_path / "manage.py"], capture_output=True, text=True, check=True, env={"HOME": "/nowhere"}
    )
    assert f"{os.getuid()}|{os.geteuid()}|" in done.stdout
    assert "/nowhere|None|None" in done.stdout


def test_the_environment_is_read_as_systemd_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "environment"
    file.write_text(
        "# a comment\n; another\n\n"
        "BARE=postgres:///db_oc_pizza\n"
        "EMPTY=\n"
        'NOTHING=""\n'
        "  SPACED =  two words, and a # \n"
        'DOUBLE="a \\"word\\", a \\\\, a \\$ and a \\n"\n'
        "SINGLE='a \"word\" and a \\'\n"
        "INSIDE=it's\n"
    )
    assert read_environment(file) == {
        "BARE": "postgres:///db_oc_pizza",
        "EMPTY": "",
        "NOTHING": "",
        "SPACED": "two words, and a #",
        "DOUBLE": 'a "word", a \\, a $ and a \\n',
        "SINGLE": 'a "word" and a \\',
        "INSIDE": "it's",
    }


@pytest.mark.parametrize("line", ["nothing", "1X=y", "A B=c", "P=hid\\den", 'P="hidden', "P='hid'den", 'P="hid"den"'])
def test_a_line_that_could_be_read_otherwise_is_refused_without_its_value(tmp_path: Path, line: str) -> None:
    file = tmp_path / "environment"
    file.write_text(f"FINE=1\n{line}\n")
    with pytest.raises(CannotRunError, match="ligne 2") as refused:
        read_environment(file)
    assert "hid" not in str(refused.value)
