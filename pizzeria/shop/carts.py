"""Which cart is whose: an unguessable token in a cookie of its own, so that a cart costs no session."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from pizzeria.ordering.cart import find_cart
from pizzeria.ordering.models import Cart
from pizzeria.stores.selectors import active_store

COOKIE = settings.CART_COOKIE_NAME
LIFE_SECONDS = settings.CART_RETENTION_DAYS * 24 * 3600


def current_cart(request: HttpRequest) -> Cart | None:
    cart = find_cart(token=request.COOKIES.get(COOKIE, ""))
    if cart:
        # The store from memory brings its hours and zones, which pages and orders then need not ask for.
        cart.store = active_store(slug=cart.store.slug) or cart.store
    return cart


def keep_cart(response: HttpResponse, cart: Cart) -> HttpResponse:
    response.set_cookie(
        COOKIE, cart.token, LIFE_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response
