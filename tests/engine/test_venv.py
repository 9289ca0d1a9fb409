"""A virtual environment that is taken over from the release in service."""

import subprocess
from pathlib import Path

import pytest

from tests.engine.shell import LIBRARY, bash

pytestmark = pytest.mark.machine


def taken_over(folder: Path) -> Path:
    """An environment with a program, and with a script that pip compiled beside it, taken over."""
    before, after = folder / "before", folder / "after"
    subprocess.run(["python3", "-m", "venv", "--without-pip", before], check=True)
    (before / "bin" / "program").write_text(f"#!{before}/bin/python\nimport sys; print(sys.prefix)\n")
    (before / "bin" / "script.py").write_text(f"#!{before}/bin/python\n")
    (before / "bin" / "__pycache__").mkdir()
    (before / "bin" / "__pycache__" / "script.cpython-311.pyc").touch()
    done = bash(
        f"set -euo pipefail\nsource {LIBRARY}/files.sh\nsource {LIBRARY}/venv.sh\nVENV={after}\nenvironment_take_over {before}"
    )
    assert done.returncode == 0, done.stderr
    return after


def test_its_programs_run_by_the_new_ones_python(tmp_path: Path) -> None:
    after = taken_over(tmp_path)
    said = subprocess.run([after / "bin" / "program"], capture_output=True, text=True, check=True).stdout
    assert said.strip() == str(after)
    assert (after / "bin" / "script.py").read_text() == f"#!{after}/bin/python\n"


def test_what_was_compiled_beside_a_script_stays_behind(tmp_path: Path) -> None:
    assert not (taken_over(tmp_path) / "bin" / "__pycache__").exists()
