"""A cashier changes an order for its client, who is on the phone or at the counter (UC 1.3)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_aware
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.catalogue.models import Ingredient
from pizzeria.catalogue.selectors import offer
from pizzeria.errors import BusinessError
from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.ordering.changing import Plan, Wish, change_order, plan_change, price_change, require_changeable
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.differences import changed_since, differing, rows_of, told_changes
from pizzeria.ordering.errors import TransitionRefused
from pizzeria.ordering.lines import MAX_LINES, LineRequest, label_of
from pizzeria.ordering.models import Fulfilment, LineChange, Order, OrderLine
from pizzeria.ordering.promise import SlotOffer, days_offered, oven_minutes_of, slots_of
from pizzeria.ordering.staff_selectors import order_of_store
from pizzeria.payments.models import AT_DOOR, Method
from pizzeria.stores.selectors import informed
from pizzeria.words import lines as kept_lines
from pizzeria.words import one_line

PERSON = ("first_name", "last_name", "phone", "email", "street", "complement", "postal_code", "town", "comment")
FIELDS = (*PERSON, "fulfilment", "wanted_at", "change_for", "pay_by")
DAYS = 2
BLANK_ROWS = 3
"""For what is added; a comparison, or a second change, brings as many again."""
DIGITS, LONGEST = frozenset("0123456789"), 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A line of the form, as it was typed. `label` is empty for one whose product is still to be chosen."""

    number: int
    variant: int = 0
    second: int = 0
    removed: list[int] = field(default_factory=list)
    extras: list[int] = field(default_factory=list)
    comment: str = ""
    quantity: int = 0
    label: str = ""
    detail: str = ""

    def request(self) -> LineRequest:
        return LineRequest(
            variant_id=self.variant,
            quantity=self.quantity,
            second_half_id=self.second or None,
            removed=tuple(self.removed),
            extras=tuple(self.extras),
            comment=self.comment,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The form as it was filled, or as the order has it."""

    typed: list[Typed]
    values: dict[str, str]

    def wish(self) -> Wish:
        return Wish(
            lines=[row.request() for row in self.typed if row.quantity],
            contact=Contact(**{name: self.values[name] for name in PERSON}),
            fulfilment=self.values["fulfilment"],
            wanted_at=_moment(self.values["wanted_at"]),
            change_for=_euros(self.values["change_for"]) if self.values["change_for"] else None,
        )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Action.CHANGE_ORDERS)
def change(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """All of the order in one form, and what the change replaces by what; a page of its own, that no refresh takes away."""
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    if request.method != "POST":
        return _page(request, place, order, Filled(typed=_of_order(order), values=_fields_of(order)))
    values = {name: kept_lines(request.POST.get(name, "")) for name in FIELDS}
    filled = Filled(typed=list(_typed(request.POST)), values=values)
    if "compare" in request.POST:
        return _page(request, place, order, filled)
    try:
        return _changed(request, place, order, filled)
    except BusinessError as refusal:
        return _page(request, place, _fresh(place, number), filled, refusal)


def _changed(request: StaffRequest, place: Place, order: Order, filled: Filled) -> HttpResponse:
    """Make the change and go to the order's page. Raises what `change_order` raises."""
    wish = filled.wish()
    change_order(
        order=order,
        version=_whole(request.POST.get("version", "")),
        lines=wish.lines,
        contact=wish.contact,
        fulfilment=wish.fulfilment,
        wanted_at=wish.wanted_at,
        expected_promise=_moment(request.POST.get("expected_promise", "")),
        change_for=wish.change_for,
        expected_total=_euros(request.POST.get("expected_total", "")),
        pay_by=filled.values["pay_by"],
        acting_user=place.user,
    )
    messages.success(request, _("La commande %(number)s est modifiée.") % {"number": order.number})
    return redirect("backoffice:order", place.store.slug, order.number)


def _page(
    request: StaffRequest, place: Place, order: Order, filled: Filled, refusal: BusinessError | None = None
) -> HttpResponse:
    plan: Plan | None = None
    slots: list[SlotOffer] = []
    try:
        require_changeable(order)
        slots = _slots(order, filled.wish())
        plan = plan_change(order=order, wish=filled.wish())
    except BusinessError as unclear:
        # What was refused when it was sent says more than what the same form says now.
        refusal = refusal or unclear
    seen = _whole(request.POST.get("version", "")) or order.version
    fields = refusal.details.get("fields", {}) if refusal else {}
    others = len(told_changes(order=order)) - len(changed_since(order=order, version=seen))
    context = {
        "place": place,
        "current": "orders",
        "order": order,
        "typed": [row for row in filled.typed if row.label],
        "added": _blank(filled.typed),
        "values": filled.values,
        "plan": plan,
        "planned": order.wanted_at.isoformat() if order.wanted_at else "",
        "slots": [(slot.starts_at.isoformat(), slot) for slot in slots if slot.room],
        "rows": rows_of(*differing(plan.before, plan.after)) if plan else [],
        "refusal": refusal,
        "wrong": fields,
        "is_too_late": isinstance(refusal, TransitionRefused),
        "meanwhile": told_changes(order=order)[others:],
        "menu": _menu(),
        "removable": _removable(),
        "extras": sorted(offer().extras.values(), key=lambda item: localized(item, "name")),
        "fulfilments": Fulfilment.choices,
        "methods": AT_DOOR,
    }
    return render(request, "backoffice/change.html", context, status=refusal.status if refusal else 200)


def _slots(order: Order, wish: Wish) -> list[SlotOffer]:
    """What is free of today and tomorrow for what is wanted. Raises what `price_change` raises."""
    priced, now = price_change(order=order, wish=wish), timezone.now()
    store, minutes = informed(store=order.store), oven_minutes_of(priced.lines)
    days = days_offered(store=store, at=now)[:DAYS]
    # Its own slot is not full because of itself.
    asked = [
        slots_of(store=store, oven_minutes=minutes, zone=priced.zone, at=now, day=day, besides=order, most=1)
        for day in days
    ]
    return [slot for slots in asked for slot in slots]


def _fresh(place: Place, number: str) -> Order:
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    return order


def _fields_of(order: Order) -> dict[str, str]:
    return {
        **{name: getattr(order, name) for name in PERSON},
        "fulfilment": order.fulfilment,
        "wanted_at": order.wanted_at.isoformat() if order.wanted_at else "",
        "change_for": f"{order.change_for:.2f}" if order.change_for is not None else "",
        "pay_by": Method.TERMINAL.value,
    }


def _of_order(order: Order) -> list[Typed]:
    return [_typed_of(number, line) for number, line in enumerate(order.lines.all())]


def _typed_of(number: int, line: OrderLine) -> Typed:
    changed = [(change.kind, change.ingredient) for change in line.changes.all()]
    removed = [item for kind, item in changed if kind == LineChange.Kind.REMOVED]
    extras = [item for kind, item in changed if kind == LineChange.Kind.EXTRA]
    return Typed(
        number=number,
        variant=line.variant_id,
        second=line.second_half_id or 0,
        removed=[item.pk for item in removed],
        extras=[item.pk for item in extras],
        comment=line.comment,
        quantity=line.quantity,
        label=line.label,
        detail=_detail(removed, extras),
    )


def _detail(removed: list[Ingredient], extras: list[Ingredient]) -> str:
    without = [_("sans %(what)s") % {"what": localized(item, "name")} for item in removed]
    return " · ".join([*without, *(f"+ {localized(item, 'name')}" for item in extras)])


def _typed(posted: QueryDict) -> Iterator[Typed]:
    """The lines that the form holds, those that stood first; what has no product yet asks for nothing."""
    on_sale = offer()
    for number in range(MAX_LINES + BLANK_ROWS):
        asked = _whole(posted.get(f"variant-{number}", ""))
        if not asked:
            continue
        variant = on_sale.variants.get(asked)
        second = on_sale.variants.get(_whole(posted.get(f"second-{number}", "")))
        removed, extras = _keys(posted, f"removed-{number}"), _keys(posted, f"extras-{number}")
        yield Typed(
            number=number,
            variant=asked,
            second=second.pk if second else 0,
            removed=removed,
            extras=extras,
            comment=one_line(posted.get(f"comment-{number}", "")),
            quantity=_whole(posted.get(f"quantity-{number}", "")),
            label=label_of(variant, second) if variant else _("Produit retiré de la carte"),
            detail=_detail(_ingredients(removed), [on_sale.extras[key] for key in extras if key in on_sale.extras]),
        )


def _blank(typed: list[Typed]) -> list[Typed]:
    first = max((row.number for row in typed), default=-1) + 1
    return [Typed(number=number, quantity=1) for number in range(first, first + BLANK_ROWS)]


def _ingredients(keys: list[int]) -> list[Ingredient]:
    found = {item.pk: item for item in _removable()}
    return [found[key] for key in keys if key in found]


def _removable() -> list[Ingredient]:
    """What may be taken off some pizza."""
    rows = [row for variant in offer().variants.values() for row in variant.composition.all() if not row.is_base]
    return sorted({row.ingredient for row in rows}, key=lambda item: localized(item, "name"))


def _menu() -> list[tuple[int, str]]:
    """What may be added: a variant's key, and its words with its price."""
    return [
        (variant.pk, f"{label_of(variant)} · {euros(variant.price)}")
        for product in offer().products
        for variant in product.variants.all()
    ]


def _keys(posted: QueryDict, name: str) -> list[int]:
    return [key for text in posted.getlist(name) for part in text.split(",") if (key := _whole(part))]


def _whole(text: str) -> int:
    """A whole number; 0, which no row has, for anything else."""
    return int(text) if text and len(text) < LONGEST and DIGITS.issuperset(text) else 0


def _euros(text: str) -> Decimal:
    """An amount; −1, which no total is, for anything else."""
    whole, _dot, cents = text.replace(",", ".").partition(".")
    is_amount = whole and len(whole) < LONGEST and len(cents) <= 2 and DIGITS.issuperset(whole + cents)  # noqa: PLR2004
    return Decimal(f"{whole}.{cents or '0'}") if is_amount else Decimal(-1)


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and is_aware(found) else None
