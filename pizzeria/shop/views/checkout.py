"""From the cart to the order, on one page: how, who, where, paid how, for how much."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.addresses import TooManyAddresses, add_address
from pizzeria.accounts.details import POSTAL_CODE
from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.cart import check_out, requests_of
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.errors import EmptyCart, InvalidChoice, InvalidKey
from pizzeria.ordering.models import Cart, Fulfilment, Order
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.selectors import promised_time
from pizzeria.ordering.vat import VatRow, vat_of_quote
from pizzeria.payments.models import Method
from pizzeria.payments.selectors import methods_offered
from pizzeria.payments.vouchers import ceiling_on
from pizzeria.shop.carts import current_cart, unless_changing
from pizzeria.shop.known import OTHER, addresses_of, after_order, client_of, contact_of, with_chosen_address
from pizzeria.shop.parsing import amount
from pizzeria.shop.remembered import ADDRESS, PERSON, keep, usual_of
from pizzeria.shop.views.cart import cart_page
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.hours import opening_of
from pizzeria.words import lines, one_line

ASKED = ("fulfilment", *PERSON, *ADDRESS, "comment", "payment_method", "change_for")
FIELDS = (*PERSON, *ADDRESS, "address", "keep_address", "comment", "fulfilment", "payment_method", "change_for", "once")
NOTES = (Decimal(20), Decimal(50), Decimal(100))
"""The notes, in euros, that people pay a pizza with."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@unless_changing
def checkout(request: HttpRequest) -> HttpResponse:
    cart = current_cart(request)
    if request.method != "POST":
        return checkout_page(request, cart, _remembered(request, cart)) if cart else redirect("shop:cart")
    if cart is None:
        return cart_page(request, None, EmptyCart(_("Votre panier est vide")))
    sent = {name: lines(request.POST.get(name, "")) for name in FIELDS}
    values = with_chosen_address(sent, addresses_of(request))
    if "recalculate" in request.POST:
        return checkout_page(request, cart, values)
    try:
        return _placed(request, cart, values)
    except EmptyCart as refusal:
        return cart_page(request, cart, refusal)
    except BusinessError as refusal:
        return checkout_page(request, cart, values, refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the page says of the money and of the time; `notice` is what stands in the way.

    `notes` are those that the total leaves change on; `ceiling` is what may be paid in titres-restaurant, in
    euros, when the total is above it.
    """

    quote: Quote
    vat: list[VatRow]
    promised_at: datetime
    is_fee_known: bool
    notes: list[Decimal]
    ceiling: Decimal | None
    notice: str = ""


def checkout_page(
    request: HttpRequest, cart: Cart, values: dict[str, str], refusal: BusinessError | None = None
) -> HttpResponse:
    """The page with the fields as they were filled, and what was refused, if anything was."""
    try:
        summary = _summary(cart, values)
    except BusinessError:
        # The cart itself cannot be ordered as it is: its page says which line and why.
        return redirect("shop:cart")
    wrong = wrong_of(refusal)
    context = {
        "cart": cart,
        "store": cart.store,
        "values": values,
        "summary": summary,
        "opening": opening_of(store=cart.store, at=timezone.now()),
        "refusal": refusal,
        "wrong": wrong,
        "is_usual": request.method != "POST" and not request.user.is_authenticated and bool(usual_of(request).contact),
        "addresses": addresses_of(request),
        "mistakes": mistakes_of(wrong),
        "fulfilments": Fulfilment.choices,
        "methods": methods_offered(),
        "is_online": Method.ONLINE in methods_offered(),
    }
    return render(request, "shop/checkout.html", context, status=refusal.status if refusal else 200)


def _placed(request: HttpRequest, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """Place the order and go to its page, or to where it is paid. Raises what `check_out` raises."""
    _require_as_shown(request, cart, values)
    contact = Contact(**{name: values[name] for name in (*PERSON, *ADDRESS, "comment")})
    user = client_of(request)
    order, is_new = check_out(
        cart=cart,
        key=_key(cart, values["once"]),
        contact=contact,
        fulfilment=values["fulfilment"],
        payment_method=values["payment_method"],
        expected_total=amount(request.POST.get("expected_total")),
        change_for=_change_for(values),
        customer=user,
        acting_user=user,
    )
    response = redirect("shop:pay" if order.status == Order.Status.AWAITING_PAYMENT else "shop:order", order.token)
    if is_new:
        chosen = {name: values[name] for name in ("fulfilment", "payment_method")}
        keep(response, after_order(request, store=cart.store.slug, contact=contact, order=order.token, **chosen))
        if user:
            _keep_address(user, values)
    return response


def _keep_address(user: User, values: dict[str, str]) -> None:
    """Put the address that was typed into the account, when its box is ticked: the order stands in any case."""
    if values["keep_address"] and values["address"] == OTHER and values["fulfilment"] == Fulfilment.DELIVERY:
        with suppress(TooManyAddresses):
            add_address(user=user, fields={name: one_line(values[name]) for name in ADDRESS})


def _change_for(values: dict[str, str]) -> Decimal | None:
    """The cash that will be handed over, in euros; None for the exact amount, and for what is not paid in cash.

    The note that was ticked before another means was chosen is out of sight, and means nothing.
    """
    if values["payment_method"] != Method.CASH or not values["change_for"]:
        return None
    return amount(values["change_for"])


def _require_as_shown(request: HttpRequest, cart: Cart, values: dict[str, str]) -> None:
    """Refuse a page that is not whole, or that shows another store than the one to which a second tab moved the cart."""
    if not values["once"]:
        values["once"] = secrets.token_urlsafe(16)
        raise InvalidKey(_("Cette page n’était pas complète. Vérifiez votre commande, puis confirmez-la."))
    if request.POST.get("store") != cart.store.slug:
        raise InvalidChoice(
            _("Votre panier est maintenant à %(store)s. Vérifiez votre commande, puis confirmez-la.")
            % {"store": cart.store.name}
        )


def _key(cart: Cart, once: str) -> str:
    """The idempotency key of one form for one cart: nobody can guess another's."""
    return f"shop:{hashlib.sha256(f'{cart.token} {once}'.encode()).hexdigest()}"


def wrong_of(refusal: BusinessError | None) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    if refusal is None:
        return {}
    fields = refusal.details.get("fields", {})
    field = refusal.details.get("field")
    return {str(field): refusal.message} if field else dict(fields)  # type: ignore[call-overload]


def mistakes_of(wrong: dict[str, str]) -> list[tuple[str, str, str]]:
    """What is wrong, in the order in which the page asks: the field's name, its label, the sentence."""
    return [(name, _label(name), wrong[name]) for name in sorted(wrong, key=_place)]


def _place(name: str) -> int:
    return ASKED.index(name) if name in ASKED else len(ASKED)


def _label(name: str) -> str:
    """The name of a field, as the page or else the order's model gives it."""
    asked = {"street": _("Numéro et rue"), "town": _("Ville"), "change_for": _("Billet")}
    if name in asked:
        return asked[name]
    return capfirst(str(getattr(Order._meta.get_field(name), "verbose_name", name)))  # noqa: SLF001 - the documented way


def _remembered(request: HttpRequest, cart: Cart) -> dict[str, str]:
    """The fields as the last order filled them, or as the account of whoever is signed in does."""
    usual = usual_of(request)
    return {
        **dict.fromkeys(FIELDS, ""),
        **contact_of(request, addresses_of(request)),
        "fulfilment": usual.fulfilment or Fulfilment.DELIVERY.value,
        "payment_method": _usual_means(usual.payment_method),
        "comment": cart.comment,
        "once": secrets.token_urlsafe(16),
    }


def _usual_means(remembered: str) -> str:
    """The means of the last time, if it still is offered."""
    return remembered if remembered in methods_offered() else Method.TERMINAL.value


def _summary(cart: Cart, values: dict[str, str]) -> Summary:
    """Totals for the chosen mode. Raises EmptyCart and InvalidLine."""
    requests, notice = requests_of(cart=cart), ""
    code, is_delivery = values["postal_code"], values["fulfilment"] == Fulfilment.DELIVERY
    is_fee_known = not is_delivery or bool(POSTAL_CODE.match(code))
    if is_delivery and is_fee_known:
        try:
            return _summed(
                cart, quote(store=cart.store, requests=requests, fulfilment=Fulfilment.DELIVERY, postal_code=code)
            )
        except (NotDeliverable, BelowMinimum) as refusal:
            notice, is_fee_known = refusal.message, False
    without_fee = quote(store=cart.store, requests=requests, fulfilment=Fulfilment.COLLECTION)
    return _summed(cart, without_fee, notice=notice, is_fee_known=is_fee_known)


def _summed(cart: Cart, priced: Quote, *, notice: str = "", is_fee_known: bool = True) -> Summary:
    now = timezone.now()
    ceiling = ceiling_on(day=timezone.localdate(now))
    return Summary(
        quote=priced,
        notes=[note for note in NOTES if note > priced.total],
        ceiling=ceiling if ceiling and priced.total > ceiling else None,
        vat=vat_of_quote(quote=priced, on=timezone.localdate(now)),
        promised_at=promised_time(store=cart.store, zone=priced.zone, at=now),
        is_fee_known=is_fee_known,
        notice=notice,
    )
