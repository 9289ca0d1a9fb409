"""Browsers in which somebody has signed in: a signed cookie names them, and opens nothing by itself.

It lets its owner's tries be counted apart from everybody else's (`accounts/lockout.py`). Signing out leaves it: it is there
for the next time.
"""

import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core import signing
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse

from pizzeria.accounts.models import User

SALT = "pizzeria.accounts.known_browsers"
LIFE = timedelta(days=180)
MOST_ACCOUNTS = 20
"""A shop's own computer knows its whole team; the one that has come last goes first."""


def browser_of(request: HttpRequest, *, user: User) -> str:
    """The name of this browser, when it is known to the account; empty otherwise."""
    name, accounts = _read(request)
    return name if user.pk in accounts else ""


def browser_name(request: HttpRequest) -> str:
    """The name of a browser in which somebody has signed in before; empty for others."""
    return _read(request)[0]


def remember(request: HttpRequest, *, user: User) -> None:
    """Have this browser known to the account: its next answer says so."""
    _tell(request, name=browser_name(request) or _new_name(), users=[user])


def remember_anew(request: HttpRequest, *, users: Sequence[User]) -> None:
    """Have it known by another name: what was tried here, by whomever, is not counted against the owner any more."""
    _tell(request, name=_new_name(), users=users)


def _new_name() -> str:
    return secrets.token_urlsafe(12)


def _tell(request: HttpRequest, *, name: str, users: Sequence[User]) -> None:
    _name, accounts = _read(request)
    now = [user.pk for user in users]
    request.known_browser = [name, [*now, *(pk for pk in accounts if pk not in now)][:MOST_ACCOUNTS]]  # type: ignore[attr-defined]


@receiver(user_logged_in)
def _remember_who_signed_in(*, request: HttpRequest | None, user: User, **_signal: Any) -> None:
    if request is not None:
        remember(request, user=user)


class KnownBrowserMiddleware:
    """Give the browser in which somebody has just signed in its cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        known = getattr(request, "known_browser", None)
        if known is not None:
            response.set_cookie(
                settings.KNOWN_BROWSER_COOKIE_NAME,
                signing.dumps(known, salt=SALT),
                LIFE,
                httponly=True,
                samesite="Lax",
                secure=settings.SESSION_COOKIE_SECURE,
            )
        return response


def _read(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        name, accounts = signing.loads(
            request.COOKIES.get(settings.KNOWN_BROWSER_COOKIE_NAME, ""), salt=SALT, max_age=LIFE
        )
    except signing.BadSignature:
        return "", []
    return name, accounts
