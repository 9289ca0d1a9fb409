"""« Commander à nouveau », by whoever holds the order's token: the usual in one tap."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from pizzeria.errors import BusinessError
from pizzeria.ordering import again
from pizzeria.ordering.models import Order
from pizzeria.shop.carts import current_cart, keep_cart
from pizzeria.shop.templatetags.shop import opening_words
from pizzeria.shop.views.cart import cart_page
from pizzeria.shop.views.order import order_or_404
from pizzeria.stores.hours import opening_of


@require_POST
def order_again(request: HttpRequest, token: str) -> HttpResponse:
    """Fill the cart, and say there what is not as it was: nothing changes in silence."""
    order, cart = order_or_404(token), current_cart(request)
    if cart and cart.changes:
        # This browser changes another order: that is ended first, and gets nothing of this one.
        return redirect("shop:order_change", cart.changes.token)
    try:
        filled = again.order_again(cart=cart, order=order)
    except BusinessError as refusal:
        return cart_page(request, cart, refusal)
    _say(request, order, filled)
    return keep_cart(redirect("shop:cart"), filled.cart)


def _say(request: HttpRequest, order: Order, filled: again.Again) -> None:
    if filled.moved_from:
        words = _("%(gone)s n’est plus là : votre panier est à %(store)s.")
        messages.warning(request, words % {"gone": filled.moved_from.name, "store": filled.cart.store.name})
    for difference in filled.differences:
        messages.warning(request, difference.words)
    if not filled.differences:
        messages.success(request, _("Comme la dernière fois : tout est là, au même prix."))
    _say_closed(request, order, filled)


def _say_closed(request: HttpRequest, order: Order, filled: again.Again) -> None:
    """Say when the store opens, and which other one could make it now."""
    now, store = timezone.now(), filled.cart.store
    opening = opening_of(store=store, at=now)
    if opening.is_open:
        return
    messages.warning(request, _("%(store)s : %(opening)s.") % {"store": store.name, "opening": opening_words(opening)})
    other = again.open_instead(order=order, at_store=store, at=now)
    if other:
        messages.info(request, _("%(store)s est ouverte et sert la même adresse.") % {"store": other.name})
