"""Passwords are not tried without end: after ten wrong ones, an account takes none from a browser that it does not know.

What is counted is the account that was typed, whether there is one or not, at either door: many addresses help nobody. A
browser in which its owner has signed in before is counted by itself, so that whoever locks the account out does not lock
out its owner; another one becomes known by a link that is sent by mail, or by a first password (`backends`). Each try is
counted before the password is looked at: as many at once get no further.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.signals import password_reset
from django.dispatch import receiver
from django.http import HttpRequest

from pizzeria.accounts.known_browsers import browser_of, remember_anew
from pizzeria.accounts.limits import Limit, TooManyAttempts, attempt, forget
from pizzeria.accounts.models import User
from pizzeria.words import one_line

WINDOW = timedelta(minutes=15)
FROM_STRANGERS = Limit(name="password", most=10, window=WINDOW)
FROM_ITS_BROWSER = Limit(name="password-known", most=10, window=WINDOW)


class AccountLocked(TooManyAttempts):
    code: ClassVar[str] = "account_locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """A password that was counted, and where."""

    limit: Limit
    of: str


def count(*, request: HttpRequest | None, typed: str, user: User | None) -> Try:
    """Count a password that is about to be looked at. Raises AccountLocked when it is not to be.

    `user` is who `typed` names, if anybody.
    """
    account = f"user:{user.pk}" if user else f"typed:{one_line(typed).lower()}"
    browser = browser_of(request, user=user) if request and user else ""
    if browser:
        tried = Try(limit=FROM_ITS_BROWSER, of=f"{account} {browser}")
    else:
        tried = Try(limit=FROM_STRANGERS, of=account)
    try:
        attempt(limit=tried.limit, of=tried.of)
    except TooManyAttempts as refused:
        raise AccountLocked(refused.message, **refused.details) from refused
    return tried


def succeeded(tried: Try) -> None:
    """The password was right: its tries count from nothing again."""
    forget(limits=[tried.limit], of=tried.of)


def release(*, user: User) -> None:
    """Let strangers try again: the password is another one now, or the operator says so."""
    forget(limits=[FROM_STRANGERS], of=f"user:{user.pk}")


@receiver(password_reset)
def _let_in_who_has_reset(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    # By a link in their mailbox: the next thing that they do is to sign in here.
    release(user=user)
    remember_anew(request, users=[user])
