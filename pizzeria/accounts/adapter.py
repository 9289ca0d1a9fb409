"""What the house wants otherwise than django-allauth: names, messages, mails, where a sign-in leads."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from allauth.socialaccount.models import SocialAccount
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.accounts.limits import Limit, TooManyAttempts, attempt
from pizzeria.accounts.mails import write
from pizzeria.accounts.models import User, new_client_identifier

PENDING = "account_login"
"""Where django-allauth keeps, in a session, who has begun to sign in and still owes something."""
CONFIRMATIONS = Limit(name="confirmation-mail", most=5, window=timedelta(hours=1))


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = DefaultAccountAdapter.error_messages | {
        "account_inactive": gettext_lazy("Ce compte est fermé."),
        "cannot_remove_primary_email": gettext_lazy("C’est votre seule adresse : changez-la plutôt."),
        "duplicate_email": gettext_lazy("C’est déjà votre adresse."),
        "email_password_mismatch": gettext_lazy("Les informations saisies sont erronées"),
        "username_password_mismatch": gettext_lazy("Les informations saisies sont erronées"),
        "email_taken": gettext_lazy("Un compte existe déjà"),
        "enter_current_password": gettext_lazy("Ce n’est pas votre mot de passe actuel."),
        "incorrect_code": gettext_lazy("Ce code n’est pas le bon."),
        "incorrect_password": gettext_lazy("Ce n’est pas votre mot de passe."),
        "invalid_or_expired_key": gettext_lazy("Ce lien n’est plus valable."),
        "invalid_login": gettext_lazy("Les informations saisies sont erronées"),
        "invalid_password_reset": gettext_lazy("Ce lien n’est plus valable."),
        "max_email_addresses": gettext_lazy("%d adresses au plus."),
        "same_as_current": gettext_lazy("C’est déjà ce qui est enregistré."),
        "too_many_login_attempts": gettext_lazy("Trop d’essais. Réessayez plus tard."),
        "rate_limited": gettext_lazy("Trop d’essais. Réessayez plus tard."),
        "unverified_primary_email": gettext_lazy("Confirmez d’abord cette adresse."),
    }

    def populate_username(self, _request: HttpRequest, user: User) -> None:
        user.identifier = user.identifier or new_client_identifier()

    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> Any:  # noqa: FBT001, FBT002 - theirs
        user.phone = form.cleaned_data.get("phone", "")
        user.birthday = form.cleaned_data.get("birthday")
        return super().save_user(request, user, form, commit)

    def send_mail(self, template_prefix: str, email: str, context: Mapping[str, Any]) -> None:
        # Nothing of the context is kept: the links in it are secrets, and are made anew when the mail is sent.
        write(kind=template_prefix, to=email, user=context.get("user"), site=self.site())

    def should_send_confirmation_mail(self, _request: HttpRequest, email_address: EmailAddress, _signup: bool) -> bool:  # noqa: FBT001 - theirs
        """Each sign-in with an address that is not confirmed asks for one: enough of them lie in that mailbox, whosever it is."""
        try:
            attempt(limit=CONFIRMATIONS, of=email_address.email.lower())
        except TooManyAttempts:
            return False
        return True

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Whoever signs up with somebody else's address keeps no way of their own into what its owner then confirms."""
        user = email_address.user
        is_new = user.last_login is None and not _began_here(request, user)
        is_confirmed = bool(super().confirm_email(request, email_address))
        if is_confirmed and is_new:
            SocialAccount.objects.filter(user=user).delete()
        return is_confirmed

    def send_notification_mail(
        self, template_prefix: str, user: User, context: Mapping[str, Any] | None = None, email: str | None = None
    ) -> None:
        to = email or user.email
        if not to:
            return
        told = {name: value for name, value in (context or {}).items() if isinstance(value, str)}
        if provider := (context or {}).get("provider"):
            told["provider"] = getattr(provider, "name", str(provider))
        write(kind=template_prefix, to=to, user=user, site=self.site(), details=told)

    def site(self) -> str:
        return str(self.request.build_absolute_uri("/")).rstrip("/")

    def is_reauthentication_required(self, *, app: str, **options: Any) -> bool:
        """Whoever finds an open session changes neither the address nor the password of its account.

        Somebody who has neither a password nor a second proof has come by Google or Facebook, and has nothing to show.
        """
        if app == "allauth.account":
            return bool(get_reauthentication_flows(self.request.user))
        return bool(super().is_reauthentication_required(app=app, **options))

    def get_email_verification_redirect_url(self, _email_address: Any) -> str:
        if self.request.user.is_authenticated:
            return reverse("account_email")
        return reverse("account_login")

    def get_password_change_redirect_url(self, _request: HttpRequest) -> str:
        return reverse("shop:account_security")

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


def _began_here(request: HttpRequest, user: User) -> bool:
    """Whether this is the browser that has just signed up, or in, as them, and waits for the address."""
    begun = request.session.get(PENDING)
    return isinstance(begun, dict) and begun.get("user_pk") == user_pk_to_url_str(user)
