"""Somebody new who comes in with Google twice at once. In a pair: with the lock on the e-mail, and without."""

import threading

import pytest
from django.test import Client

from pizzeria.accounts import elsewhere as rules
from pizzeria.accounts.models import User
from tests.openid_double import OpenIdDouble
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


def _come_in_twice(double: OpenIdDouble) -> list[int]:
    """What two browsers of the same person are answered; 500 for an error of ours."""
    clients = [Client(raise_request_exception=False) for _browser in range(2)]
    backs = [double.accept(client.post("/compte/google/", {"process": "login"})["Location"]) for client in clients]

    def come(client: Client, back: str) -> int:
        return client.get(back).status_code

    answers = together([lambda c=client, b=back: come(c, b) for client, back in zip(clients, backs, strict=True)])  # type: ignore[misc]
    return sorted(answer for answer in answers if isinstance(answer, int))


def test_one_account_is_made_and_the_other_browser_is_told_or_let_in(elsewhere: OpenIdDouble) -> None:
    answers = _come_in_twice(elsewhere)
    assert User.objects.count() == 1
    assert answers in ([302, 302], [302, 409])


def test_without_the_lock_there_are_two_or_an_error(elsewhere: OpenIdDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    both = threading.Barrier(2)

    def unguarded(*, email: str) -> None:
        both.wait(30)

    monkeypatch.setattr(rules, "require_free", unguarded)
    answers = _come_in_twice(elsewhere)
    assert 500 in answers or User.objects.count() > 1
