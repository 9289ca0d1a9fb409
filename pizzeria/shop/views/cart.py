"""The cart (B1)."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pizzeria.catalogue.selectors import variant_in_size_of
from pizzeria.errors import BusinessError
from pizzeria.ordering.cart import (
    CartRow,
    add_line,
    count_items,
    move_cart,
    offers_of,
    read_cart,
    set_code,
    set_comment,
    set_quantity,
    subtotal_of,
    with_offers,
)
from pizzeria.ordering.expected import Expected, expected_of
from pizzeria.ordering.lines import MAX_QUANTITY, LineRequest
from pizzeria.ordering.models import Cart
from pizzeria.ordering.offers import Offered
from pizzeria.payments.models import Method
from pizzeria.payments.selectors import methods_offered
from pizzeria.shop.carts import current_cart, keep_cart
from pizzeria.shop.free_delivery import towards_free
from pizzeria.shop.known import client_of
from pizzeria.shop.origin import same_origin_only
from pizzeria.shop.parsing import NOWHERE, ids, whole_number
from pizzeria.shop.remembered import usual_of
from pizzeria.shop.templatetags.shop import menu_url
from pizzeria.shop.views.frame import me_fragment
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store, zone_of


@require_safe
def cart(request: HttpRequest) -> HttpResponse:
    return cart_page(request, current_cart(request))


def cart_page(
    request: HttpRequest,
    cart: Cart | None,
    refusal: BusinessError | None = None,
    *,
    code: dict[str, object] | None = None,
) -> HttpResponse:
    """The cart, with what has just been refused, if anything was; `code` is one that was typed and is not kept."""
    rows = read_cart(cart=cart)
    found = offers_of(cart=cart, rows=rows, customer=client_of(request)) if cart and rows else Offered()
    rows = with_offers(rows=rows, found=found)
    postal_code = usual_of(request).postal_code
    zone = zone_of(store=cart.store, postal_code=postal_code) if cart else None
    context = {
        "expected": _expected(cart, rows, postal_code),
        "zone": zone,
        "towards": towards_free(zone=zone, gross=subtotal_of(rows) + sum(found.discounts)),
        "cart": cart,
        "changing": cart.changes if cart else None,
        "store": cart.store if cart else None,
        "rows": rows,
        "offered": found,
        "code": {"typed": cart.code if cart else "", "answer": found.code} | (code or {}),
        "subtotal": subtotal_of(rows),
        "has_problems": any(row.problem for row in rows),
        "refusal": refusal,
        "most": MAX_QUANTITY,
        "is_online": Method.ONLINE in methods_offered(),
    }
    status = refusal.status if refusal else 422 if code else 200
    return render(request, "shop/cart.html", context, status=status)


def _expected(cart: Cart | None, rows: Sequence[CartRow], code: str) -> Expected | None:
    """What to expect of this basket now; None for a cart with nothing in it that can be made."""
    lines = [row.priced for row in rows if row.priced]
    if cart is None or not lines:
        return None
    return expected_of(store=cart.store, lines=lines, oven_minutes=0, postal_code=code, at=timezone.now())


@require_POST
@same_origin_only
def add(request: HttpRequest) -> HttpResponse:
    """Put a product in the cart, from the menu in one tap or from its page with its options."""
    cart = current_cart(request)
    store = active_store(slug=request.POST.get("store", ""))
    if store is None:
        raise Http404
    moved = cart is not None and cart.store_id != store.pk
    try:
        cart = add_line(cart=cart, store=store, request=_line_request(request))
    except BusinessError as refusal:
        return _refused(request, cart, refusal)
    return keep_cart(_added(request, cart, store, moved=moved), cart)


@require_POST
@same_origin_only
def move(request: HttpRequest) -> HttpResponse:
    """Take the cart to another store; without a cart there is only that store's menu to go to."""
    cart, store = current_cart(request), active_store(slug=request.POST.get("store", ""))
    if store is None:
        raise Http404
    if not count_items(cart=cart) or cart is None:
        return redirect(menu_url(store))
    move_cart(cart=cart, store=store)
    messages.success(request, _("Votre panier est maintenant à %(store)s.") % {"store": store.name})
    return redirect("shop:cart")


@require_POST
def line(request: HttpRequest, line: int) -> HttpResponse:
    """Change a line: its quantity (zero takes it out) or the word to the kitchen."""
    cart = current_cart(request)
    if cart is None:
        return redirect("shop:cart")
    try:
        if "comment" in request.POST:
            set_comment(cart=cart, line_id=line, comment=request.POST["comment"])
        else:
            set_quantity(cart=cart, line_id=line, quantity=_quantity(request, missing=-1))
    except BusinessError as refusal:
        return cart_page(request, cart, refusal)
    return redirect("shop:cart")


@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """Keep a promotion's code with the cart, or take it out; it is answered where it was typed, in the cart or at the checkout."""
    cart = current_cart(request)
    if cart is None:
        return redirect("shop:cart")
    typed = request.POST.get("code", "")
    answer = set_code(cart=cart, code=typed, customer=client_of(request))
    if answer and not answer.is_of_use:
        return cart_page(request, cart, code={"typed": typed[:30], "answer": answer})
    return redirect("shop:cart")


def _line_request(request: HttpRequest) -> LineRequest:
    posted = request.POST
    variant = whole_number(posted.get("variant"))
    return LineRequest(
        variant_id=variant,
        quantity=_quantity(request, missing=1),
        second_half_id=_second_half(posted.get("second_half", ""), variant),
        removed=ids(posted.getlist("removed")),
        extras=ids(posted.getlist("extras")),
        comment=posted.get("comment", ""),
    )


def _second_half(slug: str, variant: int) -> int | None:
    """The form names the other pizza; its size is that of the first half."""
    if not slug:
        return None
    found = variant_in_size_of(product_slug=slug, variant_id=variant)
    return found.pk if found else NOWHERE


def _quantity(request: HttpRequest, *, missing: int) -> int:
    text = request.POST.get("quantity", "")
    number = whole_number(text, default=missing)
    # A text that is no number must not read as zero, which takes the line out.
    return number if number or text == "0" else -1


def _added(request: HttpRequest, cart: Cart, store: Store, *, moved: bool) -> HttpResponse:
    words = _("Ajouté au panier.")
    if moved:
        words = _("Ajouté. Votre panier est maintenant à %(store)s.") % {"store": store.name}
    if request.headers.get("HX-Request"):
        return me_fragment(request, cart=cart, store=store, said=words)
    messages.success(request, words)
    return redirect("shop:cart")


def _refused(request: HttpRequest, cart: Cart | None, refusal: BusinessError) -> HttpResponse:
    if not request.headers.get("HX-Request"):
        return cart_page(request, cart, refusal)
    messages.error(request, refusal.message)
    response = HttpResponse(status=refusal.status)
    response.headers["HX-Redirect"] = reverse("shop:cart")
    return response
