"""Commands that run side by side (`local/beside.py`): all are seen, and one that fails is not lost."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from local import beside

PYTHON = f"{sys.executable} -c"
FINE = f'{PYTHON} "print(1 + 1)"'
FAILS = f'{PYTHON} "raise SystemExit(3)"'


def test_what_the_first_row_says_comes_last(capfd: pytest.CaptureFixture[str]) -> None:
    assert (
        beside.run([f'{PYTHON} "print(40 + 2)"', f'{PYTHON} "print(40 + 3)"'], [FINE, f'{PYTHON} "print(3 + 4)"']) == 0
    )
    said = capfd.readouterr().out.split()
    assert (said[:2], said[-2:]) == (["2", "7"], ["42", "43"])


@pytest.mark.parametrize(("first", "second"), [([FAILS], [FINE]), ([FINE], [FAILS]), ([FINE], [FINE, FAILS])])
def test_whatever_fails_is_told(first: list[str], second: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert beside.run(first, second) == 1
    assert f"failed: {FAILS}" in capfd.readouterr().out


TIDIES = """
import pathlib, signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    pathlib.Path(sys.argv[1]).touch()
    time.sleep(60)
except KeyboardInterrupt:
    time.sleep(1)
    print("tidied", flush=True)
    sys.exit(2)
"""


def test_on_ctrl_c_both_rows_tidy_up_before_it_ends(tmp_path: Path) -> None:
    (tmp_path / "tidies.py").write_text(TIDIES)
    begun = [tmp_path / "first", tmp_path / "second"]
    first, second = (f"{sys.executable} {tmp_path}/tidies.py {path}" for path in begun)
    command = [sys.executable, "-m", "local.beside", first, "--", second]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as running:
        while not all(path.exists() for path in begun):
            assert running.poll() is None
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGINT)
        said, _nothing = running.communicate()
    assert said.split().count("tidied") == 2
    assert running.returncode == 1


def test_after_one_that_failed_the_next_of_its_row_is_not_begun(capfd: pytest.CaptureFixture[str]) -> None:
    beside.run([FINE], [FAILS, f'{PYTHON} "print(3 + 4)"'])
    assert "7" not in capfd.readouterr().out.split()
