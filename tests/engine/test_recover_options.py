"""recover-scripts.sh: which moment is meant, on a clock in Paris; nothing is guessed."""

import pytest

from tests.engine.shell import CHECKOUT, LIBRARY, bash

pytestmark = pytest.mark.machine

RECOVER = CHECKOUT / "DEPLOY_ENGINE" / "recover-scripts.sh"


def moment(text: str) -> tuple[int, str]:
    done = bash(f"source {LIBRARY}/log.sh\nsource {LIBRARY}/recover/options.sh\nmoment_read '{text}'")
    return done.returncode, done.stdout.strip()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2026-11-25 10:42:00", 1_795_599_720),
        ("2026-07-14 20:00:00", 1_784_052_000),
        ("2026-10-25 02:30:00 +02:00", 1_792_888_200),
        ("2026-10-25 02:30:00 +01:00", 1_792_891_800),
        ("2026-11-25 09:42:00 +00:00", 1_795_599_720),
    ],
)
def test_a_moment_is_a_second_in_paris(text: str, seconds: int) -> None:
    assert moment(text) == (0, str(seconds))


@pytest.mark.parametrize(
    "text",
    ["", "hier", "2026-11-25", "2026-11-25 10:42", "2026-02-30 10:00:00", "25/11/2026 10:42:00", "now; reboot", "@0"],
)
def test_what_is_no_moment_is_told_with_an_example(text: str) -> None:
    code, said = moment(text)
    assert (code, f"« {text} » n’est pas un instant" in said, "10:42:00" in said) == (1, True, True)


def test_an_hour_that_the_clocks_skip_does_not_exist() -> None:
    code, said = moment("2026-03-29 02:30:00")
    assert (code, "n’est pas un instant" in said) == (1, True)


@pytest.mark.parametrize("text", ["2026-10-25 02:00:00", "2026-10-25 02:59:59"])
def test_an_hour_that_the_clocks_show_twice_wants_to_be_told_apart(text: str) -> None:
    code, said = moment(text)
    assert (code, "a existé deux fois" in said, f"{text} +02:00" in said) == (1, True, True)


@pytest.mark.parametrize("text", ["2026-10-25 01:59:59", "2026-10-25 03:00:00"])
def test_the_hours_around_it_exist_once(text: str) -> None:
    assert moment(text)[0] == 0


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ("", "Quel instant ?"),
        ("--yes", "Quel instant ?"),
        ("--to", "n’est pas un instant"),
        ("--undo --discard-previous", "--undo et --discard-previous ne vont pas ensemble"),
        ("--to hier --undo", "--to et --undo ne vont pas ensemble"),
        ("--undo --check", "--check va avec --to"),
        ("--now", "L’option « --now » n’existe pas"),
    ],
)
def test_what_is_asked_wrongly_ends_before_anything_is_looked_at(options: str, why: str) -> None:
    done = bash(f"{RECOVER} {options}")
    assert (done.returncode, why in done.stderr, "Usage" in done.stderr) == (64, True, True)
