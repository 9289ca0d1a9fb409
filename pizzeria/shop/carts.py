"""Which cart is whose: an unguessable token in a cookie of its own, so that a cart costs no session."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from pizzeria.ordering.cart import find_cart
from pizzeria.ordering.models import Cart
from pizzeria.stores.selectors import active_store_of

COOKIE = settings.CART_COOKIE_NAME
CHANGE_COOKIE = settings.CHANGE_COOKIE_NAME
"""Of the cart that changes an order (UC 1.3): the one that was there before waits beside it, and is back with its end."""
CHANGE_SECONDS = 2 * 3600
LIFE_SECONDS = settings.CART_RETENTION_DAYS * 24 * 3600


def current_cart(request: HttpRequest) -> Cart | None:
    """The cart that changes an order, while one does; else what is about to be ordered."""
    cart = changing_cart(request) or find_cart(token=request.COOKIES.get(COOKIE, ""))
    if cart:
        # The store from memory brings its hours and zones, which pages and orders then need not ask for.
        cart.store = active_store_of(pk=cart.store_id) or cart.store
    return cart


def changing_cart(request: HttpRequest) -> Cart | None:
    """The cart with which this browser changes an order; None when it changes none."""
    cart = find_cart(token=request.COOKIES.get(CHANGE_COOKIE, ""))
    return cart if cart and cart.changes_id else None


def unless_changing(view: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """A page that places an order: while this browser changes one, its cart places none, and is led to its end."""

    @wraps(view)
    def opened(request: HttpRequest) -> HttpResponse:
        cart = changing_cart(request)
        return redirect("shop:order_change", cart.changes.token) if cart and cart.changes else view(request)

    return opened


def keep_change(response: HttpResponse, cart: Cart) -> HttpResponse:
    response.set_cookie(
        CHANGE_COOKIE,
        cart.token,
        CHANGE_SECONDS,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def end_change(response: HttpResponse) -> HttpResponse:
    response.delete_cookie(CHANGE_COOKIE, samesite="Lax")
    return response


def keep_cart(response: HttpResponse, cart: Cart) -> HttpResponse:
    if cart.changes_id:
        # It has a cookie of its own, and must not take the place of what was there before.
        return response
    response.set_cookie(
        COOKIE, cart.token, LIFE_SECONDS, httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
    return response
