"""Adding, changing, ending offers: the responsable's of their points of sale, the direction's of all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Product, Size
from pizzeria.money import NOTHING
from pizzeria.promotions.errors import InvalidOffer, OfferChanged
from pizzeria.promotions.models import Audience, Kind, Offer, OfferPart, Quota, Reach
from pizzeria.promotions.rules import Deal, Part
from pizzeria.promotions.selectors import normal_code
from pizzeria.stores.models import Store

MOST_TOGETHER = 6
"""Units in one set: what is found for a basket is found by trying."""
MOST_OFF_ORDER = 90
"""Percent off a whole order; a product may be free."""
PARTS = (2, 4)
"""Of a formula."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartAsked:
    kind: str = ""
    products: Collection[Product] = ()
    sizes: Collection[Size] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferAsked:
    """An offer as somebody wants it: `values` are columns of `Offer`, `stores` where it holds (none: everywhere)."""

    values: Mapping[str, Any]
    parts: Sequence[PartAsked] = ()
    stores: Collection[Store] = field(default_factory=tuple)
    most: int | None = None

    @property
    def columns(self) -> dict[str, Any]:
        """What is stored: of the values that a kind does not ask for, none is kept."""
        kind = self.values["kind"]
        unused = {name for name, kinds in OF_KIND.items() if kind not in kinds}
        values = {name: None if name in unused else value for name, value in self.values.items()}
        return values | {"code": normal_code(self.values.get("code", ""))}


OF_KIND = {
    "percent": {Kind.PERCENT},
    "amount": {Kind.AMOUNT},
    "price": {Kind.FORMULA},
    "bought": {Kind.SET},
    "given": {Kind.SET},
}


def deal_asked(*, asked: OfferAsked) -> Deal | None:
    """The offer as it would be reckoned with, without storing it; None while it makes no sense yet."""
    if _wrong_gift(asked):
        return None
    columns = asked.columns
    return Deal(
        pk=0,
        name=columns.get("name", ""),
        kind=columns["kind"],
        reach=columns.get("reach", Reach.ORDER.value),
        percent=columns.get("percent") or 0,
        amount=columns.get("amount") or NOTHING,
        price=columns.get("price") or NOTHING,
        bought=columns.get("bought") or 0,
        given=columns.get("given") or 0,
        same_size=columns.get("same_size", True),
        minimum=columns.get("minimum") or NOTHING,
        parts=tuple(
            Part(
                kind=part.kind,
                products=frozenset(product.pk for product in part.products),
                sizes=frozenset(size.pk for size in part.sizes),
            )
            for part in asked.parts
        ),
    )


@transaction.atomic
def add_offer(*, asked: OfferAsked, acting_user: User | None) -> Offer:
    """Make an offer. Raises InvalidOffer."""
    _require_sense(asked)
    offer = Offer(**asked.columns, written_by=acting_user)
    _save(offer, asked)
    return offer


@transaction.atomic
def change_offer(*, offer: Offer, version: int, asked: OfferAsked, acting_user: User | None) -> Offer:
    """Change an offer that still is as it was read. Orders that have it keep it as it was.

    Raises InvalidOffer, and OfferChanged when somebody else was first: nothing of theirs is overwritten.
    """
    _require_sense(asked)
    _swap(offer, version)
    for name, value in asked.columns.items():
        setattr(offer, name, value)
    offer.written_by = acting_user
    _save(offer, asked)
    return offer


@transaction.atomic
def end_offer(*, offer: Offer, version: int, acting_user: User | None) -> None:
    """End an offer for good: nobody gets it any more, and its code may serve again. Raises OfferChanged."""
    _swap(offer, version)
    Offer.objects.filter(pk=offer.pk).update(is_active=False, written_by=acting_user)


def _swap(offer: Offer, version: int) -> None:
    """Compare-and-swap: of two who change an offer at once, the second is told."""
    if not Offer.objects.filter(pk=offer.pk, version=version, is_active=True).update(version=version + 1):
        raise OfferChanged(_("Quelqu’un vient de modifier cette offre. Comparez, puis enregistrez à nouveau."))
    offer.version = version + 1


def _save(offer: Offer, asked: OfferAsked) -> None:
    try:
        # In a savepoint of its own: the refusal is told, and the caller's transaction rolls back by itself.
        with transaction.atomic():
            offer.save()
    except IntegrityError as error:
        raise _invalid(code=_("Une autre offre porte déjà ce code.")) from error
    offer.stores.set(asked.stores)
    offer.parts.all().delete()
    for position, wanted in enumerate(asked.parts):
        part = OfferPart.objects.create(offer=offer, position=position, kind=wanted.kind)
        part.products.set(wanted.products)
        part.sizes.set(wanted.sizes)
    _bound(offer, asked.most)


def _bound(offer: Offer, most: int | None) -> None:
    """How often it may be used in all: not less than it was already."""
    quota = Quota.objects.select_for_update().filter(offer=offer).first()
    if most is None:
        if quota:
            quota.delete()
    elif quota is None:
        Quota.objects.create(offer=offer, most=most)
    elif most < quota.used:
        raise _invalid(most=_("Elle a déjà servi %(used)s fois.") % {"used": quota.used})
    else:
        Quota.objects.filter(pk=quota.pk).update(most=most)


def _require_sense(asked: OfferAsked) -> None:
    wrong = {**_wrong_gift(asked), **_wrong_conditions(asked.values)}
    if wrong:
        raise _invalid(**wrong)


def _wrong_gift(asked: OfferAsked) -> dict[str, str]:
    values, kind = asked.values, asked.values["kind"]
    missing = [name for name, kinds in OF_KIND.items() if kind in kinds and not values.get(name)]
    if missing:
        return dict.fromkeys(missing, _("Indiquez-le pour cette sorte d’offre."))
    if kind == Kind.PERCENT:
        most = MOST_OFF_ORDER if values.get("reach", Reach.ORDER) == Reach.ORDER else 100
        if values["percent"] > most:
            return {"percent": _("%(most)s %% au plus.") % {"most": most}}
    if kind == Kind.SET and values["bought"] + values["given"] > MOST_TOGETHER:
        return {"given": _("%(most)s en tout, au plus.") % {"most": MOST_TOGETHER}}
    return _wrong_parts(asked)


def _wrong_parts(asked: OfferAsked) -> dict[str, str]:
    kind, count = asked.values["kind"], len(asked.parts)
    if kind == Kind.FORMULA:
        least, most = PARTS
        return {} if least <= count <= most else {"parts": _("Une formule compte de 2 à 4 parties.")}
    asks = kind == Kind.SET or asked.values.get("reach") == Reach.ITEMS
    if asks and count != 1:
        return {"parts": _("Dites sur quels produits.")}
    return {"parts": _("Cette offre ne choisit pas de produits.")} if count and not asks else {}


def _wrong_conditions(values: Mapping[str, Any]) -> dict[str, str]:
    wrong = {}
    code, starts, ends = values.get("code", ""), values.get("starts_on"), values.get("ends_on")
    if code and not normal_code(code):
        wrong["code"] = _("Un code compte de 3 à 30 lettres sans accent, chiffres ou tirets.")
    if starts and ends and ends < starts:
        wrong["ends_on"] = _("Le dernier jour vient après le premier.")
    audience = values.get("audience", Audience.EVERYBODY)
    if audience in (Audience.NTH, Audience.ABSENT) and not values.get("audience_number"):
        wrong["audience_number"] = _("Indiquez-le pour ces clients.")
    if not values.get("name"):
        wrong["name"] = _("Donnez-lui un nom.")
    return wrong


def _invalid(**fields: str) -> InvalidOffer:
    return InvalidOffer(" ".join(fields.values()), fields=fields)
