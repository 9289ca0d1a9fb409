"""What staff type, checked before anything is asked of the database."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pizzeria.ordering.models import Order
from pizzeria.ordering.services import REASON_LENGTH


class SignInForm(forms.Form):
    identifier = forms.CharField(label=_("Identifiant"), max_length=254)
    password = forms.CharField(label=_("Mot de passe"), max_length=1024, strip=False, widget=forms.PasswordInput)


class SearchForm(forms.Form):
    """Filters of the list of orders; all may be empty."""

    q = forms.CharField(label=_("Numéro, nom ou téléphone"), max_length=80, required=False)
    status = forms.ChoiceField(label=_("Statut"), choices=[("", _("Tous")), *Order.Status.choices], required=False)
    day = forms.DateField(
        label=_("Jour"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label=_("Raison"),
        max_length=REASON_LENGTH,
        help_text=_("Le client la lira : une phrase suffit."),
        error_messages={"required": _("Indiquez la raison de l’annulation.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
