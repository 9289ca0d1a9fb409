"""The stock for programmes: what a store has, and what it can still make of it (UC 6.2, 4.4). To read, not to change."""

from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router

from pizzeria.accounts.models import ApiToken, Scope
from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import workplaces_of
from pizzeria.api.answers import MakeableOut, MakeablesOut, StockLineOut, StockOut
from pizzeria.api.errors import Forbidden, StoreNotFound
from pizzeria.api.operation import answers, codes, gettext_lazy, needs
from pizzeria.api.staff import OF_TOKENS, StaffToken
from pizzeria.catalogue.selectors import offer
from pizzeria.languages import localized
from pizzeria.stock.makeable import coming, limit_of, shelves
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import makeable_counts, stock_of
from pizzeria.stores.models import Store

router = Router(tags=["staff"])


def _declared() -> dict[str, Any]:
    """A document of its own for each operation: what is written into one is not the other's."""
    return needs(Scope.READ_STOCK, codes(*OF_TOKENS, "store_not_found"))


@router.get(
    "/stores/{slug:slug}/stock",
    auth=StaffToken(Scope.READ_STOCK),
    response=answers({200: StockOut}, 401, 403, 404),
    summary=gettext_lazy("Le stock d’un de mes points de vente"),
    description=gettext_lazy(
        "Une ligne par ingrédient : sa quantité dans son unité, son seuil, et depuis quand il est hors vente."
    ),
    openapi_extra=_declared(),
)
def read_stock(request: HttpRequest, response: HttpResponse, slug: str) -> StockOut:
    found = _store(request, slug, Action.SEE_STOCK)
    response["Cache-Control"] = "no-store"
    return StockOut(store=found.slug, lines=[_line(item) for item in stock_of(store=found)])


@router.get(
    "/stores/{slug:slug}/makeable",
    auth=StaffToken(Scope.READ_STOCK),
    response=answers({200: MakeablesOut}, 401, 403, 404),
    summary=gettext_lazy("Ce qu’un de mes points de vente peut encore faire"),
    description=gettext_lazy("Par produit et par taille, compté jusqu’à 99, avec l’ingrédient qui limite."),
    openapi_extra=_declared(),
)
def read_makeable(request: HttpRequest, response: HttpResponse, slug: str) -> MakeablesOut:
    found = _store(request, slug, Action.SEE_MAKEABLE)
    counts, stock = makeable_counts(store=found), shelves(store=found)
    added = coming(store=found, stock=stock)
    rows = []
    for product in offer().products:
        for variant in product.variants.all():
            limit = limit_of(variant=variant, stock=stock, added=added)
            rows.append(
                MakeableOut(
                    product=product.slug,
                    size=variant.size.code if variant.size else None,
                    variant=variant.pk,
                    count=counts.get(variant.pk, 0),
                    limited_by=limit.item.ingredient.slug if limit.item else None,
                    after_delivery=limit.after,
                )
            )
    response["Cache-Control"] = "no-store"
    return MakeablesOut(store=found.slug, variants=rows)


def _line(item: StockItem) -> StockLineOut:
    ingredient = item.ingredient
    return StockLineOut(
        ingredient=ingredient.slug,
        name=localized(ingredient, "name"),
        unit=ingredient.unit,
        unit_quantity=ingredient.unit_quantity,
        available=item.available,
        alert_below=item.alert_below,
        state=item.state,
        off_sale_since=item.off_sale_since,
    )


def _store(request: HttpRequest, slug: str, action: Action) -> Store:
    """The store of this name, where the bearer may do that. Raises Forbidden, StoreNotFound."""
    token = cast("ApiToken", request.auth)  # type: ignore[attr-defined]
    places = [
        place
        for place in workplaces_of(user=token.user)
        if allows(roles=place.roles, action=action) and token.store_id in {None, place.store.pk}
    ]
    if not places:
        raise Forbidden(_("Votre rôle ne donne pas accès au stock."))
    named = next((place.store for place in places if place.store.slug == slug), None)
    if named is None:
        raise StoreNotFound(_("Aucun de vos points de vente ne porte ce nom."))
    return named
