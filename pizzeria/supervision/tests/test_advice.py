"""What an alert tells somebody to type can be typed, where it says."""

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from pytest_django import Settings

from pizzeria.supervision.alerts.words import ADVICE, PROJECT, SUBJECT, in_full

CHECKOUT = Path(__file__).resolve().parents[3]
TYPED = sorted(
    {
        command.replace(SUBJECT, "city_001.cron.cyclic_update")
        for advice in ADVICE.values()
        for command in advice.commands
    }
)
OF_THE_PROJECT = ("UPDATE_ENGINE/", "DEPLOY_ENGINE/")
SCRIPTS = [command for command in TYPED if ".sh" in command]
COMMANDS = [command for command in TYPED if "./manage.py" in command]


def words_of(command: str) -> list[str]:
    sudo, *words = shlex.split(command)
    assert sudo == "sudo"
    return words


@pytest.mark.parametrize("command", SCRIPTS)
def test_a_script_that_is_named_exists_and_has_the_options(command: str) -> None:
    named, *rest = words_of(command)
    script = CHECKOUT / named.removeprefix(f"{PROJECT}/")
    assert os.access(script, os.X_OK)
    usage = subprocess.run([script, "--help"], capture_output=True, text=True, check=True, timeout=20).stdout
    # The last may be a service, or when: an option and what is to be done stand before it.
    assert [word for word in rest if (word.startswith("--") or word == rest[0]) and word not in usage] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_that_is_named_exists_and_has_the_options(command: str) -> None:
    _manage, name, *rest = words_of(command)
    load_command_class(get_commands()[name], name).create_parser("manage.py", name).parse_args(rest)


@pytest.mark.parametrize("command", SCRIPTS)
def test_what_needs_deploy_conf_is_typed_where_it_is(command: str) -> None:
    named = words_of(command)[0]
    assert any(part in named for part in OF_THE_PROJECT) == named.startswith(f"{PROJECT}/")


def test_the_page_of_emergencies_names_that_folder_too() -> None:
    page = (CHECKOUT / "docs" / "exploitation" / "7-urgences.md").read_text()
    for script in ("UPDATE_ENGINE/update-engine.sh", "DEPLOY_ENGINE/deploy-engine.sh"):
        assert page.count(script) == page.count(f"sudo {PROJECT}/{script}") > 0


def test_a_message_says_where_its_commands_are_typed(settings: Settings) -> None:
    settings.ON_SERVER = True
    settings.BASE_DIR = Path("/home/ubuntu_user/OC_PIZZA_releases/2.6")
    assert "\n\nÀ taper sur le serveur, dans /home/ubuntu_user/OC_PIZZA :\n  sudo " in in_full("disk", "Plein.")
    assert "À taper" not in in_full("orders-untouched:croix-rousse", "Deux commandes.")
