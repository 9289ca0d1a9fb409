"""The second factor and passkeys: the library's views, which lead back to where somebody was sent from."""

from typing import Any

from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.models import Login
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.internal.flows import perform_passwordless_login
from allauth.mfa.webauthn.views import AddWebAuthnView, LoginWebAuthnView, ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from pizzeria.redirects import own_path

FOLLOWING = "second_factor_next"
STAFF = "/equipe/"


def _safe_next(request: HttpRequest) -> str:
    """The page of this site that was asked for; empty for none, or for another's."""
    return own_path(request, request.POST.get("next") or request.GET.get("next") or "")


@method_decorator([never_cache, login_required], name="dispatch")
class Index(IndexView):  # type: ignore[misc]
    """Where the second factor is set up; `?next=` is kept until it stands."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if following := _safe_next(request):
            request.session[FOLLOWING] = following
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "following": self.request.session.get(FOLLOWING, "")}


class RecoveryCodes(ViewRecoveryCodesView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return {**super().get_context_data(**kwargs), "following": self.request.session.get(FOLLOWING, "")}


class _Refuses:
    """A key that does not fit: back to the door that was tried, saying so."""

    request: HttpRequest

    def form_invalid(self, form: Any) -> HttpResponse:
        for told in (error for errors in form.errors.values() for error in errors):
            messages.error(self.request, told)
        following = _safe_next(self.request)
        return redirect_to_login(following, login_url=self.door(following)) if following else redirect(self.door(""))

    def door(self, following: str) -> str:
        return reverse("backoffice:login" if following.startswith(STAFF) else "account_login")


@method_decorator([never_cache, sensitive_post_parameters("credential", "code")], name="dispatch")
class Authenticate(AuthenticateView):  # type: ignore[misc]
    """The second step of a sign-in, by what this account has."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kinds = set(Authenticator.objects.filter(user=self.stage.login.user).values_list("type", flat=True))
        has = {
            "has_passkey": Authenticator.Type.WEBAUTHN in kinds,
            "has_application": Authenticator.Type.TOTP in kinds,
        }
        return {**super().get_context_data(**kwargs), **has}


@method_decorator([never_cache, sensitive_post_parameters("credential")], name="dispatch")
class AddPasskey(AddWebAuthnView):  # type: ignore[misc]
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        # Asked for as a passkey from the beginning: the library leaves it to a box on the page.
        context = super().get_context_data(**kwargs)
        return {**context, "js_data": {"creation_options": begin_registration(self.request.user, passwordless=True)}}


@method_decorator([never_cache, sensitive_post_parameters("credential")], name="dispatch")
class PasskeySignIn(_Refuses, LoginWebAuthnView):  # type: ignore[misc]
    """A challenge by GET, to the script; the answer to it by POST."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response if isinstance(response, JsonResponse) else redirect(self.door(_safe_next(request)))

    def form_valid(self, form: Any) -> HttpResponse:
        key: Authenticator = form.cleaned_data["credential"]
        # Whoever added it was in: the addresses of the staff, which others typed, are not asked to be confirmed.
        login = Login(user=key.user, email_verification=EmailVerificationMethod.NONE)
        response: HttpResponse = perform_passwordless_login(self.request, key, login)
        return response


@method_decorator([never_cache, sensitive_post_parameters("credential")], name="dispatch")
class PasskeyAgain(_Refuses, ReauthenticateWebAuthnView):  # type: ignore[misc]
    def door(self, _following: str) -> str:
        return reverse("mfa_reauthenticate_webauthn")


index = Index.as_view()
authenticate = Authenticate.as_view()
add_passkey = AddPasskey.as_view()
recovery_codes = RecoveryCodes.as_view()
passkey_sign_in = PasskeySignIn.as_view()
passkey_again = PasskeyAgain.as_view()
