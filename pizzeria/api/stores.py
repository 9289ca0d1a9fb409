"""Points of sale, their menus, and the price of a basket."""

from datetime import date, datetime
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router

from pizzeria.api.answers import MenuOut, QuoteOut, SlotsOut, StoreOut, StoresOut
from pizzeria.api.describe import priced, slots_on, store_of
from pizzeria.api.errors import StoreNotFound
from pizzeria.api.fields import PostalCode
from pizzeria.api.menus import menu_answer
from pizzeria.api.operation import WITH_BODY, answers, codes, gettext_lazy
from pizzeria.api.requests import QuoteAsked, SlotsAsked
from pizzeria.ordering.errors import KitchenPaused, SlotFull
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.promise import days_offered, oven_minutes_of, promise_of, slots_of
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store, active_stores, stores_delivering_to

router = Router(tags=["stores"])


@router.get(
    "/stores",
    response=answers({200: StoresOut}, 422),
    summary=gettext_lazy("Les points de vente"),
    description=gettext_lazy("Avec `postal_code` : ceux qui y livrent, le moins cher d’abord."),
    openapi_extra=codes("invalid_request"),
)
def list_stores(request: HttpRequest, postal_code: Annotated[PostalCode | None, Query()] = None) -> StoresOut:
    found = stores_delivering_to(postal_code=postal_code) if postal_code else active_stores()
    now = timezone.now()
    return StoresOut(stores=[store_of(store, at=now) for store in found.prefetch_related("delivery_zones")])


@router.get(
    "/stores/{slug:slug}",
    response=answers({200: StoreOut}, 404),
    summary=gettext_lazy("Un point de vente"),
    openapi_extra=codes("store_not_found"),
)
def read_store(request: HttpRequest, slug: str) -> StoreOut:
    return store_of(store_or_404(slug), at=timezone.now())


@router.get(
    "/stores/{slug:slug}/menu",
    response=answers({200: MenuOut, 304: None}, 404),
    summary=gettext_lazy("La carte d’un point de vente"),
    description=gettext_lazy(
        "Avec, pour chaque taille, combien peuvent encore être réalisées. Renvoyez l’`ETag` reçu dans "
        "`If-None-Match` : une carte inchangée répond 304, sans corps."
    ),
    openapi_extra=codes("store_not_found", headers={200: {"ETag": "The menu's version, for If-None-Match."}}),
)
def read_menu(request: HttpRequest, slug: str) -> HttpResponse:
    return menu_answer(request=request, store=store_or_404(slug))


@router.post(
    "/stores/{slug:slug}/quote",
    response=answers({200: QuoteOut}, 404, *WITH_BODY),
    summary=gettext_lazy("Le prix d’un panier, et pour quand"),
    description=gettext_lazy(
        "Rien n’est enregistré ni réservé. Une livraison demande un `postal_code`. `promise` est l’heure qui serait promise : dès que "
        "possible, ou dans le créneau `wanted_at`."
    ),
    openapi_extra=codes(
        "store_not_found", "empty_cart", "invalid_line", "invalid_choice", "not_deliverable", "below_minimum",
        "invalid_request", "malformed_body", "body_too_large", "wrong_media_type",
    ),
)  # fmt: skip
def quote_basket(request: HttpRequest, slug: str, basket: QuoteAsked) -> QuoteOut:
    store = store_or_404(slug)
    found = _quoted(store, basket)
    wanted_at = datetime.fromisoformat(basket.wanted_at) if basket.wanted_at else None
    minutes = oven_minutes_of(found.lines)
    try:
        promise = promise_of(store=store, oven_minutes=minutes, zone=found.zone, at=timezone.now(), wanted_at=wanted_at)
    except (SlotFull, KitchenPaused, StoreClosed) as refusal:
        return priced(found, promise=None, refusal=refusal.code)
    return priced(found, promise=promise, refusal=None)


@router.post(
    "/stores/{slug:slug}/slots",
    response=answers({200: SlotsOut}, 404, *WITH_BODY),
    summary=gettext_lazy("Les créneaux d’un panier"),
    description=gettext_lazy(
        "Les quarts d’heure d’un jour (`day`, à Paris ; aujourd’hui sans lui) et la place qui y reste pour ce panier. Rien n’est "
        "réservé : c’est en passant la commande que le four l’est."
    ),
    openapi_extra=codes(
        "store_not_found", "empty_cart", "invalid_line", "not_deliverable", "below_minimum",
        "invalid_request", "malformed_body", "body_too_large", "wrong_media_type",
    ),
)  # fmt: skip
def list_slots(request: HttpRequest, slug: str, basket: SlotsAsked) -> SlotsOut:
    store, now = store_or_404(slug), timezone.now()
    found = _quoted(store, basket)
    day = date.fromisoformat(basket.day) if basket.day else timezone.localdate(now)
    minutes = oven_minutes_of(found.lines)
    days = days_offered(store=store, at=now)
    # Nothing is looked for on a day that is none of them.
    asked = slots_of(store=store, oven_minutes=minutes, zone=found.zone, at=now, day=day) if day in days else []
    return slots_on(day, days=days, slots=asked)


def _quoted(store: Store, basket: QuoteAsked | SlotsAsked) -> Quote:
    lines = [line.request() for line in basket.lines]
    code = basket.code if isinstance(basket, QuoteAsked) else ""
    return quote(
        store=store,
        requests=lines,
        fulfilment=basket.fulfilment,
        postal_code=basket.postal_code or "",
        code=code,
    )


def store_or_404(slug: str) -> Store:
    """The active store of this slug. Raises StoreNotFound."""
    store = active_store(slug=slug)
    if store is None:
        raise StoreNotFound(_("Aucun point de vente ne porte ce nom."))
    return store
