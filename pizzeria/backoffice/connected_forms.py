"""What is typed about the programmes that a store is connected with: its devices' tokens, and who is told of its orders."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from pizzeria.accounts.models import Scope, User
from pizzeria.accounts.tokens import LABEL_LENGTH
from pizzeria.ordering.models import Order
from pizzeria.outside.addresses import LONGEST

LIVES = [
    ("1", _("un jour")),
    ("7", _("une semaine")),
    ("30", _("un mois")),
    ("90", _("trois mois")),
    ("365", _("un an")),
]
FOR_DEVICES = [(scope.value, scope.label) for scope in (Scope.READ_ORDERS, Scope.MOVE_ORDERS, Scope.READ_STOCK)]


class DeviceForm(forms.Form):
    """A token for a device of one of the store's people."""

    label = forms.CharField(
        label=_("Appareil"),
        max_length=LABEL_LENGTH,
        help_text=_("Par exemple « tablette de la caisse »."),
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    bearer = forms.ModelChoiceField(label=_("Au nom de"), queryset=User.objects.none())
    days = forms.ChoiceField(label=_("Valable"), choices=LIVES, initial="90")
    scopes = forms.MultipleChoiceField(
        label=_("Ce que l’appareil peut faire"),
        choices=FOR_DEVICES,
        initial=[Scope.READ_ORDERS.value],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choisissez ce que l’appareil pourra faire.")},
    )

    def __init__(self, *args: Any, bearers: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["bearer"].queryset = bearers  # type: ignore[attr-defined]

    @property
    def life(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["days"]))


class EndpointForm(forms.Form):
    """Who is told, and of what; of everything where nothing is chosen."""

    url = forms.CharField(
        label=_("Adresse"),
        max_length=LONGEST,
        help_text=_("Celle que votre prestataire vous donne. Elle commence par « https:// »."),
        widget=forms.URLInput({"autocomplete": "off", "placeholder": "https://"}),
    )
    statuses = forms.MultipleChoiceField(
        label=_("Prévenir quand une commande devient"),
        choices=Order.Status.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Rien de coché : à chaque changement."),
    )
    whole_group = forms.BooleanField(label=_("Pour tous les points de vente du groupe"), required=False)
