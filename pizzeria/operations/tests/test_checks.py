"""`./manage.py check` says what keeps clients from paying on the page."""

from io import StringIO

import pytest
from django.core.management import call_command
from pytest_django import Settings

from pizzeria.operations.checks import check_payments

SECRET, PUBLIC, SIGNING = "sk_live_51Ab", "pk_live_51Ab", "whsec_Ab"


def _said(settings: Settings, secret: str, public: str, signing: str, *, on_server: bool = True) -> list[str]:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = secret, public
    settings.STRIPE_WEBHOOK_SECRET, settings.ON_SERVER = signing, on_server
    return [f"{problem.id} {problem.msg}" for problem in check_payments()]


def test_all_keys_or_none_are_right(settings: Settings) -> None:
    assert _said(settings, SECRET, PUBLIC, SIGNING) == _said(settings, "", "", "") == []
    assert _said(settings, "sk_test_1", "pk_test_1", SIGNING, on_server=False) == []


def test_the_keys_that_are_missing_are_named(settings: Settings) -> None:
    [told] = _said(settings, SECRET, "", "")
    assert told.startswith("operations.W001")
    assert told.endswith("il manque STRIPE_PUBLISHABLE_KEY, STRIPE_WEBHOOK_SECRET.")


@pytest.mark.parametrize(
    ("secret", "public", "problem"),
    [(SECRET, "pk_test_1", "W002"), (PUBLIC, SECRET, "E002"), ("whsec_1", PUBLIC, "E002")],
)
def test_keys_that_do_not_go_together_are_told_of_and_not_shown(
    settings: Settings, secret: str, public: str, problem: str
) -> None:
    [told] = _said(settings, secret, public, SIGNING)
    assert told.startswith(f"operations.{problem}")
    assert not any(key in told for key in (SECRET, SIGNING))


def test_a_server_that_takes_no_real_money_is_told_of(settings: Settings) -> None:
    [told] = _said(settings, "sk_test_1", "pk_test_1", SIGNING)
    assert told.startswith("operations.W003")


def test_the_command_says_what_is_needed_where_there_is_no_key_at_all(settings: Settings) -> None:
    _said(settings, "", "", "")
    said = StringIO()
    call_command("check", stdout=said)
    assert "no issues" in said.getvalue()
    assert "il y faut STRIPE_SECRET_KEY" in said.getvalue()
