"""Shared screens: a browser that a responsable has made its store's, and who stands before it now.

The browser holds a secret of its own, of which the database has the digest. It makes nobody signed in: the gate of the
back office alone asks who stands there, at this store, for what is done on the floor. No other part of the site knows of
it, so that a PIN is worth nothing there.
"""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from pizzeria.accounts.audit import record
from pizzeria.accounts.limits import Limit, attempt
from pizzeria.accounts.models import Role, SharedScreen, StaffRole, User
from pizzeria.accounts.pins import try_pin
from pizzeria.stores.models import Store

LIFE = timedelta(days=365)
IDLE = timedelta(minutes=10)
"""Without a hand on it for so long, a screen asks again who is there."""
NOTED_EVERY = timedelta(seconds=30)
"""A tap within this time of the last that was noted writes nothing."""
FLOOR_ROLES = frozenset({Role.PIZZAIOLO, Role.DRIVER, Role.CASHIER})
"""What opens by PIN; who is also a responsable signs in for that."""
TRIES = Limit(name="pin at a screen", most=40, window=timedelta(minutes=10))
"""Of everybody together: one hand cannot lock the whole team out within a minute."""


@transaction.atomic
def open_screen(*, actor: User, store: Store, label: str, at: datetime) -> str:
    """Make a browser the store's, and return the secret that it keeps: nobody can read it again."""
    secret = secrets.token_urlsafe(32)
    screen = SharedScreen.objects.create(
        store=store, digest=_digest(secret), label=label, opened_by=actor, expires_at=at + LIFE
    )
    record(actor=actor, action="screen.opened", store=store, subject=f"screen:{screen.pk}")
    return secret


@transaction.atomic
def revoke_screen(*, actor: User, store: Store, pk: int) -> str | None:
    """Close a screen of the store for good, whoever stands before it. Its name; None when there is none."""
    screen = SharedScreen.objects.select_for_update().filter(store=store, pk=pk).first()
    if screen is None:
        return None
    screen.delete()
    record(actor=actor, action="screen.revoked", store=store, subject=f"screen:{pk}")
    return screen.label


def screens_of(*, store: Store, at: datetime) -> QuerySet[SharedScreen]:
    return (
        SharedScreen.objects.filter(store=store, expires_at__gt=at).select_related("opened_by", "person").order_by("pk")
    )


def screen_of(*, secret: str, at: datetime) -> SharedScreen | None:
    """The screen whose browser holds this secret; None when it is unknown, revoked or past its time."""
    valid = SharedScreen.objects.filter(digest=_digest(secret), expires_at__gt=at)
    return valid.select_related("store__city", "person").first()


def people_of(*, screen: SharedScreen) -> QuerySet[User]:
    """Who may stand before it: those of the floor of its store who have a PIN."""
    floor = StaffRole.objects.filter(store=screen.store_id, role__in=FLOOR_ROLES).values("user_id")
    people = User.objects.filter(pk__in=floor, is_active=True, must_change_password=False).exclude(pin="")
    return people.order_by("first_name", "last_name", "pk")


def standing_at(*, screen: SharedScreen, at: datetime) -> User | None:
    """Who has it in hand; None after ten minutes without a tap, and for who may not stand there any more."""
    person = screen.person
    if person is None or screen.active_at is None or screen.active_at <= at - IDLE:
        return None
    return person if person.is_active and person.pin and not person.must_change_password else None


def floor_roles(*, roles: Collection[str]) -> frozenset[str]:
    return FLOOR_ROLES.intersection(roles)


def take_screen(*, screen: SharedScreen, person: User, pin: str, at: datetime) -> None:
    """Stand before it, by one's PIN. Raises WrongPin, PinLocked and TooManyAttempts."""
    attempt(limit=TRIES, of=str(screen.pk))
    try_pin(user=person, pin=pin, store=screen.store)
    with transaction.atomic():
        SharedScreen.objects.filter(pk=screen.pk).update(person=person, active_at=at)
        record(actor=person, action="screen.taken", store=screen.store, subject=f"screen:{screen.pk}")


def leave_screen(*, screen: SharedScreen) -> None:
    SharedScreen.objects.filter(pk=screen.pk).update(person=None, active_at=None)


def note_tap(*, screen: SharedScreen, at: datetime) -> None:
    """A hand is on it: the ten minutes begin anew."""
    # Of the same person: a tap that comes late takes the screen from nobody.
    SharedScreen.objects.filter(pk=screen.pk, person=screen.person_id, active_at__lt=at - NOTED_EVERY).update(
        active_at=at
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()
