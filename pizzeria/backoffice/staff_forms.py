"""What is typed about people of the staff, and by them about themselves."""

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from pizzeria.accounts.details import problem_of_phone
from pizzeria.accounts.models import Role, User
from pizzeria.accounts.people import Reach
from pizzeria.accounts.pins import LENGTH
from pizzeria.accounts.staff import Details
from pizzeria.words import one_line, says_something

NAME_LENGTH = 80
OFF = {"autocomplete": "off"}


class RolesField(forms.MultipleChoiceField):
    """The roles that somebody gives, as boxes to tick."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Rôles"),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": _("Choisissez au moins un rôle.")},
        )

    def offer(self, reach: Reach) -> None:
        self.choices = [(role.value, str(role.label)) for role in reach.gives]


class PersonForm(forms.Form):
    """Somebody of the team; `shown` is the fingerprint of what the page has shown."""

    first_name = forms.CharField(label=_("Prénom"), max_length=NAME_LENGTH, widget=forms.TextInput(OFF))
    last_name = forms.CharField(
        label=pgettext_lazy("personne", "Nom"), max_length=NAME_LENGTH, widget=forms.TextInput(OFF)
    )
    phone = forms.CharField(
        label=_("Téléphone"), max_length=20, required=False, widget=forms.TextInput({**OFF, "inputmode": "tel"})
    )
    email = forms.EmailField(
        label=_("Adresse électronique"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(OFF),
        help_text=_("Confirmée par la personne, elle lui permet de retrouver son mot de passe."),
    )
    roles = RolesField()
    shown = forms.CharField(required=False, max_length=16, widget=forms.HiddenInput)

    def __init__(self, *args: Any, reach: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].offer(reach)  # type: ignore[attr-defined]

    def clean_first_name(self) -> str:
        return _said(self.cleaned_data["first_name"])

    def clean_last_name(self) -> str:
        return _said(self.cleaned_data["last_name"])

    def clean_phone(self) -> str:
        phone = one_line(self.cleaned_data["phone"])
        problem = problem_of_phone(phone)
        if problem:
            raise forms.ValidationError(problem)
        return phone

    def details(self) -> Details:
        asked = self.cleaned_data
        return Details(
            first_name=asked["first_name"],
            last_name=asked["last_name"],
            phone=asked["phone"],
            email=asked["email"].lower(),
            roles=frozenset(asked["roles"]),
        )


class NewPersonForm(PersonForm):
    """`is_another` is asked for where somebody of this name works here already."""

    is_another = forms.BooleanField(label=_("C’est une autre personne du même nom."), required=False)


class JoinForm(forms.Form):
    """Somebody who has an account already."""

    identifier = forms.CharField(
        label=_("Identifiant"),
        max_length=254,
        widget=forms.TextInput({**OFF, "autocapitalize": "none", "spellcheck": "false"}),
        help_text=_("Celui de la personne dans son autre point de vente, ou celui qu’elle avait avant de partir."),
    )
    roles = RolesField()

    def __init__(self, *args: Any, reach: Reach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].offer(reach)  # type: ignore[attr-defined]

    def clean_identifier(self) -> str:
        return one_line(self.cleaned_data["identifier"]).lower()


class ScreenForm(forms.Form):
    label = forms.CharField(
        label=_("Nom de l’écran"),
        max_length=60,
        widget=forms.TextInput(OFF),
        help_text=_("Par exemple : tablette du four."),
    )

    def clean_label(self) -> str:
        return _said(self.cleaned_data["label"])


class FirstPasswordForm(forms.Form):
    """One's own password, in place of the one that was issued."""

    password = forms.CharField(
        label=_("Nouveau mot de passe"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=_("Dix caractères au moins : une phrase dont vous vous souvenez convient très bien."),
    )
    again = forms.CharField(
        label=_("Le même, encore une fois"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if self.user.check_password(password):
            raise forms.ValidationError(_("C’est celui qui vous a été remis : choisissez le vôtre."))
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if "password" in asked and asked.get("again") not in {None, asked["password"]}:
            self.add_error("again", _("Les deux mots de passe ne sont pas les mêmes."))
        return asked


def _figures(label: Any, **options: Any) -> forms.CharField:
    """Six figures, on the keyboard for figures."""
    return forms.CharField(
        label=label,
        max_length=LENGTH,
        widget=forms.PasswordInput({**OFF, "inputmode": "numeric", "pattern": f"[0-9]{{{LENGTH}}}"}),
        **options,
    )


class PinForm(forms.Form):
    """A PIN of one's own choice; the password shows that it is them who choose."""

    current = forms.CharField(
        label=_("Votre mot de passe"),
        max_length=1024,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    pin = _figures(_("Nouveau code"), help_text=_("Six chiffres, que vous êtes seul à connaître."))
    again = _figures(_("Le même code, encore une fois"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_current(self) -> str:
        if not self.user.check_password(self.cleaned_data["current"]):
            raise forms.ValidationError(_("Ce n’est pas votre mot de passe."))
        return ""

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        if "pin" in asked and asked.get("again") not in {None, asked["pin"]}:
            self.add_error("again", _("Les deux codes ne sont pas les mêmes."))
        return asked


class EnterForm(forms.Form):
    pin = _figures(_("Votre code"))


def role_labels(roles: frozenset[str]) -> str:
    return ", ".join(str(role.label) for role in Role if role in roles)


def _said(text: str) -> str:
    said = one_line(text)
    if not says_something(said):
        raise forms.ValidationError(_("Dites-le en quelques lettres."))
    return said
