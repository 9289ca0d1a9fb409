"""Accounts of the staff: the system issues their identifiers and their passwords."""

import secrets
from collections.abc import Collection
from itertools import count

from django.db import transaction
from django.utils.text import slugify

from pizzeria.accounts.models import Role, StaffRole, User
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
    )
    roles = [StaffRole(user=user, role=Role.MANAGER, store=store) for store in stores]
    StaffRole.objects.bulk_create(roles or [StaffRole(user=user, role=Role.DIRECTION)])
    return user, password


def reissue_password(*, user: User) -> str:
    """Give the user a new password, which ends all their sessions, and return it in clear."""
    password = new_password()
    user.set_password(password)
    user.save(update_fields=["password"])
    return password


def issue_identifier(*, first_name: str, last_name: str) -> str:
    """`chloe.aubert`, or `chloe.aubert2` when she is not the first."""
    parts = [slugify(name).replace("-", "") for name in (first_name, last_name)]
    wanted = ".".join(part for part in parts if part) or "equipe"
    taken = set(User.objects.filter(identifier__startswith=wanted).values_list("identifier", flat=True))
    return next(name for number in count(1) if (name := f"{wanted}{number if number > 1 else ''}") not in taken)


def new_password() -> str:
    groups = ("".join(secrets.choice(READABLE) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)
