"""What stands around the pages: the visitor's corner, the language, robots, the house's parts."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.middleware import HtmxDetails

from pizzeria.ordering.cart import count_items
from pizzeria.ordering.models import Cart
from pizzeria.redirects import own_path
from pizzeria.shop.carts import current_cart
from pizzeria.shop.middleware import SHARED_PAGES
from pizzeria.shop.remembered import usual_of
from pizzeria.shop.templatetags.shop import in_language
from pizzeria.stores.hours import opening_of
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store

YEAR_SECONDS = 365 * 24 * 3600


@never_cache
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """The visitor's corner of a page: name, cart and, for a menu (`?store=`), whether it is open now."""
    slug = request.GET.get("store")
    return me_fragment(request, cart=current_cart(request), store=active_store(slug=slug) if slug else None)


def me_fragment(request: HttpRequest, *, cart: Cart | None, store: Store | None, said: str = "") -> HttpResponse:
    opening = opening_of(store=store, at=timezone.now()) if store else None
    context: dict[str, object] = {
        "items": count_items(cart=cart),
        "cart": cart,
        "store": store,
        "opening": opening,
        "said": said,
    }
    context |= {"back": _page_around(request), "postal_code": usual_of(request).postal_code}
    return render(request, "shop/_me.html", context | {"changing": cart.changes if cart else None})


def _page_around(request: HttpRequest) -> str:
    """The path of the page that shows the corner, to come back to; empty when what the browser says of it is none of ours."""
    htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
    try:
        return htmx.current_url_abs_path or ""
    except ValueError:
        return ""


@require_safe
def language(request: HttpRequest, code: str) -> HttpResponse:
    """Switch the language and come back, never to another site."""
    if code not in dict(settings.LANGUAGES):
        raise Http404
    response = redirect(_back(request, code))
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, YEAR_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    hidden = ("/panier/", "/commander/", "/commande/", "/suivre/", "/moi/", "/compte/", "/langue/", "/equipe/", "/api/")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in hidden), ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


@require_safe
def style(request: HttpRequest) -> HttpResponse:
    """Every component of the house on one page; in development only."""
    return render(request, "shop/style.html")


def _back(request: HttpRequest, code: str) -> str:
    wanted = own_path(request, request.GET.get("next", "")) or "/"
    path = urlsplit(wanted).path
    if not path.startswith(SHARED_PAGES):
        return wanted
    # A shared page says its language in its address.
    with translation.override(code):
        return in_language(path)
