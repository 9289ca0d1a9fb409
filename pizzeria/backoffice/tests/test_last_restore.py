"""Who answers for the group's data sees when a backup was last restored; nobody else does."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.proved_restore import Proof, write_proof
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
ORDERS = "/equipe/bastille/commandes/"
GROUP = "/equipe/groupe/"
WORDS = "Dernière restauration prouvée"


@pytest.fixture(autouse=True)
def root(settings: Settings, tmp_path: Path) -> Path:
    settings.BACKUP_ROOT = tmp_path
    return tmp_path


def proved(root: Path, *, days_ago: int, failure: str = "") -> None:
    at = timezone.now() - timedelta(days=days_ago)
    folder = root / f"{at:%Y%m%d-%H%M%S}-000"
    folder.mkdir()
    write_proof(folder, Proof(at=at, release="test", seconds=4, failure=failure))


def test_the_manager_and_the_direction_see_it(house: House, people: People, signed_in: SignedIn, root: Path) -> None:
    pages = [(people.manager, ORDERS), (people.direction, ORDERS), (people.direction, GROUP)]
    for user, page in pages:
        assert f"{WORDS} : aucune" in signed_in(user).get(page).content.decode()
    proved(root, days_ago=3)
    for user, page in pages:
        answer = signed_in(user).get(page).content.decode()
        assert WORDS in answer
        assert "aucune pour l’instant" not in answer
        assert "prévenez" not in answer


def test_a_cashier_does_not(house: House, people: People, signed_in: SignedIn) -> None:
    assert WORDS not in signed_in(people.cashier).get(ORDERS).content.decode()


def test_one_that_is_too_old_asks_for_somebody(house: House, people: People, signed_in: SignedIn, root: Path) -> None:
    proved(root, days_ago=41)
    assert "prévenez l’exploitation" in signed_in(people.manager).get(ORDERS).content.decode()


def test_one_that_failed_is_no_proof(house: House, people: People, signed_in: SignedIn, root: Path) -> None:
    proved(root, days_ago=41)
    proved(root, days_ago=1, failure="plus de place")
    assert "prévenez l’exploitation" in signed_in(people.manager).get(ORDERS).content.decode()


def test_a_part_that_refreshes_does_not_repeat_it(house: House, people: People, signed_in: SignedIn) -> None:
    answer = signed_in(people.manager).get(ORDERS, headers={"HX-Request": "true"})
    assert WORDS not in answer.content.decode()
