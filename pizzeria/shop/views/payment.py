"""The page where an order is paid by card (B31): the card is typed into Stripe's own fields, and never reaches us."""

from math import ceil

from django.conf import settings
from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from pizzeria.errors import BusinessError
from pizzeria.live.services import order_topic
from pizzeria.money import in_cents
from pizzeria.ordering import online
from pizzeria.ordering.cart import refill
from pizzeria.ordering.models import Order
from pizzeria.ordering.money_back import may_be_charged
from pizzeria.ordering.saved_cards import saved_cards_secret
from pizzeria.ordering.selectors import token_of
from pizzeria.ordering.vat import vat_of_order
from pizzeria.payments.models import AT_DOOR, PaymentStatus
from pizzeria.payments.providers import is_online
from pizzeria.payments.vouchers import ceiling_on
from pizzeria.shop.carts import current_cart, keep_cart
from pizzeria.shop.views.cart import cart_page
from pizzeria.shop.views.order import order_or_404, pictured_lines, was_let_go

STRIPE_JS = "https://js.stripe.com/endive/stripe.js"
"""Of the release that the API's pinned version belongs to (`payments.providers.stripe`)."""

POLICY = (
    "default-src 'none'; "
    "script-src 'self' https://js.stripe.com https://*.js.stripe.com; "
    "style-src 'self'; "
    "img-src 'self' data: https://*.stripe.com; "
    "font-src 'self'; "
    "connect-src 'self' https://api.stripe.com; "
    "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; "
    "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""That of the other pages (DEPLOY_ENGINE, http.conf), and what Stripe.js asks for; nginx lets a page that has its own keep it."""

PERMISSIONS = (
    "accelerometer=(), camera=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), usb=(), "
    'payment=(self "https://js.stripe.com")'
)
"""That of the other pages; Apple Pay and Google Pay are opened from Stripe's frame."""

SALT = "pizzeria.shop.payment"
RETURN_SECONDS = 2 * 3600

Status = Order.Status


@never_cache
@require_safe
def pay(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, order_or_404(token))


@never_cache
@require_POST
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """What the page's script needs to have the card charged: the intent's secret, and where the bank comes back to."""
    found = order_or_404(token)
    try:
        charge = online.begin(order=found)
    except BusinessError as refusal:
        return JsonResponse({"code": refusal.code, "words": refusal.message}, status=refusal.status)
    # Stripe keeps this address, and shows it to the bank: it opens the order for two hours, its token for ever.
    way_back = f"{reverse('shop:pay_came_back')}?de={signing.dumps(found.pk, salt=SALT)}"
    return JsonResponse({"client_secret": charge.client_secret, "return_url": request.build_absolute_uri(way_back)})


@never_cache
@require_POST
def cards(request: HttpRequest, token: str) -> HttpResponse:
    """The secret with which the page shows the cards that Stripe keeps of this client; empty without any."""
    found, user = order_or_404(token), request.user if request.user.is_authenticated else None
    if user is None or found.customer_id != user.pk:
        raise Http404
    return JsonResponse({"secret": saved_cards_secret(order=found, user=user)})


@never_cache
@require_safe
def came_back(request: HttpRequest) -> HttpResponse:
    """From the bank's own page, in whatever browser it opened: to the order that was paid there."""
    try:
        order_id = signing.loads(request.GET.get("de", ""), salt=SALT, max_age=RETURN_SECONDS)
    except signing.BadSignature:
        return redirect("shop:find_order")
    return redirect("shop:pay_return", token_of(order_id=order_id))


@never_cache
@require_safe
def pay_return(request: HttpRequest, token: str) -> HttpResponse:
    """After the card: to the order once it is paid; otherwise this page again, which says why."""
    seen = online.look_up(order=order_or_404(token))
    return _page(request, order_or_404(token), seen=seen)


@never_cache
@require_safe
def state(_request: HttpRequest, token: str) -> HttpResponse:
    """For the open page, told live that something happened: to the order when nothing is left to do here."""
    found, response = order_or_404(token), HttpResponse(status=204)
    if found.status != Status.AWAITING_PAYMENT:
        response = HttpResponse()
        # Let go: this page says so.
        where = "shop:pay" if found.status == Status.CANCELLED else "shop:order"
        response.headers["HX-Redirect"] = reverse(where, args=[token])
    return response


@require_POST
def at_door(request: HttpRequest, token: str) -> HttpResponse:
    """Not by card, after all: when the order is handed over."""
    found = order_or_404(token)
    try:
        online.pay_at_door(order=found, method=request.POST.get("method", ""))
    except BusinessError as refusal:
        return _page(request, order_or_404(token), refusal=refusal)
    return redirect("shop:order", token)


@require_POST
def give_up(request: HttpRequest, token: str) -> HttpResponse:
    """Back to the cart: what was ordered is in it again, and the order is cancelled."""
    found, cart = order_or_404(token), current_cart(request)
    try:
        if found.status == Status.AWAITING_PAYMENT:
            found = online.give_up(order=found)
        if found.status != Status.CANCELLED:
            return redirect("shop:order", token)
        cart = refill(cart=cart, order=found)
    except BusinessError as refusal:
        if found.status == Status.CANCELLED:
            return cart_page(request, cart, refusal)
        return _page(request, order_or_404(token), refusal=refusal)
    messages.success(request, _("Votre panier est de nouveau là."))
    return keep_cart(redirect("shop:cart"), cart)


def _page(
    request: HttpRequest,
    order: Order,
    *,
    refusal: BusinessError | None = None,
    seen: online.Seen | None = None,
) -> HttpResponse:
    """The page while the order waits for its payment, or has waited too long; else the order's own."""
    is_waiting = order.status == Status.AWAITING_PAYMENT
    if not (is_waiting or was_let_go(order)):
        return redirect("shop:order", order.token)
    seconds = (order.payable_until - timezone.now()).total_seconds() if order.payable_until else 0
    ceiling = ceiling_on(day=timezone.localdate())
    context = {
        "order": order,
        "store": order.store,
        "pictured": pictured_lines(order),
        "vat": vat_of_order(order=order),
        "topic": order_topic(order.token),
        # Never less than there is: the page asks again when it has counted to none, and would be the same until then.
        "seconds": ceil(seconds),
        "is_payable": is_waiting and seconds > 0,
        "is_looked_into": may_be_charged(order) and (seconds <= 0 or order.payment_status == PaymentStatus.PAID),
        "is_online": is_online(),
        "seen": seen,
        "refusal": refusal,
        "methods": AT_DOOR,
        "ceiling": ceiling if ceiling and order.total > ceiling else None,
        "cents": in_cents(order.total),
        "has_cards": order.customer_id is not None and order.customer_id == request.user.pk,
        "publishable_key": settings.STRIPE_PUBLISHABLE_KEY,
        "stripe_js": STRIPE_JS,
        "locale": get_language() or settings.LANGUAGE_CODE,
    }
    response = render(request, "shop/pay.html", context, status=refusal.status if refusal else 200)
    response.headers["Content-Security-Policy"], response.headers["Permissions-Policy"] = POLICY, PERMISSIONS
    return response
