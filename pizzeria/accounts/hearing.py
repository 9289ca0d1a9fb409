"""What Django and django-allauth tell of the staff's own accounts, written into the audit log. Of clients it keeps nothing."""

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import Signal

from pizzeria.accounts.audit import record_failed_sign_in, record_own
from pizzeria.accounts.models import User
from pizzeria.words import one_line

TOLD: tuple[tuple[Signal, str], ...] = (
    (user_logged_in, "sign_in.done"),
    (user_logged_out, "sign_in.ended"),
    (account.password_changed, "password.changed"),
    (account.password_set, "password.changed"),
    (account.password_reset, "password.reset"),
    (account.email_changed, "email.changed"),
    (mfa.authenticator_added, "second_factor.added"),
    (mfa.authenticator_removed, "second_factor.removed"),
    (mfa.authenticator_reset, "second_factor.reset"),
    (mfa.authentication_failed, "second_factor.failed"),
)
"""Each signal tells of a user that it was them; the second factors say which kind."""


def listen() -> None:
    """Once a process, when the applications are there."""
    for signal, action in TOLD:
        signal.connect(_writer(action), weak=False, dispatch_uid=f"audit:{action}:{id(signal)}")
    user_login_failed.connect(_refused, dispatch_uid="audit:sign_in.failed")


def _writer(action: str) -> Any:
    def write(**told: Any) -> None:
        user = told.get("user")
        if not isinstance(user, User):
            # Signing out of a session that had nobody.
            return
        authenticator = told.get("authenticator")
        details = {"kind": authenticator.type} if authenticator else {}
        record_own(user=user, action=action, subject=f"user:{user.pk}", details=details)

    return write


def _refused(credentials: dict[str, Any], **_told: Any) -> None:
    typed = credentials.get("username") or credentials.get("email") or ""
    record_failed_sign_in(typed=one_line(str(typed)))
