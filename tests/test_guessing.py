"""What opens something cannot be guessed, and nobody learns by trying which of it exists."""

import base64
import re
from collections.abc import Callable, Iterable
from datetime import timedelta
from math import log2
from typing import Any

import pytest
from django.contrib.auth.tokens import default_token_generator
from django.core import signing
from django.test import Client
from django.utils import timezone

from OC_PIZZA.limits import LIMITS
from pizzeria.accounts import screens
from pizzeria.accounts.invitations import invitation_of, invited
from pizzeria.accounts.models import ApiToken, SharedScreen
from pizzeria.accounts.services import GROUP_LENGTH, GROUPS, READABLE, new_password
from pizzeria.accounts.tokens import PREFIX, issue, revoke
from pizzeria.accounts.unlocking import link_secret, owner_of_link
from pizzeria.api.tests.conftest import FOR_ORDERS, Api
from pizzeria.ordering.models import NUMBER_ALPHABET, NUMBER_LENGTH, Cart, Order
from pizzeria.webhooks.models import new_salt
from tests.cast import House, People

ENOUGH = 128
"""Bits: more than anybody can try, or store, or meet by chance."""
SAMPLES = 64


def free_bits(texts: Iterable[str]) -> int:
    """How many bits of these Base64 texts are sometimes 0 and sometimes 1: as many as there are to be guessed."""
    numbers = [int.from_bytes(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))) for text in texts]
    always, ever = numbers[0], numbers[0]
    for number in numbers:
        always, ever = always & number, ever | number
    return (ever & ~always).bit_count()


def test_tokens_of_orders_carts_devices_and_screens_are_of_more_bits_than_can_be_tried(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    def device() -> str:
        return issue(user=people.manager, label="t", life=timedelta(days=1), scopes=FOR_ORDERS).removeprefix(PREFIX)

    made: dict[str, Callable[[], str]] = {
        "order": lambda: str(Order().token),
        "cart": lambda: str(Cart().token),
        "device": device,
        "webhook": new_salt,
        "screen": lambda: screens.open_screen(actor=people.manager, store=house.bastille, label="t", at=timezone.now()),
    }
    for name, make in made.items():
        samples = {make() for _sample in range(SAMPLES)}
        assert len(samples) == SAMPLES, name
        assert free_bits(samples) >= ENOUGH, name
    kept = {*ApiToken.objects.values_list("digest", flat=True), *SharedScreen.objects.values_list("digest", flat=True)}
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in kept)


def test_a_first_password_is_of_more_bits_than_can_be_tried_at_a_door(db: None) -> None:
    bits = GROUPS * GROUP_LENGTH * log2(len(set(READABLE)))
    assert bits >= 75
    assert len({new_password() for _sample in range(SAMPLES)}) == SAMPLES


def test_links_are_signed_so_that_another_letter_opens_nothing(house: House, people: People) -> None:
    links: list[tuple[str, Callable[[str], object]]] = [
        (link_secret(user=people.alice), owner_of_link),
        (invitation_of(user=people.alice), lambda key: invited(key=key)),
        (default_token_generator.make_token(people.alice), lambda key: default_token_generator.check_token(people.alice, key)),
    ]  # fmt: skip
    for link, opened in links:
        assert opened(link)
        signature = link.rpartition(":" if ":" in link else "-")[2]
        assert len(signature) * 4 >= ENOUGH
        for place in range(len(link) - len(signature), len(link) - 1):
            other = "a" if link[place] != "a" else "b"
            assert not opened(link[:place] + other + link[place + 1 :])
    forged = signing.dumps([people.alice.pk, "0" * 16], key="of-somebody-else", salt="pizzeria.accounts.unlocking")
    assert owner_of_link(forged) is None


def test_a_number_of_an_order_opens_nothing_and_is_one_of_millions() -> None:
    assert len(set(NUMBER_ALPHABET)) ** NUMBER_LENGTH > 10_000_000
    assert LIMITS["shop:find_order"]


def _said(response: Any) -> tuple[int, str]:
    """What is answered, without what changes with every answer and what repeats the question."""
    page = response.content.decode().replace(response.wsgi_request.path, "")
    page = re.sub(
        r'name="csrfmiddlewaretoken" value="[^"]+"|P-[0-9A-Z]{5}|value="[^"]*"|\?next=[^"]*|\w+@example.org', "", page
    )
    return response.status_code, page


def test_a_wrong_token_of_an_order_is_answered_as_one_that_never_was(house: House) -> None:
    order, absent = house.order(), "A" * 32
    near = order.token[:-1] + ("A" if order.token[-1] != "A" else "B")
    for path in ("/commande/%s/", "/commande/%s/suivi/", "/api/v1/orders/%s"):
        first, second = (Client().get(path % token) for token in (near, absent))
        assert first.status_code == 404, path
        assert _said(first) == _said(second), path
        # Its number is no token either.
        assert _said(Client().get(path % order.number)) == _said(second), path


def test_a_number_with_a_wrong_proof_is_answered_as_one_that_never_was(house: House) -> None:
    known = Client().post("/suivre/", {"number": house.order().number, "proof": "0600000000"})
    absent = Client().post("/suivre/", {"number": "P-22222", "proof": "0600000000"})
    assert "Commande introuvable" in known.content.decode()
    assert _said(known) == _said(absent)


def test_a_device_token_that_was_revoked_expired_or_suspended_is_answered_as_one_that_never_was(
    house: House, people: People
) -> None:
    def token(label: str) -> str:
        return issue(user=people.manager, label=label, life=timedelta(days=1), scopes=FOR_ORDERS)

    over, gone = token("over"), token("gone")
    ApiToken.objects.filter(label="over").update(expires_at=timezone.now())
    revoke(user=people.manager, label="gone")
    answers = {
        (answer.status, answer.response.content)
        for answer in (
            Api().get("/staff/orders", token=wrong) for wrong in (over, gone, PREFIX + "a" * 43, "x", "ocp_")
        )
    }
    assert len(answers) == 1


def test_another_stores_order_person_token_or_webhook_is_as_unknown_as_one_that_never_was(
    house: House, people: People
) -> None:
    browser = Client()
    browser.force_login(people.outsider)
    number = house.order().number
    for known, absent in (
        (f"/equipe/bastille/commandes/{number}/", "/equipe/bastille/commandes/P-22222/"),
        ("/equipe/bastille/equipe/webhooks/", "/equipe/nulle-part/equipe/webhooks/"),
        ("/equipe/bastille/equipe/appareils/", "/equipe/nulle-part/equipe/appareils/"),
    ):
        assert _said(browser.get(known)) == _said(browser.get(absent)), known


def test_a_reset_and_an_unlocking_do_not_tell_who_has_an_account(house: House, people: People) -> None:
    for path in ("/compte/mot-de-passe/oublie/", "/compte/bloque/"):
        first, second = (
            Client().post(path, {"email": email}) for email in ("alice@example.org", "personne@example.org")
        )
        assert _said(first) == _said(second), path
        assert first.get("Location") == second.get("Location"), path
