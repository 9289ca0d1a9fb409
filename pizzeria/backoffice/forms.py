"""What staff type, checked before anything is asked of the database."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Product, Variant
from pizzeria.catalogue.prices import MOST_PERCENT
from pizzeria.languages import localized
from pizzeria.ordering.gestures import WORDS_LENGTH
from pizzeria.ordering.lines import label_of
from pizzeria.ordering.models import Fulfilment, Order, Source
from pizzeria.ordering.order_list import Wanted
from pizzeria.ordering.services import REASON_LENGTH
from pizzeria.payments.models import AT_DOOR, EXPLANATION_LENGTH, Method, PaymentStatus


class SignInForm(forms.Form):
    identifier = forms.CharField(label=_("Identifiant"), max_length=254)
    password = forms.CharField(label=_("Mot de passe"), max_length=1024, strip=False, widget=forms.PasswordInput)


class SearchForm(forms.Form):
    """Filters of the list of orders; all may be empty."""

    q = forms.CharField(label=_("Numéro, nom, téléphone ou rue"), max_length=80, required=False)
    status = forms.ChoiceField(label=_("Statut"), choices=[("", _("Tous")), *Order.Status.choices], required=False)
    late = forms.BooleanField(label=_("En retard seulement"), required=False)
    fulfilment = forms.ChoiceField(label=_("Mode"), choices=[("", _("Tous")), *Fulfilment.choices], required=False)
    source = forms.ChoiceField(label=_("Reçue"), choices=[("", _("Toutes")), *Source.choices], required=False)
    payment = forms.ChoiceField(label=_("Paiement"), choices=[("", _("Tous")), *PaymentStatus.choices], required=False)
    who = forms.IntegerField(label=_("Pizzaiolo ou livreur"), required=False, min_value=1, max_value=2**31)
    since = forms.DateField(
        label=_("Du"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )
    until = forms.DateField(
        label=_("Au"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    FURTHER = ("late", "fulfilment", "source", "payment", "who", "since", "until")
    """Those that are folded away until one of them is used."""

    @property
    def wanted(self) -> Wanted:
        """What is asked for; a filter that says nothing sensible filters nothing."""
        said = self.cleaned_data
        return Wanted(
            words=said.get("q", ""),
            status=said.get("status", ""),
            is_late=said.get("late", False),
            fulfilment=said.get("fulfilment", ""),
            source=said.get("source", ""),
            payment=said.get("payment", ""),
            since=said.get("since"),
            until=said.get("until"),
            person_id=said.get("who"),
        )

    @property
    def goes_further(self) -> bool:
        return any(self.data.get(name) for name in self.FURTHER)


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


FIRST_DAY = date(2000, 1, 1)
"""Nothing was sold before; the ends of the calendar have no midnight in Paris."""


class DayForm(forms.Form):
    """Which day; none for the present one."""

    day = forms.DateField(
        label=_("Jour"),
        required=False,
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"),
    )

    def clean_day(self) -> date | None:
        day: date | None = self.cleaned_data["day"]
        if day and not FIRST_DAY <= day <= timezone.localdate():
            raise forms.ValidationError(_("Choisissez aujourd’hui, ou un jour passé."))
        return day


class MoneyForm(DayForm):
    """Which day's money, and an order by its number; both may be empty."""

    q = forms.CharField(label=_("Numéro de commande"), max_length=12, required=False)

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
    """How much is given back of an order, and why. `left` is what the page showed as still paid."""

    left = forms.DecimalField(max_digits=8, decimal_places=2, widget=forms.HiddenInput)
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


TOO_MUCH = _("Indiquez un montant de 999 999,99 € au plus, au centime.")


def _amount(label: Any, **options: Any) -> forms.DecimalField:
    """Euros as people type them, with a comma or a point; what an amount may be is for the services to say."""
    return forms.DecimalField(
        label=label,
        max_digits=8,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={
            "invalid": _("Indiquez un montant en euros, au centime."),
            "max_digits": TOO_MUCH,
            "max_whole_digits": TOO_MUCH,
        },
        **options,
    )


class TakeForm(forms.Form):
    """One means. `due` is what the page showed; `note` is a button, or `other` for what was typed beside it."""

    due = forms.DecimalField(max_digits=8, decimal_places=2, widget=forms.HiddenInput)
    method = forms.ChoiceField(choices=[(method.value, method.label) for method in AT_DOOR])
    amount = _amount(_("Montant encaissé en €"))
    note = forms.CharField(required=False, max_length=10)
    tendered = _amount(_("Autre somme reçue, en €"), required=False)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or {}
        note, amount = asked.get("note"), asked.get("amount")
        if asked.get("method") != Method.CASH or not note:
            asked["tendered"] = None
        elif note == "exact":
            asked["tendered"] = amount
        elif note != "other":
            asked["tendered"] = self._of_a_button(note)
        elif asked.get("tendered") is None and "tendered" not in self.errors:
            self.add_error("tendered", _("Indiquez la somme reçue."))
        return asked

    def _of_a_button(self, note: str) -> Decimal | None:
        """What a button stands for, as bounded as what is typed: nobody but our page says that it comes from one."""
        try:
            return self.fields["tendered"].clean(note)  # type: ignore[no-any-return]
        except forms.ValidationError as error:
            self.add_error("tendered", error)
            return None


class OpenRoundForm(forms.Form):
    """A float for one of the drivers who have none."""

    driver = forms.ModelChoiceField(label=_("Livreur"), queryset=User.objects.none())
    opening_amount = _amount(_("Fond de caisse en €"))

    def __init__(self, *args: Any, drivers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["driver"].queryset = drivers  # type: ignore[attr-defined]


class CloseRoundForm(forms.Form):
    handed_over = _amount(_("Montant compté et remis, en €"))
    explanation = forms.CharField(
        label=_("Explication de l’écart"),
        max_length=EXPLANATION_LENGTH,
        required=False,
        help_text=_("Seulement si le compte n’y est pas."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
