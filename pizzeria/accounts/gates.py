"""What stands between a member of the staff who has signed in and the pages of the staff."""

from collections.abc import Collection
from datetime import timedelta
from enum import StrEnum
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.utils import timezone

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.pins import unlock_pin

STAFF_SESSION = timedelta(hours=12)
"""A long day's work; it is not prolonged by working."""
SIGNED_IN_AT = "signed_in_at"
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
    """Write down when the session began; the staff's ends for the whole site when its pages close."""
    now = timezone.now()
    request.session[SIGNED_IN_AT] = now.timestamp()
    if user.roles.exists():
        request.session.set_expiry(now + STAFF_SESSION)
        unlock_pin(user=user)


def listen() -> None:
    user_logged_in.connect(note_sign_in, dispatch_uid="pizzeria.accounts.gates")
