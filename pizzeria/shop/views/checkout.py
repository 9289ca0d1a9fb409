"""From the cart to the order, on one page: how, who, where, paid how, for how much."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
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
from pizzeria.ordering.cart import check_out, move_cart, read_cart, requests_of, set_code
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.elsewhere import Elsewhere, shops_elsewhere
from pizzeria.ordering.errors import EmptyCart, InvalidChoice, InvalidKey
from pizzeria.ordering.models import Cart, Fulfilment, Order
from pizzeria.ordering.pricing import Quote, quote
from pizzeria.ordering.promise import oven_minutes_of
from pizzeria.ordering.vat import VatRow, vat_of_quote
from pizzeria.payments.models import Method
from pizzeria.payments.selectors import methods_offered
from pizzeria.payments.vouchers import ceiling_on
from pizzeria.shop.carts import current_cart, unless_changing
from pizzeria.shop.editions import of_one_moment
from pizzeria.shop.free_delivery import Towards, towards_free
from pizzeria.shop.known import OTHER, addresses_of, after_order, client_of, contact_of, with_chosen_address
from pizzeria.shop.moments import (
    Basket,
    When,
    is_on_another_day,
    moment_text,
    read_moment,
    when_of,
    when_without_fee,
)
from pizzeria.shop.parsing import amount, ids
from pizzeria.shop.remembered import ADDRESS, PERSON, keep, usual_of
from pizzeria.shop.views.cart import cart_page
from pizzeria.stores.errors import BelowMinimum, NotDeliverable
from pizzeria.stores.selectors import active_store
from pizzeria.words import lines, one_line

ASKED = ("fulfilment", *PERSON, *ADDRESS, "wanted_at", "comment", "payment_method", "change_for")
FIELDS = (*PERSON, *ADDRESS, "address", "keep_address", "comment", "fulfilment", "payment_method", "change_for", "once")
TIMES = ("wanted", "day", "shown_day")
"""The slot that is ticked, its day, and the day whose slots the page showed."""
NOTES = (Decimal(20), Decimal(50), Decimal(100))
"""The notes, in euros, that people pay a pizza with."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@of_one_moment
@unless_changing
def checkout(request: HttpRequest) -> HttpResponse:
    cart = current_cart(request)
    if request.method != "POST":
        return checkout_page(request, cart, _remembered(request, cart)) if cart else redirect("shop:cart")
    if cart is None:
        return cart_page(request, None, EmptyCart(_("Votre panier est vide")))
    sent = {name: lines(request.POST.get(name, "")) for name in (*FIELDS, *TIMES)}
    values = with_chosen_address(sent, addresses_of(request))
    asked = next((name for name in OTHER_BUTTONS if name in request.POST), "")
    try:
        return OTHER_BUTTONS[asked](request, cart, values) if asked else _placed(request, cart, values)
    except EmptyCart as refusal:
        return cart_page(request, cart, refusal)
    except BusinessError as refusal:
        return checkout_page(request, cart, values, refusal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the page says of the money and of the time; `notice` is what stands in the way.

    `notes` are those that the total leaves change on; `ceiling` is what may be paid in titres-restaurant, in
    euros, when the total is above it; `elsewhere` are other shops, where this one makes nothing now; `towards` is
    what is missing for a delivery that costs nothing.
    """

    quote: Quote
    vat: list[VatRow]
    when: When
    elsewhere: list[Elsewhere]
    towards: Towards | None
    is_fee_known: bool
    notes: list[Decimal]
    ceiling: Decimal | None
    notice: str = ""

    @property
    def expected(self) -> str:
        """The hour that is shown, as the form sends it back; empty where none is."""
        return moment_text(self.when.promise.promised_at) if self.when.promise and self.is_fee_known else ""


def checkout_page(
    request: HttpRequest,
    cart: Cart,
    values: dict[str, str],
    refusal: BusinessError | None = None,
    *,
    code: dict[str, object] | None = None,
) -> HttpResponse:
    """The page with the fields as they were filled, and what was refused, if anything was; `code` was typed and is not kept."""
    try:
        summary = _summary(request, cart, values)
    except BusinessError:
        # The cart itself cannot be ordered as it is: its page says which line and why.
        return redirect("shop:cart")
    wrong = wrong_of(refusal)
    context = {
        "cart": cart,
        "store": cart.store,
        "values": values,
        "summary": summary,
        "code": {"typed": cart.code, "answer": summary.quote.code} | (code or {}),
        "refusal": refusal,
        "wrong": wrong,
        "is_usual": request.method != "POST" and not request.user.is_authenticated and bool(usual_of(request).contact),
        "addresses": addresses_of(request),
        "mistakes": mistakes_of(wrong),
        "fulfilments": Fulfilment.choices,
        "methods": methods_offered(),
        "is_online": Method.ONLINE in methods_offered(),
    }
    status = refusal.status if refusal else 422 if code else 200
    return render(request, "shop/checkout.html", context, status=status)


def _with_code(request: HttpRequest, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """The page with a promotion's code used, or told why not; nothing that was typed is lost."""
    typed = request.POST.get("code", "")
    answer = set_code(cart=cart, code=typed, customer=client_of(request))
    if answer and not answer.is_of_use:
        return checkout_page(request, cart, values, code={"typed": typed[:30], "answer": answer})
    cart.code = answer.code if answer else ""
    return checkout_page(request, cart, values)


def _placed(request: HttpRequest, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """Place the order and go to its page, or to where it is paid. Raises what `check_out` raises."""
    _require_as_shown(request, cart, values)
    wanted_at, expected = _moments(request, values)
    contact = Contact(**{name: values[name] for name in (*PERSON, *ADDRESS, "comment")})
    user = client_of(request)
    order, is_new = check_out(
        cart=cart,
        key=_key(cart, values["once"]),
        contact=contact,
        fulfilment=values["fulfilment"],
        payment_method=values["payment_method"],
        expected_total=amount(request.POST.get("expected_total")),
        expected_offers=ids(request.POST.get("expected_offers", "").split()),
        wanted_at=wanted_at,
        expected_promise=expected,
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


def _moments(request: HttpRequest, values: dict[str, str]) -> tuple[datetime | None, datetime | None]:
    """The slot that is wanted, none for as soon as possible, and the hour that the page showed. Raises InvalidChoice."""
    wanted_at = read_moment(values["wanted"])
    if is_on_another_day(values) or (wanted_at is None and values["wanted"]):
        raise InvalidChoice(_("Choisissez une heure parmi celles qui sont proposées."), field="wanted_at")
    return wanted_at, read_moment(request.POST.get("expected_promise", ""))


def _moved(request: HttpRequest, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """The same page at another shop, to which the cart goes; what was typed stays."""
    store = active_store(slug=request.POST["elsewhere"])
    if store is None:
        raise Http404
    move_cart(cart=cart, store=store)
    cart.store = store
    messages.success(request, _("Votre panier est maintenant à %(store)s.") % {"store": store.name})
    if any(row.problem for row in read_cart(cart=cart)):
        return redirect("shop:cart")
    return checkout_page(request, cart, values | dict.fromkeys(TIMES, ""))


def _chosen(request: HttpRequest, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """The page with another hour chosen, of those that a refusal offered."""
    return checkout_page(request, cart, values | dict.fromkeys(TIMES, "") | {"wanted": request.POST["choose"]})


OTHER_BUTTONS: Mapping[str, Callable[[HttpRequest, Cart, dict[str, str]], HttpResponse]] = {
    "recalculate": checkout_page,
    "use_code": _with_code,
    "choose": _chosen,
    "elsewhere": _moved,
}
"""The buttons of the page that order nothing, by their names."""


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
        **dict.fromkeys((*FIELDS, *TIMES), ""),
        **contact_of(request, addresses_of(request)),
        "fulfilment": usual.fulfilment or Fulfilment.DELIVERY.value,
        "payment_method": _usual_means(usual.payment_method),
        "comment": cart.comment,
        "once": secrets.token_urlsafe(16),
    }


def _usual_means(remembered: str) -> str:
    """The means of the last time, if it still is offered."""
    return remembered if remembered in methods_offered() else Method.TERMINAL.value


def _summary(request: HttpRequest, cart: Cart, values: dict[str, str]) -> Summary:
    """Totals for the chosen mode. Raises EmptyCart and InvalidLine."""
    requests, notice = requests_of(cart=cart), ""
    price = partial(quote, store=cart.store, requests=requests, code=cart.code, customer=client_of(request))
    code, is_delivery = values["postal_code"], values["fulfilment"] == Fulfilment.DELIVERY
    is_fee_known = not is_delivery or bool(POSTAL_CODE.match(code))
    if is_delivery and is_fee_known:
        try:
            return _summed(cart, values, price(fulfilment=Fulfilment.DELIVERY, postal_code=code))
        except (NotDeliverable, BelowMinimum) as refusal:
            notice, is_fee_known = refusal.message, False
    chosen = values["fulfilment"] if values["fulfilment"] in Fulfilment.values else Fulfilment.COLLECTION
    without_fee = price(fulfilment=Fulfilment.COLLECTION if is_delivery else chosen)
    return _summed(cart, values, without_fee, notice=notice, is_fee_known=is_fee_known)


def _summed(
    cart: Cart, values: dict[str, str], priced: Quote, *, notice: str = "", is_fee_known: bool = True
) -> Summary:
    now = timezone.now()
    ceiling = ceiling_on(day=timezone.localdate(now))
    minutes = oven_minutes_of(priced.lines)
    basket = Basket(store=cart.store, oven_minutes=minutes, zone=priced.zone, at=now)
    when = (when_of if is_fee_known else when_without_fee)(basket=basket, values=values)
    return Summary(
        quote=priced,
        notes=[note for note in NOTES if note > priced.total],
        ceiling=ceiling if ceiling and priced.total > ceiling else None,
        vat=vat_of_quote(quote=priced, on=timezone.localdate(now)),
        when=when,
        elsewhere=[] if when.soonest else _elsewhere(cart, values, priced, now),
        towards=towards_free(zone=None if priced.delivery_offer else priced.zone, gross=priced.gross),
        is_fee_known=is_fee_known,
        notice=notice,
    )


def _elsewhere(cart: Cart, values: dict[str, str], priced: Quote, now: datetime) -> list[Elsewhere]:
    return shops_elsewhere(
        store=cart.store,
        lines=priced.lines,
        oven_minutes=0,
        fulfilment=values["fulfilment"],
        postal_code=values["postal_code"],
        at=now,
    )
