"""Signing in with an account that somebody has elsewhere: Google (OpenID Connect) and Facebook (OAuth 2), both with PKCE.

Only a name and an e-mail are asked for, and no token of theirs is kept. What they say of an e-mail is believed when
Google says that it is confirmed, never when Facebook does. An account of ours that has the same e-mail is not signed in
to and not linked: its owner signs in and links it, or whoever holds the e-mail elsewhere would have the account here.
"""

import hashlib
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar
from urllib.parse import urlsplit

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.facebook.flows import compute_appsecret_proof
from allauth.socialaccount.providers.facebook.provider import FacebookProvider
from allauth.socialaccount.providers.facebook.views import FacebookOAuth2Adapter
from allauth.socialaccount.providers.google.provider import GoogleProvider
from allauth.socialaccount.providers.google.views import GoogleOAuth2Adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Client, OAuth2Error
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.shortcuts import render
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from pizzeria.accounts.clients import AccountExists, accounts_at, require_free
from pizzeria.accounts.models import User
from pizzeria.words import one_line

logger = logging.getLogger(__name__)

KEYS = {
    "google": ("GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"),
    "facebook": ("FACEBOOK_CLIENT_ID", "FACEBOOK_CLIENT_SECRET"),
}
NAMES = {"google": "Google", "facebook": "Facebook"}
GOOGLE_ISSUER = "https://accounts.google.com"
GRAPH = "v23.0"
KEPT = ("name", "email")
"""What is kept of what they tell: by this people recognise which account of theirs is linked."""


def is_offered(provider: str) -> bool:
    """Whether both keys of it are set."""
    return all(getattr(settings, name) for name in KEYS[provider])


def sign_in_origins() -> list[str]:
    """Where a form of ours may lead: the sign-in pages of those that are offered."""
    pages = {"google": _google("accounts.google.com", ""), "facebook": _facebook("www.facebook.com", "")}
    parts = [urlsplit(pages[provider]) for provider in KEYS if is_offered(provider)]
    return [f"{part.scheme}://{part.netloc}" for part in parts]


def _google(host: str, path: str) -> str:
    return f"{settings.GOOGLE_API or f'https://{host}'}{path}"


def _facebook(host: str, path: str) -> str:
    return f"{settings.FACEBOOK_API or f'https://{host}'}/{GRAPH}{path}"


def _nonce(state: str) -> str:
    """What Google repeats in what it signs: bound to the state, which this browser's session alone holds, and once."""
    return hashlib.sha256(f"nonce:{state}".encode()).hexdigest()


class GoogleClient(OAuth2Client):  # type: ignore[misc]
    def get_redirect_url(self, authorization_url: str, scope: list[str], extra_params: Mapping[str, str]) -> str:
        url: str = super().get_redirect_url(
            authorization_url, scope, {**extra_params, "nonce": _nonce(self.state), "prompt": "select_account"}
        )
        return url


class GoogleDoor(GoogleOAuth2Adapter):  # type: ignore[misc]
    """Google's addresses, and how what it says is verified."""

    client_class = GoogleClient

    @property
    def authorize_url(self) -> str:
        return _google("accounts.google.com", "/o/oauth2/v2/auth")

    @property
    def access_token_url(self) -> str:
        return _google("oauth2.googleapis.com", "/token")

    def complete_login(self, request: HttpRequest, app: SocialApp, _token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Whom the ID token names. Raises OAuth2Error when it is not one of Google's, for us, now, and for this try."""
        credential = kwargs["response"].get("id_token")
        if not credential:
            raise OAuth2Error("no id_token")
        try:
            told = jwtkit.verify_and_decode(
                credential=credential,
                keys_url=_google("www.googleapis.com", "/oauth2/v1/certs"),
                issuer=GOOGLE_ISSUER,
                audience=app.client_id,
                lookup_kid=jwtkit.lookup_kid_pem_x509_certificate,
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise OAuth2Error("an id_token, or certificates, that cannot be read") from problem
        if not constant_time_compare(str(told.get("nonce", "")), _nonce(request.GET.get("state", ""))):
            raise OAuth2Error("nonce of another sign-in")
        return self.get_provider().sociallogin_from_response(request, told)


class FacebookDoor(FacebookOAuth2Adapter):  # type: ignore[misc]
    """Facebook's addresses. By POST: the library sends the PKCE verifier there only, and no log keeps our secret."""

    access_token_method = "POST"  # noqa: S105 - how it is asked for

    @property
    def authorize_url(self) -> str:
        return _facebook("www.facebook.com", "/dialog/oauth")

    @property
    def access_token_url(self) -> str:
        return _facebook("graph.facebook.com", "/oauth/access_token")

    def complete_login(self, request: HttpRequest, app: SocialApp, token: SocialToken, **_told: Any) -> SocialLogin:
        provider = self.get_provider()
        asked = {
            "fields": ",".join(provider.get_fields()),
            "access_token": token.token,
            "appsecret_proof": compute_appsecret_proof(app, token),
        }
        with SignInAdapter(request).get_requests_session() as session:
            answer = session.get(_facebook("graph.facebook.com", "/me"), params=asked)
            answer.raise_for_status()
            told = answer.json()
        if not isinstance(told.get("id"), str):
            raise OAuth2Error("no id")
        return provider.sociallogin_from_response(request, told)


class _AsksNoMore:
    """The scopes and parameters are ours: whoever makes a link to the sign-in cannot add to them."""

    def get_scope_from_request(self, _request: HttpRequest) -> list[str]:
        return list(self.get_scope())  # type: ignore[attr-defined]

    def get_auth_params_from_request(self, _request: HttpRequest, _action: str) -> dict[str, str]:
        return dict(self.get_auth_params())  # type: ignore[attr-defined]

    def extract_extra_data(self, data: Mapping[str, Any]) -> dict[str, str]:
        return {name: one_line(str(data[name])) for name in KEPT if data.get(name)}


class Google(_AsksNoMore, GoogleProvider):  # type: ignore[misc]
    oauth2_adapter_class = GoogleDoor


class Facebook(_AsksNoMore, FacebookProvider):  # type: ignore[misc]
    oauth2_adapter_class = FacebookDoor


class SignInAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Keys from the settings, and who may come in."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultSocialAccountAdapter.error_messages,
        "email_taken": _("Un compte existe déjà"),
        "no_password": _("Choisissez d’abord un mot de passe : sans lui, plus rien n’ouvrirait ce compte."),
        "no_verified_email": _(
            "Confirmez d’abord votre adresse électronique : sans elle, plus rien n’ouvrirait ce compte."
        ),
        "invalid_token": _("La connexion n’a pas abouti"),
    }

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """As the library's; the words of a taken e-mail are the specification's, and name nobody."""
        return super().validation_error(code, *(() if code == "email_taken" else args))  # type: ignore[no-any-return]

    def list_apps(
        self, _request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        apps = [_app(each) for each in KEYS if is_offered(each)]
        return [app for app in apps if provider in (None, app.provider) and client_id in (None, app.client_id)]

    def get_app(self, _request: HttpRequest, provider: str, **_chosen: Any) -> SocialApp:
        # What was linked can be unlinked, and is shown, when the keys are gone: the doors ask `is_offered`.
        return _app(provider)

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: Mapping[str, Any]) -> User:
        cleaned = {name: one_line(value) if isinstance(value, str) else value for name, value in data.items()}
        user: User = super().populate_user(request, sociallogin, cleaned)
        return user

    def on_authentication_error(
        self, _request: HttpRequest, provider: Any, error: str = "", exception: Exception | None = None, **_told: Any
    ) -> None:
        # Its name alone: the message holds what they answered.
        if error != AuthError.CANCELLED:
            logger.warning("sign-in by %s failed: %s", provider.id, type(exception).__name__ if exception else error)

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Forget their token, and stop where the e-mail is already that of an account that is not linked."""
        sociallogin.token = None
        other = (AuthProcess.CONNECT, AuthProcess.REDIRECT)
        is_new = not sociallogin.is_existing and sociallogin.state.get("process") not in other
        if is_new and any(accounts_at(email=told.email.lower()).exists() for told in sociallogin.email_addresses):
            raise _is_known(request, sociallogin)

    @transaction.atomic
    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Of two who come in with one e-mail at once, one has the account and the other is told that it exists."""
        try:
            for told in sociallogin.email_addresses:
                require_free(email=told.email.lower())
        except AccountExists as known:
            raise _is_known(request, sociallogin) from known
        user: User = super().save_user(request, sociallogin, form)
        return user


def _is_known(request: HttpRequest, sociallogin: SocialLogin) -> ImmediateHttpResponse:
    context = {"provider": sociallogin.provider}
    return ImmediateHttpResponse(render(request, "socialaccount/known.html", context, status=HTTPStatus.CONFLICT))


def _app(provider: str) -> SocialApp:
    client_id, secret = (getattr(settings, name) for name in KEYS[provider])
    return SocialApp(provider=provider, name=NAMES[provider], client_id=client_id, secret=secret)
