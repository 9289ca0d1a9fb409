"""UC 2.1 by the caissier: a client's account is made at the counter, and opened by its owner."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from pizzeria.accounts.models import Address, AuditEntry, User
from pizzeria.shop.tests.conftest import link_in, post_of_the_day, words
from tests.cast import PASSWORD, People

pytestmark = pytest.mark.story

PAGE = "/equipe/bastille/clients/nouveau/"
FILLED = {"first_name": "Basile", "last_name": "Dubois", "email": "Basile@example.org "}
PLACE = {"street": "17 rue de Charonne", "postal_code": "75011", "town": "Paris"}

SignedIn = Callable[[User], Client]


def test_a_client_is_invited_and_chooses_the_password(signed_in: SignedIn, people: People, client: Client) -> None:
    counter = signed_in(people.cashier)
    page = counter.post(PAGE, FILLED | PLACE | {"phone": "06 39 98 20 02"}, follow=True)
    assert "un message est parti à basile@example.org" in words(page)
    made = User.objects.get(email="basile@example.org")
    assert (made.phone, Address.objects.get(user=made).is_usual) == ("06 39 98 20 02", True)
    entry = AuditEntry.objects.get(action="client.invited")
    assert (entry.actor, entry.subject, entry.details) == (people.cashier, f"user:{made.pk}", {})
    (letter,) = post_of_the_day()
    assert "OC Pizza Bastille" in letter.body
    assert "Choisissez le mot de passe du compte basile@example.org" in words(client.get(link_in(letter)))
    assert client.post(link_in(letter), {"password1": "court"}).status_code == 422
    opened = client.post(link_in(letter), {"password1": PASSWORD}, follow=True)
    assert "Bonjour Basile" in words(opened)
    assert Client().get(link_in(letter)).status_code == 410


def test_an_invitation_is_worth_nothing_after_a_week(
    signed_in: SignedIn, people: People, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    signed_in(people.cashier).post(PAGE, FILLED)
    (letter,) = post_of_the_day()
    later = time.time() + timedelta(days=7, seconds=2).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert client.get(link_in(letter)).status_code == 410


def test_an_invitation_cannot_be_made_up(client: Client, people: People) -> None:
    for key in ("a", "a:b:c", "x" * 3000):
        assert client.get(f"/compte/lien/invitation/{key}/").status_code == 410


def test_a_known_address_is_told_so_at_the_counter(signed_in: SignedIn, people: People) -> None:
    page = signed_in(people.cashier).post(PAGE, FILLED | {"email": "ALICE@example.org"})
    assert "Un compte existe déjà" in words(page)
    assert not post_of_the_day()


def test_half_an_address_or_none_of_the_name_is_refused(signed_in: SignedIn, people: People) -> None:
    counter = signed_in(people.cashier)
    none: list[dict[str, str]] = [{"first_name": ""}, {"email": "basile"}, {"phone": "1"}, {"email": "\x00"}]
    for wrong in [*none, {"street": "17 rue"}, {"town": "Paris"}, {"email": "b" * 10_000}]:
        assert counter.post(PAGE, FILLED | wrong).status_code == 422, wrong
    assert not User.objects.filter(first_name="Basile").exists()
