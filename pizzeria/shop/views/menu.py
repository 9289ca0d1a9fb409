"""A store's menu and its products' pages: the same bytes for everybody."""

import json
from time import monotonic

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from pizzeria.catalogue.selectors import minutes_of_a_pizza
from pizzeria.ordering.expected import expected_of
from pizzeria.ordering.reviews import shown_of
from pizzeria.shop import frozen
from pizzeria.shop.cities import city_style, city_template
from pizzeria.shop.menu import filters_of, sections_of
from pizzeria.shop.product import product_page
from pizzeria.stock.selectors import makeable_counts, menu_state
from pizzeria.stock.services import LAST_ONES
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store, zone_of

_states: dict[str, tuple[float, str]] = {}


@require_safe
def menu(request: HttpRequest, store: str) -> HttpResponse:
    """UC 1.1: everything the store sells, with what cannot be made shown as such."""

    def render() -> str:
        chosen = _store(store)
        sections = sections_of(chosen)
        context = {"sections": sections, "filters": filters_of(sections), "marks": shown_of(store=chosen)}
        return _rendered(chosen, "menu.html", reverse("shop:menu", args=[store]), context)

    return frozen.answer(request, name=_name("menu", store), version=_of_today(store), render=render)


@require_safe
def product(request: HttpRequest, store: str, product: str) -> HttpResponse:
    def render() -> str:
        chosen = _store(store)
        page = product_page(store=chosen, slug=product)
        if page is None:
            raise Http404
        here = reverse("shop:product", args=[store, product])
        return _rendered(chosen, "product.html", here, {"page": page, "card": page.card})

    return frozen.answer(request, name=_name("product", store, product), version=_of_today(store), render=render)


@require_safe
def makeable(request: HttpRequest, store: str) -> HttpResponse:
    """How many of each variant can still be made, for a page that lost its connection."""

    def render() -> str:
        return json.dumps({"counts": makeable_counts(store=_store(store))})

    # An answer of half a second ago may be older than the events that were lost.
    return _of_now(
        frozen.answer(
            request,
            name=_name("makeable", store),
            version=_state(store),
            render=render,
            content_type="application/json",
        )
    )


@require_safe
def expected(request: HttpRequest, store: str) -> HttpResponse:
    """What to expect of one pizza ordered now (`?code=` for a door): a part of the menu that is the same for all of a code."""
    chosen, now = _store(store), timezone.now()
    code = request.GET.get("code", "")
    # Of codes that are not served there is no end: they share the page without a door.
    served = code if zone_of(store=chosen, postal_code=code) else ""

    def render() -> str:
        found = expected_of(store=chosen, lines=(), oven_minutes=minutes_of_a_pizza(), postal_code=served, at=now)
        return render_to_string("shop/_expected.html", {"expected": found, "store": chosen})

    # An order that is placed gives the menu another version, a rush the stores; what is left is the time that goes by.
    # A rush is told to every menu, and each asks at once: the state of before it would stay on them for a minute.
    version = f"{_state(store)}-{now:%d%H%M}"
    return _of_now(frozen.answer(request, name=_name("expected", store, served), version=version, render=render))


def _of_now(response: HttpResponse) -> HttpResponse:
    """An answer that no cache in front may keep either."""
    response.headers["Cache-Control"] = "no-cache"
    return response


def _name(*parts: str) -> str:
    return ":".join([*parts, get_language() or ""])


def _recent_state(slug: str) -> str:
    """The state of a store's menu, at most MENU_STATE_SECONDS old: under load, pages then ask nothing of the database.

    Never answered from it: counts (`makeable`), which a page that lost events trusts, and what to expect (`expected`).
    """
    known, now = _states.get(slug), monotonic()
    if known and now - known[0] < settings.MENU_STATE_SECONDS:
        return known[1]
    state = _state(slug)
    _states[slug] = now, state
    return state


def _of_today(slug: str) -> str:
    """The state of a page that says the hours of the coming days: another one tomorrow."""
    return f"{_recent_state(slug)}-{timezone.localdate():%j}"


def _state(slug: str) -> str:
    state = menu_state(slug=slug)
    if state is None:
        raise Http404
    return state


def _store(slug: str) -> Store:
    store = active_store(slug=slug)
    if store is None:
        raise Http404
    return store


def _rendered(store: Store, name: str, here: str, context: dict[str, object]) -> str:
    """The page without a request: nothing of who asks can get into it."""
    banner = city_template(store.city, "_banner.html").template
    frame = {"store": store, "here": here, "banner": banner, "city_style": city_style(store.city)}
    frame |= {"is_shared": True, "last_ones": LAST_ONES}
    return str(city_template(store.city, name).render(frame | context))
