"""What is left of a client who has not come for years: a row that orders and history may point to."""

from collections.abc import Collection
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast, Concat

from pizzeria.accounts.models import Address, ApiToken, User


def clients_without_activity(*, before: datetime) -> QuerySet[User]:
    """Clients who have not signed in since; their orders are the ordering room's to look at. Never staff."""
    quiet = User.objects.filter(anonymised_at=None, roles=None, is_staff=False, is_superuser=False)
    return quiet.filter(created_at__lt=before).exclude(last_login__gte=before)


@transaction.atomic
def anonymise(*, user_ids: Collection[int], at: datetime) -> int:
    """Take away what tells who these users were; how many. They can never sign in again."""
    Address.objects.filter(user__in=user_ids).delete()
    ApiToken.objects.filter(user__in=user_ids).delete()
    return User.objects.filter(pk__in=user_ids, anonymised_at=None).update(
        identifier=Concat(Value("anonyme-"), Cast("pk", CharField())),
        email="",
        first_name="",
        last_name="",
        phone="",
        birthday=None,
        is_active=False,
        last_login=None,
        password=make_password(None),
        anonymised_at=at,
    )
