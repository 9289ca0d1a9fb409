"""An event of the engines: checked, changed, checked again, and written down whatever happens."""

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.engine.shell import CHECKOUT, LIBRARY, bash

pytestmark = pytest.mark.machine

LINE = re.compile(r"\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3} : ([\w-]+) > (CORRECT|ERROR.*)")


def step(folder: Path, body: str, mode: str = "apply") -> str:
    """A step's script, with its logs in the folder."""
    return f"""
RUN_MODE={mode} RUN_LOG={folder}/log RUN_DETAILS={folder}/details RUN_CHANGES={folder}/changes
: >"$RUN_LOG" >"$RUN_DETAILS" >"$RUN_CHANGES"
source {LIBRARY}/log.sh
made() {{ [[ -f {folder}/made ]]; }}
make() {{ echo 'words of the command'; touch {folder}/made; }}
step_begin 'Step 1 : UBUNTU' '1 Paquets'
{body}
step_end
"""


def events(folder: Path) -> list[tuple[str, str]]:
    found = [LINE.fullmatch(line) for line in (folder / "log").read_text().splitlines() if " > " in line]
    return [(match[1], match[2]) for match in found if match]


def test_what_is_missing_is_made_and_logged_in_the_manuals_form(tmp_path: Path) -> None:
    done = bash(step(tmp_path, "event Packages-installation made make 'à faire'"))
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "made").exists()
    heading, line = [line for line in (tmp_path / "log").read_text().splitlines() if line]
    assert heading == "# Step 1 : UBUNTU"
    assert LINE.fullmatch(line)
    assert events(tmp_path) == [("Packages-installation", "CORRECT")]
    assert "words of the command" in (tmp_path / "details").read_text()
    assert "words of the command" not in done.stdout


def test_what_is_there_already_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "made").touch()
    done = bash(step(tmp_path, "event Packages-installation made false 'à faire'"))
    assert done.returncode == 0
    assert events(tmp_path) == [("Packages-installation", "CORRECT")]
    assert "rien à changer" in done.stdout


def test_a_failure_in_the_middle_of_a_change_stops_there_and_is_logged(tmp_path: Path) -> None:
    body = f"change() {{ echo before; false; touch {tmp_path}/made; }}\nevent Database-creation made change 'à faire'\ntouch {tmp_path}/after"
    done = bash(step(tmp_path, body))
    assert done.returncode == 1
    assert not (tmp_path / "made").exists()
    assert not (tmp_path / "after").exists()
    ((name, status),) = events(tmp_path)
    assert (name, str(tmp_path / "details") in status) == ("Database-creation", True)
    assert "before" in done.stderr


def test_a_change_that_changed_nothing_is_an_error(tmp_path: Path) -> None:
    done = bash(step(tmp_path, "event Database-creation made true 'à faire'"))
    assert done.returncode == 1
    assert events(tmp_path)[0][1].startswith("ERROR")


def test_checking_tells_what_would_change_and_changes_nothing(tmp_path: Path) -> None:
    done = bash(step(tmp_path, "event Packages-installation made make 'des paquets seraient installés'", "check"))
    assert done.returncode == 0
    assert "des paquets seraient installés" in done.stdout
    assert not (tmp_path / "made").exists()
    assert (tmp_path / "log").read_text() == ""
    assert (tmp_path / "changes").read_text() == "Packages-installation\n"


def test_a_mistake_in_a_script_itself_is_logged(tmp_path: Path) -> None:
    done = bash(step(tmp_path, 'echo "$NO_SUCH_NAME"'))
    assert done.returncode == 1
    assert events(tmp_path)[0][1].startswith("ERROR")


def test_a_signal_ends_the_command_and_is_logged(tmp_path: Path) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        body = f"change() {{ echo $BASHPID >{tmp_path}/pid; sleep 60; }}\nevent Packages-installation made change 'à faire'"
        script = f"set -euo pipefail\n{step(tmp_path, body)}"
        process = subprocess.Popen(["bash", "-c", script], cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
            time.sleep(0.02)
        process.send_signal(number)
        _out, said = process.communicate(timeout=10)
        assert process.returncode == -number
        assert b"interrompu" in said
        assert events(tmp_path)[0][1].startswith(f"ERROR (interrompu par {number.name}")
        assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()
        (tmp_path / "pid").unlink()


def test_what_a_signal_leads_to_can_itself_ask_and_change(tmp_path: Path) -> None:
    """In what a trap calls, bash's `return` gives the trap's status: a way back would stop at its first answer."""
    script = f"""
RUN_MODE=apply RUN_LOG={tmp_path}/log RUN_DETAILS={tmp_path}/details RUN_CHANGES={tmp_path}/changes
: >"$RUN_LOG" >"$RUN_DETAILS" >"$RUN_CHANGES"
source {LIBRARY}/run.sh
no() {{ false; }}
long() {{ touch {tmp_path}/begun && sleep 20; }}
there() {{ true; }}
made() {{ [[ -f {tmp_path}/made ]]; }}
make() {{ touch {tmp_path}/made; }}
forward() {{ step_begin A A; event Forward no long x; step_end; }}
back() {{ step_begin B B; event Already-there there no x; event Made-anew made make x; step_end; }}
stopped() {{
    trap '' INT TERM HUP
    local status=0
    back &
    wait $! || status=$?
    echo "back: $status"
    exit "$1"
}}
run_watch_signals
run_step forward
"""
    command = ["bash", "-c", f"set -euo pipefail\nexport LC_ALL=C.UTF-8\n{script}"]
    with subprocess.Popen(command, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 10
        while not (tmp_path / "begun").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGTERM)
        told, _nothing = process.communicate(timeout=20)
    assert "back: 0" in told
    assert process.returncode == 128 + signal.SIGTERM
    assert events(tmp_path)[1:] == [("Already-there", "CORRECT"), ("Made-anew", "CORRECT")]
