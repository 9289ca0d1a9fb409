"""Bearer tokens of staff devices (API): shown once, kept as SHA-256 only."""

import hashlib
import secrets
from datetime import timedelta

from django.utils import timezone

from pizzeria.accounts.models import ApiToken, User

PREFIX = "ocp_"
"""Lets a secret scanner, and a person, recognise one that lies where it should not."""


def issue(*, user: User, label: str, life: timedelta) -> str:
    """Make a token for a device and return it in clear: nobody can read it again."""
    token = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(user=user, digest=_digest(token), label=label, expires_at=timezone.now() + life)
    return token


def authenticate(*, token: str) -> User | None:
    """Whose token this is; None when it is unknown, revoked or expired, or its owner inactive."""
    # 256 random bits cannot be guessed: a plain digest suffices where a password would need a slow one.
    valid = ApiToken.objects.filter(digest=_digest(token), expires_at__gt=timezone.now(), user__is_active=True)
    found = valid.select_related("user").first()
    return found.user if found else None


def revoke(*, user: User, label: str) -> int:
    """Refuse a user's tokens of this label from now on; tells how many there were."""
    deleted, _by_model = ApiToken.objects.filter(user=user, label=label).delete()
    return deleted


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
