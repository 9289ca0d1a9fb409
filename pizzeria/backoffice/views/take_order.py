"""A cashier takes an order, on the phone or at the counter (UC 1.2): one page, by keyboard alone if they like."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts import audit
from pizzeria.accounts.models import User
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice import desk
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.catalogue.selectors import offer
from pizzeria.errors import BusinessError
from pizzeria.money import euros
from pizzeria.ordering.callers import Caller, callers_of, phone_digits
from pizzeria.ordering.cart import requests_of_order
from pizzeria.ordering.drafts import (
    Writing,
    drop_draft,
    find_draft,
    keep_draft,
    place_draft,
    placed_from,
    waiting_drafts,
)
from pizzeria.ordering.errors import EmptyCart, InvalidLine, NotAllowed
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.typed import MOST_TYPED, read_typed
from pizzeria.payments.models import AT_DOOR
from pizzeria.stock.selectors import makeable_counts

MOST_OF_A_TOKEN = 40


@staff_page(Action.TAKE_ORDERS)
def take_order(request: StaffRequest, place: Place) -> HttpResponse:  # noqa: ARG001 - the gate gives it
    """A new sheet: its token is in its address, so that a reload, or a tab for another caller, finds what is its own."""
    return redirect("backoffice:take_draft", place.store.slug, secrets.token_urlsafe(9))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.TAKE_ORDERS)
def take_draft(request: StaffRequest, place: Place, draft: str) -> HttpResponse:
    """The sheet, and every button of it that orders nothing."""
    writing, gone = _opened(request, place, draft)
    if gone:
        return gone
    if request.method != "POST":
        return _page(request, place, draft, writing)
    if "drop" in request.POST:
        drop_draft(token=draft, cashier=place.user)
        return redirect("backoffice:take_order", place.store.slug)
    refusal: BusinessError | None = None
    asked = next((name for name in BUTTONS if name in request.POST), "")
    try:
        if asked:
            BUTTONS[asked](writing, request.POST[asked], request.POST)
    except BusinessError as refused:
        refusal = refused
    keep_draft(token=draft, store=place.store, cashier=place.user, writing=writing)
    if "hold" in request.POST:
        return redirect("backoffice:take_order", place.store.slug)
    if "account" in request.POST:
        return redirect(f"{_account_page(place)}?prise={draft}")
    return _page(request, place, draft, writing, refusal)


@require_http_methods(["POST"])
@staff_page(Action.TAKE_ORDERS)
def take_caller(request: StaffRequest, place: Place, draft: str) -> HttpResponse:
    """Whose phone this is: asked for by itself, because it is counted and written down who looked at whom (decision 27)."""
    writing, gone = _opened(request, place, draft)
    if gone:
        return gone
    writing.values["looked_up"] = phone_digits(writing.values["phone"])
    keep_draft(token=draft, store=place.store, cashier=place.user, writing=writing)
    for caller in _callers(writing):
        if caller.account:
            audit.record(
                actor=place.user,
                roles=place.roles,
                store=place.store,
                action="client.looked_up",
                subject=f"user:{caller.account.pk}",
            )
    return _page(request, place, draft, writing)


@require_http_methods(["POST"])
@staff_page(Action.TAKE_ORDERS)
def take_place(request: StaffRequest, place: Place, draft: str) -> HttpResponse:
    """Place what is written down, and go on with the next; or to the till, where it is paid now."""
    writing, gone = _opened(request, place, draft)
    if gone:
        return gone
    keep_draft(token=draft, store=place.store, cashier=place.user, writing=writing)
    try:
        order = _placed(request, place, draft, writing)
    except BusinessError as refusal:
        return _page(request, place, draft, writing, refusal)
    _tell(request, order)
    if writing.values["pay_now"] and order.fulfilment != Fulfilment.DELIVERY:
        return redirect("backoffice:take", place.store.slug, order.number)
    return redirect("backoffice:take_order", place.store.slug)


@require_http_methods(["GET", "HEAD"])
@staff_page(Action.TAKE_ORDERS)
def take_found(request: StaffRequest, place: Place) -> HttpResponse:
    """What the letters that are being typed may mean: a part of the page, without anything of a client in it."""
    return render(request, "backoffice/_take_found.html", _found(place, request.GET.get("q", "")))


def _found(place: Place, text: str) -> Mapping[str, object]:
    found = read_typed(text)
    counts = makeable_counts(store=place.store) if found.lines else {}
    lines = [
        (line, min(counts.get(half.pk, 0) for half in (line.variant, line.second_half) if half)) for line in found.lines
    ]
    return {"found": lines, "problem": found.problem}


def _opened(request: StaffRequest, place: Place, token: str) -> tuple[Writing, HttpResponse | None]:
    """What stands on the sheet with what was just typed; or the way to a new one, when this one has been placed."""
    order = placed_from(token=token, cashier=place.user) if len(token) <= MOST_OF_A_TOKEN else None
    if order or len(token) > MOST_OF_A_TOKEN:
        if order and request.method == "POST":
            messages.info(request, _("La commande %(number)s est déjà enregistrée.") % {"number": order.number})
        return Writing(), redirect("backoffice:take_order", place.store.slug)
    kept = find_draft(token=token, store=place.store, cashier=place.user)
    writing = Writing(values=desk.begun().values | kept.values, lines=kept.lines)
    if request.method == "POST":
        desk.write(writing, request.POST)
    return writing, None


def _placed(request: StaffRequest, place: Place, token: str, writing: Writing) -> Order:
    """Raises what `place_draft` raises."""
    values = writing.values
    return place_draft(
        token=token,
        store=place.store,
        cashier=place.user,
        lines=list(writing.lines.values()),
        contact=desk.contact_of(values),
        fulfilment=values["fulfilment"],
        payment_method=desk.method_of(values),
        expected_total=desk.amount(request.POST.get("expected_total", "")),
        expected_offers=[desk.whole(each) for each in request.POST.get("expected_offers", "").split()],
        expected_promise=desk.moment_of(request.POST.get("expected_promise", "")),
        wanted_at=desk.moment_of(values["wanted_at"]),
        change_for=desk.change_for(values),
        code=values["code"],
        source=desk.source_of(values),
        customer=_customer(writing),
    )


def _tell(request: StaffRequest, order: Order) -> None:
    told = {
        "number": order.number,
        "name": order.customer_name,
        "total": euros(order.total),
        "time": date_format(timezone.localtime(order.promised_at), "H:i"),
    }
    messages.success(request, _("Commande %(number)s enregistrée : %(name)s, %(total)s, pour %(time)s.") % told)


def _page(
    request: StaffRequest, place: Place, token: str, writing: Writing, refusal: BusinessError | None = None
) -> HttpResponse:
    now, customer = timezone.now(), _customer(writing)
    typed = request.POST.get("typed", "")[:MOST_TYPED] if isinstance(refusal, InvalidLine) else ""
    wrong = _wrong(refusal)
    context = {
        "place": place,
        "current": "take_order",
        "draft": token,
        "values": writing.values,
        "customer": customer,
        "is_looked_up": bool(writing.values.get("looked_up")),
        "callers": _callers(writing),
        "sum": desk.reckoned(store=place.store, writing=writing, customer=customer, at=now),
        "typed": typed,
        "waiting": waiting_drafts(store=place.store, cashier=place.user, besides=token),
        "refusal": refusal,
        "wrong": wrong,
        "focus": _focus(writing, refusal, wrong),
        "sources": [(source.value, source.label) for source in desk.SOURCES],
        "fulfilments": Fulfilment.choices,
        "methods": AT_DOOR,
        "products": offer().products,
        "now": now,
    }
    return render(request, "backoffice/take_order.html", context, status=refusal.status if refusal else 200)


def _wrong(refusal: BusinessError | None) -> dict[str, str]:
    """What is wrong with each field, by its name."""
    if refusal is None:
        return {}
    field = refusal.details.get("field")
    return {str(field): refusal.message} if field else dict(refusal.details.get("fields", {}))  # type: ignore[call-overload]


def _focus(writing: Writing, refusal: BusinessError | None, wrong: Mapping[str, str]) -> str:
    """The field where one goes on: what is to be mended first, else whatever comes next."""
    if wrong:
        return next((name for name in desk.FIELDS if name in wrong), "refusal")
    if isinstance(refusal, (InvalidLine, EmptyCart)):
        return "typed"
    if refusal:
        return "refusal"
    return "typed" if writing.values["first_name"] else "phone"


def _callers(writing: Writing) -> list[Caller]:
    digits = writing.values.get("looked_up", "")
    return callers_of(phone=digits, at=timezone.now()) if digits else []


def _customer(writing: Writing) -> User | None:
    """Whose account the order will be in: it was found by its phone, or made a moment ago, never typed."""
    pk = desk.whole(writing.values.get("customer", ""))
    return User.objects.filter(pk=pk, is_active=True).first() if pk else None


def _account_page(place: Place) -> str:
    return reverse("backoffice:new_client", args=[place.store.slug])


def _add_typed(writing: Writing, text: str, posted: QueryDict) -> None:
    """The likeliest meaning of what was typed, or the one of this place among those that were shown. Raises InvalidLine."""
    found = read_typed(posted.get("typed", ""))
    if not found.lines:
        raise InvalidLine(found.problem or _("Tapez le début d’un produit."))
    writing.add(found.lines[min(desk.whole(text), len(found.lines) - 1)].request)


def _add_variant(writing: Writing, text: str, _posted: QueryDict) -> None:
    writing.add(LineRequest(variant_id=desk.whole(text)))


def _less(writing: Writing, text: str, _posted: QueryDict) -> None:
    _by(writing, text, -1)


def _more(writing: Writing, text: str, _posted: QueryDict) -> None:
    _by(writing, text, 1)


def _by(writing: Writing, text: str, step: int) -> None:
    line = writing.lines.get(desk.whole(text))
    if line:
        writing.count(desk.whole(text), line.quantity + step)


def _choose_caller(writing: Writing, text: str, _posted: QueryDict) -> None:
    """It is them: their name, where and how they had their last order."""
    callers = _callers(writing)
    chosen = callers[desk.whole(text)] if desk.whole(text) < len(callers) else None
    if chosen is None:
        return
    writing.values |= {
        "customer": str(chosen.account.pk) if chosen.account else "",
        "first_name": chosen.first_name,
        "last_name": chosen.last_name,
        "fulfilment": chosen.last[0].fulfilment,
        "chosen": str(desk.whole(text)),
    }
    if chosen.spots:
        _go_to(writing, chosen, 0)


def _choose_spot(writing: Writing, text: str, _posted: QueryDict) -> None:
    """`1-2` is the third address of the second caller."""
    whose, _dash, which = text.partition("-")
    callers = _callers(writing)
    if desk.whole(whose) < len(callers) and desk.whole(which) < len(callers[desk.whole(whose)].spots):
        _go_to(writing, callers[desk.whole(whose)], desk.whole(which))


def _go_to(writing: Writing, caller: Caller, which: int) -> None:
    spot = caller.spots[which]
    writing.values |= {
        "street": spot.street,
        "complement": spot.complement,
        "postal_code": spot.postal_code,
        "town": spot.town,
    }


def _as_before(writing: Writing, number: str, _posted: QueryDict) -> None:
    """« Comme la dernière fois »: the lines of one of their last orders. What is not sold any more is said beside its line."""
    last = [order for caller in _callers(writing) for order in caller.last if order.number == number]
    if not last:
        raise NotAllowed(_("Cette commande n’est pas de ce numéro de téléphone."))
    for _line, request in requests_of_order(order=last[0]):
        writing.add(request)


def _choose_hour(writing: Writing, text: str, _posted: QueryDict) -> None:
    moment: datetime | None = desk.moment_of(text)
    writing.values["wanted_at"] = moment.isoformat() if moment else ""


BUTTONS: Mapping[str, Callable[[Writing, str, QueryDict], None]] = {
    "variant": _add_variant,
    "less": _less,
    "more": _more,
    "caller": _choose_caller,
    "spot": _choose_spot,
    "again": _as_before,
    "hour": _choose_hour,
    "add": _add_typed,
}
"""The buttons that change what is written, by their names."""
