"""What a restore must not bring back: ways in of before it, and whom the database that it replaces had forgotten or put out."""

import logging
from dataclasses import dataclass
from datetime import datetime

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import DatabaseError, transaction

from pizzeria.accounts.models import ApiToken, SharedScreen, User
from pizzeria.ordering.privacy import forget

logger = logging.getLogger(__name__)

Account = tuple[int, datetime]
"""Its key, and when it began: the same key of another installation is somebody else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """The accounts that were made anonymous, and those that were closed or suspended."""

    forgotten: tuple[Account, ...] = ()
    put_out: tuple[Account, ...] = ()


def read_gone() -> Gone:
    """Of the live database, before it is replaced. One that cannot be read is no reason not to restore: the log says so."""
    accounts = User.objects.filter(is_active=False).values_list("pk", "created_at")
    try:
        with transaction.atomic():
            return Gone(
                forgotten=tuple(accounts.filter(anonymised_at__isnull=False)),
                put_out=tuple(accounts.filter(anonymised_at=None)),
            )
    except DatabaseError as error:
        logger.warning("the live database does not tell whom it has forgotten: %s", error)
        return Gone()


@transaction.atomic
def keep_gone(*, gone: Gone, at: datetime) -> None:
    """Do it again in the restored database. Sessions, tokens and screens all end: which were revoked, it does not know."""
    for way_in in (UserSession, Session, ApiToken, SharedScreen):
        way_in.objects.all().delete()
    for pk, created_at in gone.put_out:
        User.objects.filter(pk=pk, created_at=created_at).update(is_active=False)
    for pk, created_at in gone.forgotten:
        for user in User.objects.filter(pk=pk, created_at=created_at, anonymised_at=None):
            forget(user=user, at=at)
