"""What stands between a member of the staff who has signed in and the pages of the staff."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from pizzeria.accounts.devices import sign_out_others
from pizzeria.accounts.models import Role, User
from pizzeria.accounts.pins import unlock_pin
from pizzeria.accounts.screens import IDLE, NOTED_EVERY, screen_of_browser

STAFF_SESSION = timedelta(hours=12)
"""A long day's work; it is not prolonged by working."""
SIGNED_IN_AT = "signed_in_at"
AT_SCREEN = "at_screen"
SECOND_FACTOR_ROLES = frozenset({Role.MANAGER, Role.DIRECTION, Role.OPERATOR})
SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


class Barrier(StrEnum):
    """Why no page of the staff opens yet, the first of them first."""

    OVER = "over"
    PASSWORD = "password"  # noqa: S105 - names what is asked for
    SECOND_FACTOR = "second_factor"


def barrier(*, user: User, roles: Collection[str], session: SessionBase) -> Barrier | None:
    """What somebody who holds these roles has to do first; None when the pages of their roles are open."""
    if roles and _is_over(session):
        return Barrier.OVER
    if user.must_change_password:
        return Barrier.PASSWORD
    if lacks_second_factor(user=user, roles=roles):
        return Barrier.SECOND_FACTOR
    return None


def lacks_second_factor(*, user: User, roles: Collection[str]) -> bool:
    """Whether who runs a shop, the group or the server has not yet set up a second proof."""
    if settings.SECOND_FACTOR != "required" or SECOND_FACTOR_ROLES.isdisjoint(roles):
        return False
    return not has_second_factor(user=user)


def has_second_factor(*, user: User) -> bool:
    return bool(Authenticator.objects.filter(user=user, type__in=SECOND_FACTORS).exists())


def _is_over(session: SessionBase) -> bool:
    since = session.get(SIGNED_IN_AT)
    return since is None or timezone.now().timestamp() - since > STAFF_SESSION.total_seconds()


def note_sign_in(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    """Write down when the session began, and have it end in time."""
    request.session[SIGNED_IN_AT] = timezone.now().timestamp()
    if user.roles.exists():
        keep_short(request=request)
        unlock_pin(user=user)


def keep_short(*, request: HttpRequest) -> None:
    """The staff's session ends for the whole site when its pages close, whatever box was ticked at which door.

    In a browser that is a shared screen, it ends after ten minutes without a tap: whoever takes it in hand next is
    somebody else.
    """
    request.session[AT_SCREEN] = screen_of_browser(request) is not None
    request.session.set_expiry(timezone.now() + (IDLE if request.session[AT_SCREEN] else STAFF_SESSION))


def note_hand(*, session: SessionBase) -> None:
    """A tap of somebody who is signed in on a shared screen: their ten minutes begin anew."""
    if session.get(AT_SCREEN) and session.get_expiry_age() < (IDLE - NOTED_EVERY).total_seconds():
        session.set_expiry(timezone.now() + IDLE)


def end_other_sessions(*, request: HttpRequest, user: User, **_signal: Any) -> None:
    """Whoever came in by the password alone, before there was another proof, comes in by both or not at all."""
    sign_out_others(user=user, session_key=request.session.session_key)


def listen() -> None:
    user_logged_in.connect(note_sign_in, dispatch_uid="pizzeria.accounts.gates")
    authenticator_added.connect(end_other_sessions, dispatch_uid="pizzeria.accounts.gates")
