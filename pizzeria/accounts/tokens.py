"""Bearer tokens of staff devices (API): shown once, kept as SHA-256 only; they open what their scopes name, no more."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.audit import record
from pizzeria.accounts.models import ApiToken, Role, Scope, StaffRole, User
from pizzeria.accounts.permissions import GROUP_ROLES
from pizzeria.accounts.selectors import roles_at
from pizzeria.errors import BusinessError
from pizzeria.stores.models import Store
from pizzeria.words import one_line, says_something

PREFIX = "ocp_"
"""Lets a secret scanner, and a person, recognise one that lies where it should not."""
LABEL_LENGTH = 60
SHORTEST_LIFE = timedelta(days=1)
LONGEST_LIFE = timedelta(days=366)
USED_EVERY = timedelta(minutes=1)
"""How exactly the last use is known: a device that asks each second writes once a minute."""


class TokenRefused(BusinessError):
    code: ClassVar[str] = "token_refused"
    status: ClassVar[int] = 422


@transaction.atomic
def issue(
    *,
    user: User,
    label: str,
    life: timedelta,
    scopes: Collection[str],
    store: Store | None = None,
    issued_by: User | None = None,
) -> str:
    """Make a token for a device and return it in clear: nobody can read it again.

    With a `store` it opens nothing elsewhere; `issued_by` nobody is the operator's command. Raises TokenRefused.
    """
    label = one_line(label)
    _require(label=label, life=life, scopes=scopes)
    token = PREFIX + secrets.token_urlsafe(32)
    made = ApiToken.objects.create(
        user=user,
        digest=_digest(token),
        label=label,
        scopes=sorted(scopes),
        store=store,
        issued_by=issued_by,
        expires_at=timezone.now() + life,
    )
    _audit(made, "token.issued", issued_by)
    return token


def issue_at(
    *, store: Store, bearer: User, label: str, life: timedelta, scopes: Collection[str], issued_by: User
) -> str:
    """As `issue`, by somebody who runs this store, for one of its people and for this store alone. Raises TokenRefused."""
    if not bearers_at(store=store, issuer=issued_by).filter(pk=bearer.pk).exists():
        raise TokenRefused(_("Cette personne ne travaille pas dans ce point de vente."))
    return issue(user=bearer, label=label, life=life, scopes=scopes, store=store, issued_by=issued_by)


def bearers_at(*, store: Store, issuer: User) -> QuerySet[User]:
    """For whom a token of this store may be issued: its people.

    Who also holds a role of the group would carry that as well: only the direction may hand that out.
    """
    people = User.objects.filter(is_active=True, roles__store=store).distinct()
    if Role.DIRECTION not in roles_at(user=issuer, store_id=store.pk):
        people = people.exclude(pk__in=StaffRole.objects.filter(role__in=GROUP_ROLES).values("user"))
    return people.order_by("first_name", "last_name", "pk")


def authenticate(*, token: str) -> ApiToken | None:
    """The token with its bearer; None when it is unknown, revoked or expired, or its bearer inactive."""
    # 256 random bits cannot be guessed: a plain digest suffices where a password would need a slow one.
    now = timezone.now()
    valid = ApiToken.objects.filter(digest=_digest(token), expires_at__gt=now, user__is_active=True)
    found = valid.select_related("user").first()
    if found is None:
        return None
    if found.used_at is None or found.used_at <= now - USED_EVERY:
        # Asked again in the statement: of two requests at once, one writes.
        long_ago = Q(used_at=None) | Q(used_at__lte=now - USED_EVERY)
        ApiToken.objects.filter(long_ago, pk=found.pk).update(used_at=now)
    return found


def tokens_at(*, store: Store) -> QuerySet[ApiToken]:
    """The tokens of a store's devices, and those that its people hold for wherever they work; what is over at the end."""
    held = Q(store=store) | Q(store=None, user__roles__store=store)
    found = ApiToken.objects.filter(held).select_related("user", "issued_by", "store").distinct()
    return found.order_by("-expires_at", "-pk")


@transaction.atomic
def revoke_at(*, store: Store, pk: int, acting_user: User) -> ApiToken | None:
    """Refuse one of the tokens that `tokens_at` shows from now on; None when it is no more, or none of these."""
    found = tokens_at(store=store).filter(pk=pk).first()
    if found is None:
        return None
    _audit(found, "token.revoked", acting_user)
    found.delete()
    return found


@transaction.atomic
def revoke(*, user: User, label: str) -> int:
    """Refuse a user's tokens of this label from now on; tells how many there were."""
    found = list(ApiToken.objects.filter(user=user, label=one_line(label)))
    for token in found:
        _audit(token, "token.revoked", None)
        token.delete()
    return len(found)


def _require(*, label: str, life: timedelta, scopes: Collection[str]) -> None:
    if not says_something(label) or len(label) > LABEL_LENGTH:
        raise TokenRefused(_("Nommez l’appareil, en %(most)s caractères au plus.") % {"most": LABEL_LENGTH})
    if not SHORTEST_LIFE <= life <= LONGEST_LIFE:
        raise TokenRefused(_("Un jeton vaut d’un jour à un an."))
    if not scopes or not set(scopes) <= set(Scope.values):
        raise TokenRefused(_("Choisissez ce que l’appareil pourra faire."))


def _audit(token: ApiToken, action: str, actor: User | None) -> None:
    """Whose it is and what it opens; never what it is, nor its label, which people write."""
    details = {"bearer": token.user_id, "scopes": token.scopes, "until": token.expires_at.date().isoformat()}
    record(actor=actor, action=action, store=token.store, subject=f"token:{token.pk}", details=details)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
