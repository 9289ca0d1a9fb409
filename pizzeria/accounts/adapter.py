"""What the house wants otherwise than django-allauth: names, messages, mails, where a sign-in leads."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest

from pizzeria.accounts.models import User, new_client_identifier


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def populate_username(self, _request: HttpRequest, user: User) -> None:
        user.identifier = user.identifier or new_client_identifier()


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    pass
