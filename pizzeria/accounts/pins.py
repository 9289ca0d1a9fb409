"""The six figures by which somebody takes a shared screen of their store: theirs to choose, and worth nothing elsewhere.

A million PINs are few: five wrong ones lock it until its owner has signed in with their password.
"""

import re

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.accounts.audit import record
from pizzeria.accounts.errors import PinLocked, PoorPin, WrongPin
from pizzeria.accounts.models import User
from pizzeria.stores.models import Store

LENGTH = 6
MOST_FAILURES = 5
SHAPE = re.compile(r"[0-9]{6}\Z")
RUNS = "0123456789012345", "9876543210987654"


@transaction.atomic
def choose_pin(*, user: User, pin: str) -> None:
    """Keep a PIN in place of the one before. Raises PoorPin."""
    if not SHAPE.match(pin):
        raise PoorPin(_("Un code a six chiffres."))
    if _is_trivial(pin):
        raise PoorPin(_("Ce code est de ceux qu’on essaie d’abord : choisissez-en un autre."))
    user.pin, user.pin_failures = make_password(_peppered(user, pin)), 0
    user.save(update_fields=["pin", "pin_failures"])
    record(actor=user, action="staff.pin_chosen", subject=f"user:{user.pk}")


@transaction.atomic
def drop_pin(*, user: User) -> None:
    user.pin, user.pin_failures = "", 0
    user.save(update_fields=["pin", "pin_failures"])
    record(actor=user, action="staff.pin_dropped", subject=f"user:{user.pk}")


def try_pin(*, user: User, pin: str, store: Store) -> None:
    """Return when it is theirs. Raises WrongPin and PinLocked.

    Each try waits for the one before: fifty at once are five tries, not fifty.
    """
    with transaction.atomic():
        # Whoever writes down what this person did goes on meanwhile: it is their key alone that they hold.
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if is_locked(user=locked):
            raise _locked()
        is_theirs = bool(locked.pin) and check_password(_peppered(locked, pin), locked.pin)
        locked.pin_failures = 0 if is_theirs else locked.pin_failures + 1
        locked.save(update_fields=["pin_failures"])
        if is_locked(user=locked):
            record(actor=None, action="staff.pin_locked", store=store, subject=f"user:{user.pk}")
    # Outside: what is raised inside would undo the count.
    if is_theirs:
        return
    if is_locked(user=locked):
        raise _locked()
    raise _wrong(MOST_FAILURES - locked.pin_failures)


def is_locked(*, user: User) -> bool:
    return user.pin_failures >= MOST_FAILURES


def unlock_pin(*, user: User) -> None:
    """Its owner has signed in: they may try again."""
    User.objects.filter(pk=user.pk, pin_failures__gt=0).update(pin_failures=0)


def _is_trivial(pin: str) -> bool:
    """All alike, a run, or the same two or three figures again: 000000, 123456, 121212, 123123, 112233."""
    steps = {int(second) - int(first) for first, second in zip(pin[::2], pin[2::2], strict=False)}
    in_pairs = all(first == second for first, second in zip(pin[::2], pin[1::2], strict=True)) and steps in ({1}, {-1})
    return any(pin in run for run in RUNS) or pin[:2] * 3 == pin or pin[:3] * 2 == pin or in_pairs


def _peppered(user: User, pin: str) -> str:
    """What is hashed: with the site's key, without which a copy of the database does not tell which of a million it is."""
    return salted_hmac("pizzeria.accounts.pins", f"{user.pk}:{pin}", algorithm="sha256").hexdigest()


def _wrong(left: int) -> WrongPin:
    words = ngettext(
        "Ce n’est pas le bon code. Il reste %(left)s essai.",
        "Ce n’est pas le bon code. Il reste %(left)s essais.",
        left,
    )
    return WrongPin(words % {"left": left}, left=left)


def _locked() -> PinLocked:
    return PinLocked(
        _("Ce code est bloqué après cinq essais. Connectez-vous une fois avec votre mot de passe pour le débloquer.")
    )
