"""What staff type, checked before anything is asked of the database."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Product, Variant
from pizzeria.catalogue.prices import MOST_PERCENT
from pizzeria.languages import localized
from pizzeria.ordering.models import Order
from pizzeria.ordering.pricing import label_of
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


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"}, "%Y-%m-%d")
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
