"""Choosing a point of sale: by city, or by postal code."""

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from pizzeria.accounts.details import POSTAL_CODE
from pizzeria.shop.carts import current_cart
from pizzeria.shop.known import last_order
from pizzeria.shop.remembered import Usual, keep, usual_of
from pizzeria.stores.hours import Opening, opening_of
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import active_stores, zones_delivering_to
from pizzeria.words import one_line


@dataclass(frozen=True, slots=True)
class OpenStore:
    """A store with its doors now, and how it delivers to the postal code that was asked for."""

    store: Store
    opening: Opening
    zone: DeliveryZone | None = None

    @property
    def minutes(self) -> int:
        """How long a delivery takes, the oven included."""
        return self.store.preparation_minutes + (self.zone.minutes if self.zone else 0)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    asked = one_line(request.GET.get("postal_code", ""))
    usual = usual_of(request)
    code = asked or usual.postal_code
    is_valid = bool(POSTAL_CODE.match(code))
    zones = zones_delivering_to(postal_code=code) if is_valid else []
    now = timezone.now()
    stores = [OpenStore(store, opening_of(store=store, at=now)) for store in active_stores()]
    context = {
        "code": code,
        "is_invalid": bool(asked) and not is_valid,
        "is_nowhere": bool(asked) and is_valid and not zones,
        "delivering": [OpenStore(zone.store, opening_of(store=zone.store, at=now), zone) for zone in zones],
        "cities": [(city, list(found)) for city, found in groupby(stores, key=lambda each: each.store.city)],
        "last_order": last_order(request),
        "usual": _usual_store(request, usual, stores),
    }
    response = render(request, "shop/home.html", context, status=422 if context["is_invalid"] else 200)
    if zones and code != usual.postal_code:
        keep(response, usual.at(code))
    return response


def _usual_store(request: HttpRequest, usual: Usual, stores: list[OpenStore]) -> OpenStore | None:
    """The store of the cart, or of the last order."""
    cart = current_cart(request)
    slug = cart.store.slug if cart else usual.store
    return next((each for each in stores if each.store.slug == slug), None)
