"""Passkeys (WebAuthn): a finger, a face or a key instead of a password, and a second factor. Every key of ours is one.

What a browser sends is JSON of anybody's making: whatever cannot be read is a key that does not fit, never an error of
ours.
"""

from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.utils.translation import gettext_lazy as _

from pizzeria.words import one_line, says_something

MOST = 40
"""Letters of a key's name."""
LONGEST = 20_000
"""Letters of an answer: some keys sign at length, none so much."""
UNREADABLE = (AttributeError, KeyError, TypeError, ValueError)
"""What the library's reading of a strange answer ends in."""
DOES_NOT_FIT = _("Cette clé d’accès n’a pas été reconnue. Réessayez, ou connectez-vous autrement.")
NAMELESS = _("Donnez un nom à cette clé, pour la reconnaître.")


class CredentialField(forms.JSONField):
    """What a browser sends of a key. JSON that is deep enough exhausts whoever reads it."""

    def __init__(self) -> None:
        super().__init__(widget=forms.HiddenInput)
        self.error_messages["invalid"] = self.error_messages["required"] = DOES_NOT_FIT

    def bound_data(self, _data: Any, _initial: Any) -> str:
        # Never sent back: a challenge is answered once.
        return ""

    def prepare_value(self, _value: Any) -> str:
        return ""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and len(value) > LONGEST:
            raise forms.ValidationError(DOES_NOT_FIT)
        try:
            return super().to_python(value)
        except RecursionError as deep:
            raise forms.ValidationError(DOES_NOT_FIT) from deep


def _name_field() -> forms.CharField:
    return forms.CharField(
        label=_("Nom de la clé"),
        help_text=_("Pour la reconnaître : « mon téléphone », « la clé bleue »."),
        max_length=MOST,
        error_messages={"required": NAMELESS},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = _name_field()
    credential = CredentialField()
    # Asked of every key: the library would let one pass that needs a password beside it.
    passwordless = forms.BooleanField(widget=forms.HiddenInput, initial=True)

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (*UNREADABLE, forms.ValidationError) as strange:
            raise forms.ValidationError(DOES_NOT_FIT) from strange
        return cleaned

    def clean_name(self) -> str:
        return _a_name(self.cleaned_data["name"])


class NameForm(EditWebAuthnForm):  # type: ignore[misc]
    name = _name_field()

    def clean_name(self) -> str:
        return _a_name(self.cleaned_data["name"])


def _a_name(typed: str) -> str:
    name = one_line(typed)
    if not says_something(name):
        raise forms.ValidationError(NAMELESS)
    return name


class _Reads:
    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (*UNREADABLE, forms.ValidationError) as strange:
            # The library calls a key a code, too.
            raise forms.ValidationError(DOES_NOT_FIT) from strange


class SignInForm(_Reads, LoginWebAuthnForm):  # type: ignore[misc]
    """Instead of a password."""

    credential = CredentialField()


class SecondFactorForm(_Reads, AuthenticateWebAuthnForm):  # type: ignore[misc]
    """After a password."""

    credential = CredentialField()


class AgainForm(_Reads, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    """Before something that counts is changed."""

    credential = CredentialField()
