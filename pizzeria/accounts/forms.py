"""What clients fill in: django-allauth's forms in the house's words."""

from datetime import date
from typing import Any, ClassVar

from allauth.account import forms as account
from allauth.account.fields import SetPasswordField
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import forms as social
from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from pizzeria.accounts.addresses import FIELDS as PLACE
from pizzeria.accounts.clients import AccountExists, accounts_at, prove_mailbox, reachable_at, require_free
from pizzeria.accounts.details import OLDEST, POSTAL_CODE, problem_of_phone
from pizzeria.accounts.gates import keep_short
from pizzeria.accounts.models import User
from pizzeria.words import one_line, says_something

MOST_OF_A_PASSWORD = 1024
EMAIL_LENGTH = 254
PASSWORD_HINT = gettext_lazy("Dix caractères au moins ; une phrase est facile à retenir.")


class LineField(forms.CharField):
    """Words on one line, without what nobody sees and no database stores."""

    def to_python(self, value: object) -> str:
        return one_line(str(value or ""))


class MailField(forms.EmailField):
    """An address, in small letters from the start: what is stored is what was checked."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            max_length=EMAIL_LENGTH,
            label=gettext_lazy("Adresse électronique"),
            widget=forms.EmailInput(attrs={"autocomplete": "email"}),
            **options,
        )

    def to_python(self, value: object) -> str:
        return one_line(str(value or "")).lower()

    def clean(self, value: object) -> str:
        try:
            return str(super().clean(value))
        except ValidationError as refusal:
            if any(error.code == "required" for error in refusal.error_list):
                raise
            raise ValidationError(_("Cette adresse électronique n’est pas valide.")) from None


class Plain:
    """A form whose fields say what they ask for above them, where it stays, and nothing in a foreign voice."""

    labels: ClassVar[dict[str, Any]] = {}
    hints: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        if "email" in fields:
            fields["email"] = MailField(initial=fields["email"].initial)
        for name, field in fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.error_messages["required"] = gettext_lazy("Remplissez ce champ.")
            field.help_text = self.hints.get(name, "")
            field.label = self.labels.get(name, field.label)
            if isinstance(field.widget, forms.PasswordInput):
                field.widget.attrs["maxlength"] = MOST_OF_A_PASSWORD


class SignInForm(Plain, account.LoginForm):  # type: ignore[misc]
    """C11: blank, wrong and anything that could not be an address are told apart no further than that."""

    labels: ClassVar = {
        "login": gettext_lazy("Adresse électronique"),
        "password": gettext_lazy("Mot de passe"),
        "remember": gettext_lazy("Rester connecté sur cet appareil"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "none", "autofocus": True})
        self.fields["login"] = LineField(label=self.labels["login"], widget=email)

    def clean_login(self) -> str:
        return str(self.cleaned_data["login"]).lower()

    def clean(self) -> Any:
        codes = {error.code for errors in self.errors.as_data().values() for error in errors}
        self.errors.clear()
        if "required" in codes:
            raise ValidationError(_("Les informations saisies sont incomplètes"))
        if codes:
            raise ValidationError(_("Les informations saisies sont erronées"))
        return super().clean()

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        answer: HttpResponse = super().login(request, redirect_url)
        # After the library has made it as long as the box says.
        if isinstance(request.user, User) and request.user.roles.exists():
            keep_short(request=request)
        return answer


class Person(Plain):
    """Who signs up, beside how (A1)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, forms.Field] = self.fields  # type: ignore[attr-defined]
        asked = {
            "first_name": _line(gettext_lazy("Prénom"), "given-name", most=80),
            "last_name": _line(pgettext_lazy("personne", "Nom"), "family-name", most=80),
            **fields,
            "phone": _line(gettext_lazy("Téléphone"), "tel", most=20, required=False),
            "birthday": birthday_field(),
        }
        fields.clear()
        fields.update(asked)

    @property
    def account_exists(self) -> bool:
        """Whether the address is an account's: the page then says where to sign in."""
        refused = self.errors.as_data().get("email", [])  # type: ignore[attr-defined]
        return any(refusal.code == "account_exists" for refusal in refused)

    def clean_first_name(self) -> str:
        return _said(self.cleaned_data["first_name"])  # type: ignore[attr-defined]

    def clean_last_name(self) -> str:
        return _said(self.cleaned_data["last_name"])  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        return good_phone(self.cleaned_data["phone"])  # type: ignore[attr-defined]

    def clean_birthday(self) -> date | None:
        return possible_birthday(self.cleaned_data["birthday"])  # type: ignore[attr-defined]

    def validate_unique_email(self, value: str) -> str:
        if accounts_at(email=value).exists():
            raise ValidationError(_("Un compte existe déjà"), code="account_exists")
        return value

    def try_save(self, request: HttpRequest) -> Any:
        """Make the account, unless somebody has just made one with this address."""
        try:
            with transaction.atomic():
                require_free(email=self.cleaned_data["email"])  # type: ignore[attr-defined]
                return super().try_save(request)  # type: ignore[misc]
        except AccountExists as refusal:
            messages.error(request, refusal.message)
            raise ImmediateHttpResponse(redirect("account_login")) from None


class DetailsForm(Person, forms.Form):
    """What an account knows of its owner, beside how they sign in."""


class SignUpForm(Person, account.SignupForm):  # type: ignore[misc]
    labels: ClassVar = {"password1": gettext_lazy("Mot de passe")}
    hints: ClassVar = {"password1": PASSWORD_HINT}


class SocialSignUpForm(Person, social.SignupForm):  # type: ignore[misc]
    """What Google or Facebook did not say, or said of somebody who has an account."""


class NewEmailForm(Plain, account.AddEmailForm):  # type: ignore[misc]
    labels: ClassVar = {"email": gettext_lazy("Nouvelle adresse électronique")}

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if EmailAddress.objects.filter(user=self.user, email=email, verified=True).exists():
            raise ValidationError(_("C’est déjà votre adresse."))
        if accounts_at(email=email).exclude(pk=self.user.pk).exists():
            raise ValidationError(_("Un compte existe déjà"), code="account_exists")
        return email


class ResetForm(Plain, account.ResetPasswordForm):  # type: ignore[misc]
    """It never tells whether an account has this address: the mail does, to whoever reads it."""

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        self.users = list(reachable_at(email=email))
        return email


class NewPassword(Plain):
    """A new password, typed once: what it is can be shown by the browser, and mailed anew."""

    labels: ClassVar = {
        "oldpassword": gettext_lazy("Mot de passe actuel"),
        "password1": gettext_lazy("Nouveau mot de passe"),
    }
    hints: ClassVar = {"password1": PASSWORD_HINT}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)  # type: ignore[attr-defined]


class ChangePasswordForm(NewPassword, account.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(NewPassword, account.SetPasswordForm):  # type: ignore[misc]
    pass


class ResetKeyForm(NewPassword, account.ResetPasswordKeyForm):  # type: ignore[misc]
    def save(self) -> None:
        super().save()
        prove_mailbox(user=self.user)


class InvitationForm(NewPassword, forms.Form):
    """The first password of an account that the counter has made."""

    labels: ClassVar = {"password1": gettext_lazy("Mot de passe")}
    password1 = SetPasswordField(label="")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].user = user  # type: ignore[attr-defined]


class AddressForm(Plain, forms.Form):
    """A place, as people write it on an envelope."""

    labels: ClassVar = {
        "street": gettext_lazy("Numéro et rue"),
        "complement": gettext_lazy("Étage, code, interphone"),
        "postal_code": gettext_lazy("Code postal"),
        "town": gettext_lazy("Ville"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "street": _line(self.labels["street"], "address-line1", most=120),
            "complement": _line(self.labels["complement"], "address-line2", most=120, required=False),
            "postal_code": _line(self.labels["postal_code"], "postal-code", most=20),
            "town": _line(self.labels["town"], "address-level2", most=80),
        }

    def clean_street(self) -> str:
        return _said(self.cleaned_data["street"])

    def clean_town(self) -> str:
        return _said(self.cleaned_data["town"])

    def clean_postal_code(self) -> str:
        code = str(self.cleaned_data["postal_code"])
        if not POSTAL_CODE.match(code):
            raise ValidationError(_("Un code postal a cinq chiffres."))
        return code


class ClientForm(AddressForm):
    """Who the counter makes an account for; the address is there as a whole, or not at all."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False
        self.fields = {
            "first_name": _line(gettext_lazy("Prénom"), "off", most=80),
            "last_name": _line(pgettext_lazy("personne", "Nom"), "off", most=80),
            "email": MailField(error_messages={"required": gettext_lazy("Remplissez ce champ.")}),
            "phone": _line(gettext_lazy("Téléphone"), "off", most=20, required=False),
            **self.fields,
        }
        for field in self.fields.values():
            # It is somebody else's: the browser of the counter must not offer what it knows.
            field.widget.attrs["autocomplete"] = "off"

    def clean_first_name(self) -> str:
        return _said(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return _said(self.cleaned_data["last_name"])

    def clean_phone(self) -> str:
        return good_phone(self.cleaned_data["phone"])

    def clean_street(self) -> str:
        return str(self.cleaned_data["street"])

    def clean_town(self) -> str:
        return str(self.cleaned_data["town"])

    def clean_postal_code(self) -> str:
        return super().clean_postal_code() if self.cleaned_data["postal_code"] else ""

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if any(asked.get(name) for name in PLACE):
            for name in ("street", "postal_code", "town"):
                if name not in self.errors and not says_something(asked.get(name, "")):
                    self.add_error(name, _("Remplissez ce champ."))
        return asked

    @property
    def address(self) -> dict[str, str]:
        """The fields of the address; empty where none is given."""
        fields = {name: str(self.cleaned_data.get(name, "")) for name in PLACE}
        return fields if fields["street"] else {}


class ReauthenticateForm(Plain, account.ReauthenticateForm):  # type: ignore[misc]
    labels: ClassVar = {"password": gettext_lazy("Mot de passe")}


def birthday_field() -> forms.DateField:
    return forms.DateField(
        label=gettext_lazy("Date de naissance"),
        help_text=gettext_lazy("Pour une attention le jour de votre anniversaire."),
        required=False,
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        error_messages={"invalid": gettext_lazy("Indiquez une date, par exemple 14/03/1996.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "bday"}),
    )


def good_phone(phone: str) -> str:
    """The number, if it is one, or none. Raises ValidationError."""
    if problem := problem_of_phone(phone):
        raise ValidationError(problem)
    return phone


def possible_birthday(day: date | None) -> date | None:
    """The day, if somebody alive may be born on it. Raises ValidationError."""
    if day and not OLDEST <= day <= timezone.localdate():
        raise ValidationError(_("Cette date n’est pas possible."))
    return day


def _line(label: Any, autocomplete: str, *, most: int, required: bool = True) -> LineField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete, "type": "tel" if autocomplete == "tel" else "text"})
    asked = LineField(label=label, max_length=most, required=required, widget=widget)
    asked.error_messages["required"] = gettext_lazy("Remplissez ce champ.")
    return asked


def _said(name: str) -> str:
    if not says_something(name):
        raise ValidationError(_("Ce champ est obligatoire."))
    return name
