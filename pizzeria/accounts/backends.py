"""By what somebody signs in: the staff by identifier, clients by e-mail; both doors count the same account's failures."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest

from pizzeria.accounts import lockout
from pizzeria.accounts.clients import accounts_at
from pizzeria.accounts.models import User


class IdentifierBackend(ModelBackend):
    """An identifier and a password, typed at the staff's own door, or typed again by whoever is signed in.

    Raises AccountLocked above so many failures, before the password is looked at.
    """

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **others: Any
    ) -> User | None:
        identifier = username or others.get(User.USERNAME_FIELD)
        if identifier is None or password is None:
            return None
        user = _user_called(identifier)
        tried = lockout.count(request=request, typed=identifier, user=user)
        if user is None:
            # As long as for somebody who is there: the time does not tell who exists.
            User().set_password(password)
            return None
        if not (user.check_password(password) and self.user_can_authenticate(user)):
            return None
        lockout.succeeded(tried)
        return user


class ClientBackend(AuthenticationBackend):  # type: ignore[misc]
    """An e-mail and a password, typed at the clients' door; the same limit as at the staff's."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        if credentials.get("username") or not credentials.get("email"):
            # The other door's, and already counted there: it is not looked at twice.
            return None
        found: User | None = super().authenticate(request, **credentials)
        return found

    def _authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        email, password = credentials["email"], credentials["password"]
        # Several may have one address (two colleagues, the shop's own): each is counted for itself, before any is looked at.
        users = list(accounts_at(email=email).order_by("pk"))
        tries = {user: lockout.count(request=request, typed=email, user=user) for user in users}
        if not users:
            lockout.count(request=request, typed=email, user=None)
        for user, tried in tries.items():
            if self._check_password(user, password):
                lockout.succeeded(tried)
                return user
        return None


def _user_called(identifier: str) -> User | None:
    try:
        return User.objects.get_by_natural_key(identifier)
    except User.DoesNotExist:
        return None
