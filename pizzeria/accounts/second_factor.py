"""A second proof of who somebody is: the code of an application, or a recovery code. Passkeys: `passkeys`."""

from datetime import timedelta
from typing import Any, ClassVar

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from django import forms
from django.utils.translation import gettext_lazy as _

from pizzeria.accounts.limits import Limit, TooManyAttempts, attempt
from pizzeria.accounts.models import User

ONCE = Limit(name="second factor code", most=1, window=timedelta(minutes=2))
"""Longer than a code is good for. Counted in the database: what one process has taken, no other takes again."""
MOST = 20
"""Letters of a code, spaces between its figures included."""


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("Ce code n’est pas le bon, ou il a déjà servi. Essayez le suivant."),
        "unverified_email": _("Confirmez d’abord votre adresse électronique : un lien vous a été envoyé."),
        "cannot_generate_recovery_codes": _("Les codes de secours vont avec une application ou une clé d’accès."),
    }

    def get_totp_label(self, user: User) -> str:
        return _known_as(user)

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": "OC Pizza"}

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity: dict[str, Any] = super().get_public_key_credential_user_entity(user)
        return {**entity, "name": _known_as(user), "display_name": str(user)}

    def generate_authenticator_name(self, user: User, type: str) -> str:  # noqa: A002 - the library's name
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return _("Clé %(number)s") % {"number": number}


def _known_as(user: User) -> str:
    """What they type to sign in, which their device shows beside the name of the house."""
    return user.email or user.identifier


class _CodeOnce:
    """A code is taken once, whichever process is shown it first."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: forms.Field = self.fields["code"]  # type: ignore[attr-defined]
        field.label = _("Code à six chiffres")
        field.error_messages["required"] = _("Les informations saisies sont incomplètes")
        field.widget.attrs = {
            "autocomplete": "one-time-code", "inputmode": "numeric", "maxlength": MOST, "spellcheck": "false",
        }  # fmt: skip

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        try:
            attempt(limit=ONCE, of=f"{self.user.pk}:{normalize_user_code(code)}")
        except TooManyAttempts as used:
            raise forms.ValidationError(SecondFactorAdapter.error_messages["incorrect_code"]) from used
        return code


class CodeForm(_CodeOnce, AuthenticateForm):  # type: ignore[misc]
    """At sign-in."""


class CodeAgainForm(_CodeOnce, ReauthenticateForm):  # type: ignore[misc]
    """Before something that counts is changed."""


class FirstCodeForm(_CodeOnce, ActivateTOTPForm):  # type: ignore[misc]
    """The code by which an application shows that it has understood the key."""
