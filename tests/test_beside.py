"""Commands that run side by side (`local/beside.py`): all are seen, and one that fails is not lost."""

import sys

import pytest

from local import beside

PYTHON = f"{sys.executable} -c"
FINE = f'{PYTHON} "print(1 + 1)"'
FAILS = f'{PYTHON} "raise SystemExit(3)"'


def test_what_the_first_says_comes_last(capfd: pytest.CaptureFixture[str]) -> None:
    assert beside.run(f'{PYTHON} "print(40 + 2)"', [FINE, f'{PYTHON} "print(3 + 4)"']) == 0
    said = capfd.readouterr().out.split()
    assert (said[0], said[1], said[-1]) == ("2", "7", "42")


@pytest.mark.parametrize(("first", "others"), [(FAILS, [FINE]), (FINE, [FAILS]), (FINE, [FINE, FAILS])])
def test_whoever_fails_it_is_told(first: str, others: list[str]) -> None:
    assert beside.run(first, others) == 1


def test_after_one_that_failed_the_next_is_not_begun(capfd: pytest.CaptureFixture[str]) -> None:
    beside.run(FINE, [FAILS, f'{PYTHON} "print(3 + 4)"'])
    assert "7" not in capfd.readouterr().out.split()
