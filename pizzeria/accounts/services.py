"""Accounts of the staff: the system issues their identifiers and their passwords."""

import secrets
from collections.abc import Collection
from itertools import count

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.text import slugify

from pizzeria.accounts.audit import record
from pizzeria.accounts.lockout import release
from pizzeria.accounts.models import ApiToken, Role, StaffRole, User
from pizzeria.accounts.sessions import end_sessions
from pizzeria.stores.models import Store

READABLE = "23456789abcdefghjkmnpqrstuvwxyz"
"""Letters and figures that nobody takes for one another, read from a sheet of paper."""
GROUPS = 4
GROUP_LENGTH = 4
"""79 bits: more than anybody can try."""


@transaction.atomic
def create_manager(*, first_name: str, last_name: str, email: str, stores: Collection[Store]) -> tuple[User, str]:
    """An account for who runs these points of sale, and its first password in clear: nobody can read it again.

    A group without a point of sale has nothing to be the manager of: who runs it holds the direction.
    """
    password = new_password()
    user = User.objects.create_user(
        issue_identifier(first_name=first_name, last_name=last_name),
        password,
        first_name=first_name,
        last_name=last_name,
        email=email,
        must_change_password=True,
    )
    EmailAddress.objects.create(user=user, email=email.lower(), primary=True)
    roles = [StaffRole(user=user, role=Role.MANAGER, store=store) for store in stores]
    StaffRole.objects.bulk_create(roles or [StaffRole(user=user, role=Role.DIRECTION)])
    return user, password


@transaction.atomic
def reissue_password(*, user: User) -> str:
    """Give the user a new first password, and return it in clear: from now on it is all that opens the account.

    Whoever had the account, by a sheet that lay about, may have left themselves another way in: their PIN, second factor,
    passkeys, devices, accounts elsewhere and sessions go, and no mail to an address that stands there opens it.
    """
    password = new_password()
    user.set_password(password)
    user.must_change_password, user.pin = True, ""
    user.save(update_fields=["password", "must_change_password", "pin"])
    for way_in in (Authenticator, SocialAccount, ApiToken, EmailAddress):
        way_in.objects.filter(user=user).delete()
    if user.email:
        # Another row: a link that was sent to confirm the one before it confirms nothing.
        EmailAddress.objects.create(user=user, email=user.email.lower(), primary=True)
    end_sessions(user=user)
    release(user=user)
    return password


@transaction.atomic
def choose_password(*, user: User, password: str) -> None:
    """The password that its owner chose instead of the one that was issued."""
    user.set_password(password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
    record(actor=user, action="staff.password_chosen", subject=f"user:{user.pk}")


def issue_identifier(*, first_name: str, last_name: str) -> str:
    """`chloe.aubert`, or `chloe.aubert2` when she is not the first."""
    parts = [slugify(name).replace("-", "") for name in (first_name, last_name)]
    wanted = ".".join(part for part in parts if part) or "equipe"
    taken = set(User.objects.filter(identifier__startswith=wanted).values_list("identifier", flat=True))
    return next(name for number in count(1) if (name := f"{wanted}{number if number > 1 else ''}") not in taken)


def new_password() -> str:
    groups = ("".join(secrets.choice(READABLE) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
