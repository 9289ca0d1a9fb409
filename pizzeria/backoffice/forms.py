"""What staff type, checked before anything is asked of the database."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Product, Variant
from pizzeria.catalogue.prices import MOST_PERCENT
from pizzeria.languages import localized
from pizzeria.ordering.gestures import WORDS_LENGTH
from pizzeria.ordering.models import Order
from pizzeria.ordering.pricing import label_of
from pizzeria.ordering.services import REASON_LENGTH
from pizzeria.payments.comparing import EXPLANATION_LENGTH


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


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
    )


class MoneyForm(forms.Form):
    """Which day's money, and an order by its number; both may be empty."""

    q = forms.CharField(label=_("Numéro de commande"), max_length=12, required=False)
    day = forms.DateField(
        label=_("Jour"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def clean_q(self) -> str:
        return str(self.cleaned_data["q"]).upper()


class WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Explication"),
        max_length=EXPLANATION_LENGTH,
        error_messages={"required": _("Dites-le en quelques mots.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class GestureForm(forms.Form):
    """How much is given back of an order, and why."""

    amount = forms.DecimalField(
        label=_("Montant en €"), min_value=Decimal("0.01"), max_digits=8, decimal_places=2, localize=False
    )
    words = forms.CharField(
        label=_("Raison"),
        max_length=WORDS_LENGTH,
        help_text=_("Elle reste avec la commande : une phrase suffit."),
        error_messages={"required": _("Indiquez la raison du geste.")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )


class ProductField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """The products of the menu, in the reader's language."""

    def label_from_instance(self, obj: Product) -> str:
        return localized(obj, "name")


class VariantField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    def label_from_instance(self, obj: Variant) -> str:
        return label_of(obj, None)


class ReductionForm(forms.Form):
    """A percentage off every size of a product, from one day to another."""

    prefix = "reduction"
    product = ProductField(label=_("Produit"), queryset=Product.objects.filter(is_active=True))
    percent = forms.IntegerField(label=_("Réduction en %"), min_value=1, max_value=MOST_PERCENT)
    starts_on = _day(_("Premier jour"))
    ends_on = _day(_("Dernier jour"))


class NewPriceForm(forms.Form):
    """Another price for one size, from a day on."""

    prefix = "price"
    variant = VariantField(
        label=_("Produit et taille"),
        queryset=Variant.objects.filter(product__is_active=True).select_related("product", "size"),
    )
    price = forms.DecimalField(
        label=_("Nouveau prix en €"), min_value=Decimal("0.01"), max_digits=6, decimal_places=2, localize=False
    )
    starts_on = _day(_("À partir du"))
