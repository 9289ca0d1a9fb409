"""What the house wants otherwise than django-allauth: names, messages, mails, where a sign-in leads."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User, new_client_identifier


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def populate_username(self, _request: HttpRequest, user: User) -> None:
        user.identifier = user.identifier or new_client_identifier()

    def get_reauthentication_methods(self, user: User) -> list[dict[str, Any]]:
        """How somebody can prove anew that it is them; who has nothing of ours to do it by chooses a password first."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        words = {
            "account_reauthenticate": _("Avec mon mot de passe"),
            "mfa_reauthenticate": _("Avec un code"),
            "mfa_reauthenticate_webauthn": _("Avec une clé d’accès"),
        }
        named = {reverse(name): told for name, told in words.items()}
        without = [{"id": "password_set", "description": "", "url": reverse("account_set_password")}]
        return [{**method, "description": named[method["url"]]} for method in methods] or without


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    pass
