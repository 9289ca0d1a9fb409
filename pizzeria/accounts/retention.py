"""What is left of a client who has not come for years: a row that orders and history may point to."""

from collections.abc import Collection
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Cast, Concat

from pizzeria.accounts.models import CLIENT_PREFIX, Address, ApiToken, SharedScreen, User


def clients_without_activity(*, before: datetime) -> QuerySet[User]:
    """Clients who have not signed in since; their orders are the ordering room's to look at. Never staff."""
    quiet = User.objects.filter(anonymised_at=None, roles=None, is_staff=False, is_superuser=False)
    return quiet.filter(created_at__lt=before).exclude(last_login__gte=before)


def never_confirmed(*, before: datetime) -> QuerySet[User]:
    """Accounts that somebody began until then with an address that nobody has confirmed, and that never were signed in to.

    By their identifiers: who has worked here has another, and so have the accounts of before addresses were confirmed.
    """
    begun = User.objects.filter(anonymised_at=None, roles=None, is_staff=False, is_superuser=False, last_login=None)
    begun = begun.filter(identifier__startswith=CLIENT_PREFIX)
    unconfirmed = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=False))
    confirmed = Exists(EmailAddress.objects.filter(user=OuterRef("pk"), verified=True))
    return begun.filter(unconfirmed, ~confirmed, created_at__lt=before)


def forget_expired_devices(*, before: datetime) -> int:
    """Delete the tokens and the shared screens that had expired by then; how many there were."""
    tokens, _by_model = ApiToken.objects.filter(expires_at__lt=before).delete()
    screens, _by_model = SharedScreen.objects.filter(expires_at__lt=before).delete()
    return tokens + screens


@transaction.atomic
def anonymise(*, user_ids: Collection[int], at: datetime) -> int:
    """Take away what tells who these users were; how many. They can never sign in again."""
    _forget_ways_in(user_ids)
    Address.objects.filter(user__in=user_ids).delete()
    return User.objects.filter(pk__in=user_ids, anonymised_at=None).update(
        identifier=Concat(Value("anonyme-"), Cast("pk", CharField())),
        email="",
        first_name="",
        last_name="",
        phone="",
        birthday=None,
        pin="",
        is_active=False,
        last_login=None,
        password=make_password(None),
        anonymised_at=at,
    )


def _forget_ways_in(user_ids: Collection[int]) -> None:
    """Confirmed addresses, accounts elsewhere, keys and codes, tokens, and every session that is open somewhere."""
    open_somewhere = UserSession.objects.filter(user__in=user_ids)
    Session.objects.filter(session_key__in=open_somewhere.values("session_key")).delete()
    for of_user in (UserSession, SocialAccount, Authenticator, EmailAddress, ApiToken):
        of_user.objects.filter(user__in=user_ids).delete()
