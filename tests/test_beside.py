"""Commands that run side by side (`local/beside.py`): all are seen, and one that fails is not lost."""

import sys

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


def test_after_one_that_failed_the_next_of_its_row_is_not_begun(capfd: pytest.CaptureFixture[str]) -> None:
    beside.run([FINE], [FAILS, f'{PYTHON} "print(3 + 4)"'])
    assert "7" not in capfd.readouterr().out.split()
