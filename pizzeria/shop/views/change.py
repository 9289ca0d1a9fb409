"""A client changes an order (UC 1.3): its pizzas in the ordinary cart, the rest here, where before and after are compared."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from pizzeria.errors import BusinessError
from pizzeria.ordering.cart import begin_change, end_change, requests_of
from pizzeria.ordering.changing import Plan, Wish, change_order, plan_change, price_change, require_changeable
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.differences import Row, ToldChange, changed_since, differing, rows_of, told_changes
from pizzeria.ordering.errors import EmptyCart, InvalidChoice, TransitionRefused
from pizzeria.ordering.models import Cart, Fulfilment, Order
from pizzeria.ordering.promise import oven_minutes_of
from pizzeria.payments.models import AT_DOOR, Method
from pizzeria.payments.selectors import due_of
from pizzeria.shop import carts
from pizzeria.shop.moments import Basket, When, is_on_another_day, moment_text, read_moment, when_of
from pizzeria.shop.parsing import amount, whole_number
from pizzeria.shop.remembered import ADDRESS, PERSON
from pizzeria.shop.views.checkout import mistakes_of, wrong_of
from pizzeria.shop.views.order import order_or_404
from pizzeria.stores.selectors import informed
from pizzeria.words import lines

FIELDS = ("fulfilment", *PERSON, *ADDRESS, "comment", "change_for", "pay_by", "wanted", "day", "shown_day")
AS_PLANNED = "keep"
"""In the place of a slot: the hour that the order has already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What the page says before anybody confirms: what is replaced by what, and what that means for the money."""

    plan: Plan
    expected: str
    """The hour that is shown, as the form sends it back."""
    rows: list[Row]
    is_due_in_cash: bool
    """Whether what is due was to be paid in cash: which note is kept ready may then change."""


@require_POST
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Put what the order has into a cart of its own, beside the one that is there."""
    order = order_or_404(token)
    try:
        cart = begin_change(order=order, cart=carts.changing_cart(request))
    except TransitionRefused as refusal:
        return _too_late(request, order, refusal)
    return carts.keep_change(redirect("shop:cart"), cart)


@require_POST
def abandon(request: HttpRequest, token: str) -> HttpResponse:
    """Leave the order as it is; the cart that was there before is back."""
    order, cart = order_or_404(token), carts.changing_cart(request)
    if cart:
        end_change(cart=cart)
    messages.info(request, _("La commande %(number)s reste comme elle était.") % {"number": order.number})
    return carts.end_change(redirect("shop:order", token))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, token: str) -> HttpResponse:
    """The rest of the order, before and after, and the confirmation; a reload, or a second tap, changes nothing twice."""
    order, cart = order_or_404(token), carts.changing_cart(request)
    if cart is None or cart.changes_id != order.pk:
        return redirect("shop:order", token)
    if request.method != "POST":
        return _page(request, order, cart, _as_it_is(order, cart))
    values = {name: lines(request.POST.get(name, "")) for name in FIELDS}
    if "recalculate" in request.POST:
        return _page(request, order, cart, values)
    try:
        return _changed(request, order, cart, values)
    except TransitionRefused as refusal:
        return _too_late(request, order, refusal)
    except BusinessError as refusal:
        return _page(request, order_or_404(token), cart, values, refusal)


def _changed(request: HttpRequest, order: Order, cart: Cart, values: dict[str, str]) -> HttpResponse:
    """Make the change and go to the order's page, or to where the difference is paid. Raises what `change_order` raises."""
    if is_on_another_day(values):
        raise InvalidChoice(_("Choisissez une heure parmi celles qui sont proposées."), field="wanted_at")
    wish = _wish(order, cart, values)
    before = order.version
    changed = change_order(
        order=order,
        version=whole_number(request.POST.get("version")),
        lines=wish.lines,
        contact=wish.contact,
        fulfilment=wish.fulfilment,
        wanted_at=wish.wanted_at,
        expected_promise=read_moment(request.POST.get("expected_promise", "")),
        change_for=wish.change_for,
        code=wish.code,
        expected_total=amount(request.POST.get("expected_total")),
        pay_by=values["pay_by"],
    )
    end_change(cart=cart)
    if changed.version == before:
        messages.info(request, _("Rien n’était à changer dans la commande %(number)s.") % {"number": changed.number})
    else:
        messages.success(request, _("La commande %(number)s est modifiée.") % {"number": changed.number})
    return carts.end_change(redirect("shop:order", order.token))


def _wish(order: Order, cart: Cart, values: dict[str, str]) -> Wish:
    return Wish(
        lines=requests_of(cart=cart),
        contact=Contact(**{name: values[name] for name in (*PERSON, *ADDRESS, "comment")}),
        fulfilment=values["fulfilment"],
        wanted_at=order.wanted_at if values["wanted"] == AS_PLANNED else read_moment(values["wanted"]),
        change_for=amount(values["change_for"].replace(",", ".")) if values["change_for"] else None,
        code=cart.code,
    )


def _as_it_is(order: Order, cart: Cart) -> dict[str, str]:
    """The fields as the order has them."""
    return {
        "fulfilment": order.fulfilment,
        **{name: getattr(order, name) for name in (*PERSON, *ADDRESS)},
        "comment": cart.comment,
        "wanted": AS_PLANNED,
        "day": "",
        "shown_day": "",
        "change_for": f"{order.change_for:.2f}" if order.change_for is not None else "",
        "pay_by": Method.TERMINAL.value,
    }


def _page(
    request: HttpRequest, order: Order, cart: Cart, values: dict[str, str], refusal: BusinessError | None = None
) -> HttpResponse:
    """The page with the fields as they were filled, and what was refused, if anything was."""
    compared, notice, when = None, None, None
    try:
        require_changeable(order)
        when = _when(order, cart, values)
        values = _with_the_days_slot(values, when)
        compared = _compared(order, cart, values)
    except TransitionRefused as late:
        return _too_late(request, order, late)
    except EmptyCart as empty:
        refusal = refusal or empty
    except BusinessError as unclear:
        notice = unclear
    wrong = wrong_of(refusal)
    context = {
        "order": order,
        "cart": cart,
        "changing": order,
        "store": order.store,
        "values": values,
        "compared": compared,
        "when": when,
        "notice": None if refusal else notice,
        "refusal": refusal,
        "wrong": wrong,
        "mistakes": mistakes_of(wrong),
        "meanwhile": _meanwhile(order, cart),
        "fulfilments": Fulfilment.choices,
        "methods": AT_DOOR,
    }
    return render(request, "shop/change.html", context, status=refusal.status if refusal else 200)


def _when(order: Order, cart: Cart, values: dict[str, str]) -> When:
    """The hours that can be chosen for what is wanted. Raises what `price_change` raises."""
    priced = price_change(order=order, wish=_wish(order, cart, values))
    basket = Basket(
        store=informed(store=order.store),
        oven_minutes=oven_minutes_of(priced.lines),
        zone=priced.zone,
        at=timezone.now(),
        besides=order,
    )
    chosen = "" if values["wanted"] == AS_PLANNED else values["wanted"]
    return when_of(basket=basket, values=values | {"wanted": chosen})


def _with_the_days_slot(values: dict[str, str], when: When) -> dict[str, str]:
    """Of another day that was ticked, its first free slot is wanted, as at the checkout."""
    return values | {"wanted": when.wanted} if is_on_another_day(values) and when.wanted else values


def _compared(order: Order, cart: Cart, values: dict[str, str]) -> Comparison:
    plan = plan_change(order=order, wish=_wish(order, cart, values))
    due = due_of(order=order)
    return Comparison(
        plan=plan,
        expected=moment_text(plan.after.promised_at),
        rows=rows_of(*differing(plan.before, plan.after)),
        is_due_in_cash=due is not None and due.method == Method.CASH,
    )


def _meanwhile(order: Order, cart: Cart) -> list[ToldChange]:
    """What somebody else changed since this change began: the page shows both values."""
    others = changed_since(order=order, version=cart.order_version or 0)
    return told_changes(order=order)[-len(others) :] if others else []


def _too_late(request: HttpRequest, order: Order, refusal: TransitionRefused) -> HttpResponse:
    """A kind page of its own: what was wanted, and what can still be done."""
    context = {"order": order, "store": order.store, "refusal": refusal}
    return render(request, "shop/change_too_late.html", context, status=refusal.status)
