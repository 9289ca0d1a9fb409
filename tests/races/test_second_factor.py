"""One code shown to several processes at once. In a pair: with what they count together, and with their own memories."""

import time

import pytest
from allauth.core.context import request_context
from allauth.mfa.base.forms import AuthenticateForm
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import RequestFactory
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.accounts.second_factor import CodeForm
from tests.cast import People
from tests.races.together import together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
PROCESSES = 8


@pytest.fixture(autouse=True)
def _memories_of_their_own(settings: Settings) -> None:
    """What one process has seen, the library remembers in that process: here, in none."""
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}


def _let_in(user: User, form: type[AuthenticateForm]) -> int:
    """How many of them take the code."""
    TOTP.activate(user, SECRET)
    code = format_hotp_value(hotp_value(SECRET, int(time.time()) // 30))

    def show() -> bool:
        with request_context(RequestFactory().post("/")):
            return bool(form(user=user, data={"code": code}).is_valid())

    outcomes = together([show] * PROCESSES)
    assert all(isinstance(outcome, bool) for outcome in outcomes), outcomes
    return sum(outcome is True for outcome in outcomes)


def test_of_eight_processes_one_takes_the_code(people: People) -> None:
    assert _let_in(people.alice, CodeForm) == 1


def test_without_the_common_count_every_process_takes_it(people: People) -> None:
    assert _let_in(people.alice, AuthenticateForm) > 1
