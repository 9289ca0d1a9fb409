"""Django's own check of a deployment, with what a server's environment holds."""

import re

import pytest

from tests.deployed import manage


@pytest.mark.machine
def test_the_check_of_a_deployment_has_nothing_to_say_on_a_server() -> None:
    assert re.fullmatch(r"System check identified no issues \(\d+ silenced\)\.\n", manage("check", "--deploy"))
