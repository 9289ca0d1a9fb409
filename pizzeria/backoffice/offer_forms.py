"""The form of an offer, by its sort: what it gives, on what, and on which conditions."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pizzeria.catalogue.models import Product, Size
from pizzeria.languages import localized
from pizzeria.ordering.models import Channel, Fulfilment
from pizzeria.promotions.editing import PARTS, OfferAsked, PartAsked
from pizzeria.promotions.models import Audience, Kind, Offer, Reach
from pizzeria.stores.models import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort:
    """A sort of offer, as it is chosen: its fields, and how many parts it has at most."""

    slug: str
    label: Promise
    kind: str
    reach: str = Reach.ORDER.value
    gift: tuple[str, ...] = ()
    parts: int = 0


SORTS = (
    Sort(
        slug="n-pour-m", label=_("n achetées, m offertes"), kind="set", gift=("bought", "given", "same_size"), parts=1
    ),
    Sort(slug="formule", label=_("Une formule à prix fixe"), kind="formula", gift=("price",), parts=PARTS[1]),
    Sort(slug="pourcentage", label=_("Un pourcentage sur la commande"), kind="percent", gift=("percent",)),
    Sort(
        slug="pourcentage-produits",
        label=_("Un pourcentage sur des produits"),
        kind="percent",
        reach="items",
        gift=("percent",),
        parts=1,
    ),
    Sort(slug="montant", label=_("Un montant sur la commande"), kind="amount", gift=("amount",)),
    Sort(
        slug="montant-produits",
        label=_("Un montant sur des produits"),
        kind="amount",
        reach="items",
        gift=("amount",),
        parts=1,
    ),
    Sort(slug="livraison", label=_("La livraison offerte"), kind="delivery"),
)


def sort_of(found: Offer) -> Sort:
    reach = found.reach if found.kind in (Kind.PERCENT, Kind.AMOUNT) else Reach.ORDER.value
    return next(sort for sort in SORTS if (sort.kind, sort.reach) == (found.kind, reach))


def _euros(label: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=2,
        localize=True,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"}),
    )


def _count(label: Any, most: int = 1_000_000) -> forms.IntegerField:
    return forms.IntegerField(label=label, required=False, min_value=1, max_value=most)


def _day(label: Any) -> forms.DateField:
    widget = forms.DateInput({"type": "date"}, "%Y-%m-%d")
    return forms.DateField(label=label, required=False, input_formats=["%Y-%m-%d"], widget=widget)


def _hour(label: Any) -> forms.TimeField:
    widget = forms.TimeInput({"type": "time"}, "%H:%M")
    return forms.TimeField(label=label, required=False, input_formats=["%H:%M"], widget=widget)


def _boxes(label: Any, choices: Sequence[tuple[Any, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple)


class _Named(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """Products or sizes, in the reader's language."""

    def label_from_instance(self, obj: Product | Size) -> str:
        return localized(obj, "name")


def _gifts() -> dict[str, forms.Field]:
    return {
        "percent": _count(_("Pourcentage de moins"), 100),
        "amount": _euros(_("Montant de moins, en €")),
        "price": _euros(_("Prix de la formule, en €")),
        "bought": _count(_("Achetées"), 5),
        "given": _count(_("Offertes"), 5),
        "same_size": forms.BooleanField(label=_("Toutes de la même taille"), required=False, initial=True),
    }


class OfferForm(forms.Form):
    """All fields of a sort of offer. `stores` are those that whoever asks may choose; `for_group`: none of them means all."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Nom, tel que le client le lit"), max_length=80)
    name_en = forms.CharField(label=_("Nom en anglais"), max_length=80, required=False)
    code = forms.CharField(label=_("Code à taper"), max_length=30, required=False)
    audience = forms.ChoiceField(label=_("Pour qui"), choices=Audience.choices)
    audience_number = _count(_("n, pour les clients ci-dessus"), 10_000)
    starts_on = _day(_("Premier jour"))
    ends_on = _day(_("Dernier jour"))
    from_time = _hour(_("De"))
    until_time = _hour(_("À"))
    weekdays = _boxes(_("Jours de la semaine"), list(WEEKDAYS.items()))
    minimum = _euros(_("À partir de, en €, avant remises"))
    fulfilments = _boxes(_("Pour une commande"), Fulfilment.choices)
    channels = _boxes(_("Passée"), Channel.choices)
    most = _count(_("Fois en tout"))
    most_each = _count(_("Fois par client connecté"), 1_000)
    is_combinable = forms.BooleanField(label=_("Se cumule avec d’autres offres"), required=False, initial=True)

    def __init__(self, *args: Any, sort: Sort, stores: Collection[Store], for_group: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sort = sort
        gifts = _gifts()
        for name in sort.gift:
            self.fields[name] = gifts[name]
        for place in range(sort.parts):
            self._add_part(place)
        choices = [(store.pk, store.name) for store in stores]
        self.stores = {store.pk: store for store in stores}
        self.fields["stores"] = forms.TypedMultipleChoiceField(
            label=_("Points de vente (aucun : tous)") if for_group else _("Points de vente"),
            choices=choices,
            coerce=int,
            required=not for_group,
            widget=forms.CheckboxSelectMultiple,
        )

    def _add_part(self, place: int) -> None:
        kinds = [("", _("n’importe quel produit")), *Product.Kind.choices]
        products = Product.objects.filter(is_active=True)
        self.fields[f"kind_{place}"] = forms.ChoiceField(label=_("Sorte"), choices=kinds, required=False)
        self.fields[f"products_{place}"] = _Named(
            label=_("Seulement ceux-ci (aucun : tous)"), queryset=products, required=False
        )
        self.fields[f"sizes_{place}"] = _Named(
            label=_("Tailles (aucune : toutes)"), queryset=Size.objects.all(), required=False
        )

    @property
    def gift(self) -> list[BoundField]:
        return [self[name] for name in self.sort.gift]

    @property
    def part_groups(self) -> list[list[BoundField]]:
        names = ("kind", "products", "sizes")
        return [[self[f"{name}_{place}"] for name in names] for place in range(self.sort.parts)]

    @property
    def conditions(self) -> Iterator[BoundField]:
        """In the order in which people think of them."""
        names = (
            "stores", "starts_on", "ends_on", "weekdays", "from_time", "until_time", "minimum", "fulfilments", "channels",
            "audience", "audience_number", "code", "most", "most_each", "is_combinable",
        )  # fmt: skip
        return (self[name] for name in names)

    def asked(self) -> OfferAsked:
        """What a valid form asks for."""
        said = self.cleaned_data
        plain = {name: said[name] for name in PLAIN if name in said}
        values = {**plain, "kind": self.sort.kind, "reach": self.sort.reach}
        values["weekdays"] = [int(day) for day in said["weekdays"]]
        return OfferAsked(
            values=values,
            parts=list(self._parts()),
            stores=[self.stores[pk] for pk in said["stores"]],
            most=said["most"],
        )

    def _parts(self) -> Iterator[PartAsked]:
        for place in range(self.sort.parts):
            kind, products, sizes = (self.cleaned_data[f"{name}_{place}"] for name in ("kind", "products", "sizes"))
            # A formula has as many parts as were filled in; another offer has its one, which may be any product.
            if self.sort.parts == 1 or kind or products:
                yield PartAsked(kind=kind, products=list(products), sizes=list(sizes))


PLAIN = (
    "name", "name_en", "code", "audience", "audience_number", "starts_on", "ends_on", "from_time", "until_time", "minimum",
    "fulfilments", "channels", "most_each", "is_combinable", "percent", "amount", "price", "bought", "given", "same_size",
)  # fmt: skip


def initial_of(found: Offer) -> dict[str, Any]:
    """An offer as its form shows it."""
    shown: dict[str, Any] = {name: getattr(found, name) for name in (*PLAIN, "version")}
    shown["weekdays"] = [str(day) for day in found.weekdays]
    shown["stores"] = [store.pk for store in found.stores.all()]
    shown["most"] = found.quota.most if hasattr(found, "quota") else None
    for part in found.parts.all():
        shown[f"kind_{part.position}"] = part.kind
        shown[f"products_{part.position}"] = [product.pk for product in part.products.all()]
        shown[f"sizes_{part.position}"] = [size.pk for size in part.sizes.all()]
    return shown


def differences(form: OfferForm, found: Offer) -> list[tuple[str, str, str]]:
    """Where what was typed is not what stands now: (the field, what was typed, what stands)."""
    standing = OfferForm(initial=initial_of(found), sort=form.sort, stores=form.stores.values(), for_group=True)
    told = []
    for field in form.visible_fields():
        mine, theirs = _said(field, field.value()), _said(standing[field.name], standing[field.name].value())
        if mine != theirs:
            told.append((str(field.label), mine or "—", theirs or "—"))
    return told


def _said(field: BoundField, value: Any) -> str:
    """A field's value in words: the labels of what is chosen."""
    if isinstance(value, bool):
        return str(_("oui") if value else _("non"))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M}"
    choices = getattr(field.field, "choices", None)
    if choices is None:
        return "" if value is None else str(field.field.prepare_value(value)).replace(",", ".").removesuffix(".00")
    chosen = {str(each) for each in (value if isinstance(value, (list, tuple)) else [value])}
    return ", ".join(str(label) for key, label in choices if str(key) in chosen)
