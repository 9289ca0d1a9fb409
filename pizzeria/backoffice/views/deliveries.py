"""Many lines of the stock at once: what was delivered, what was counted (UC 6.2, D2)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.stock_forms import QuantityField
from pizzeria.errors import BusinessError
from pizzeria.stock.changing import count_quantity, receive_delivery
from pizzeria.stock.errors import StockChanged
from pizzeria.stock.lines import waiting_delivery
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import stock_in_order

UNPROCESSABLE = 422
FORM = ["GET", "HEAD", "POST"]


@dataclass(slots=True, kw_only=True)
class Row:
    """A line of such a form: what stands, what was typed, and what is wrong with it."""

    item: StockItem
    typed: str = ""
    seen: int = 0
    quantity: int | None = None
    error: str = ""
    proposed: int = 0


@dataclass(slots=True, kw_only=True)
class Typed:
    rows: list[Row] = field(default_factory=list)

    @property
    def filled(self) -> list[Row]:
        return [row for row in self.rows if row.quantity is not None]

    @property
    def is_right(self) -> bool:
        return not any(row.error for row in self.rows)


@require_http_methods(FORM)
@staff_page(Action.CHANGE_STOCK)
def delivery(request: StaffRequest, place: Place) -> HttpResponse:
    """What was delivered, in delivered units, the proposal's already written; all lines, or none."""
    proposals = waiting_delivery(store=place.store)
    items = stock_in_order(store=place.store)
    if request.method != "POST":
        rows = [
            Row(item=item, seen=item.version, proposed=proposals[item.pk].quantity if item.pk in proposals else 0)
            for item in items
        ]
        for row in rows:
            row.typed = str(row.proposed // row.item.ingredient.unit_quantity) if row.proposed else ""
        return _page(request, place, "delivery", rows)
    typed = _read(items, request.POST, "version")
    wanted = {row.item.pk: row.quantity * row.item.ingredient.unit_quantity for row in typed.filled if row.quantity}
    if typed.is_right:
        seen = {row.item.pk: row.seen for row in typed.rows}
        try:
            received = receive_delivery(store=place.store, quantities=wanted, seen=seen, acting_user=place.user)
        except BusinessError as error:
            _tell(request, typed.rows, error)
        else:
            words = ngettext(
                "Le contenu du stock a été modifié : %(count)s ingrédient ajouté.",
                "Le contenu du stock a été modifié : %(count)s ingrédients ajoutés.",
                len(received),
            )
            messages.success(request, words % {"count": len(received)})
            return redirect("backoffice:stock", place.store.slug)
    return _page(request, place, "delivery", typed.rows, status=UNPROCESSABLE)


@require_http_methods(FORM)
@staff_page(Action.CHANGE_STOCK)
def inventory(request: StaffRequest, place: Place) -> HttpResponse:
    """What was counted, beside what stands. What an order took meanwhile comes back with both; the rest is written down."""
    items = stock_in_order(store=place.store)
    if request.method != "POST":
        return _page(request, place, "inventory", [Row(item=item, seen=item.available) for item in items])
    typed = _read(items, request.POST, "available")
    if not typed.is_right or not typed.filled:
        if typed.is_right:
            messages.warning(request, _("Indiquez ce que vous avez compté, zéro compris."))
        return _page(request, place, "inventory", typed.rows, status=UNPROCESSABLE)
    left = [row for row in typed.filled if not _counted(place, row)]
    written = len(typed.filled) - len(left)
    if written:
        words = ngettext(
            "Le contenu du stock a été modifié : %(count)s ingrédient compté.",
            "Le contenu du stock a été modifié : %(count)s ingrédients comptés.",
            written,
        )
        messages.success(request, words % {"count": written})
    if not left:
        return redirect("backoffice:stock", place.store.slug)
    return _page(request, place, "inventory", left, status=UNPROCESSABLE)


def _counted(place: Place, row: Row) -> bool:
    """Whether the count is written down; each line by itself, so that one that moved keeps back no other."""
    try:
        count_quantity(
            store=place.store,
            item_id=row.item.pk,
            counted=row.quantity or 0,
            expected=row.seen,
            acting_user=place.user,
        )
    except StockChanged as error:
        row.error = error.message
        row.seen = row.item.available = int(str(error.details["available"]))
        return False
    except BusinessError as error:
        row.error = error.message
        return False
    return True


def _read(items: list[StockItem], sent: QueryDict, seen: str) -> Typed:
    """What was typed for each line; `seen` names the column that its page showed."""
    quantity_field, seen_field = QuantityField(required=False, min_value=0), forms.IntegerField(required=False)
    typed = Typed()
    for item in items:
        words = sent.get(f"quantity-{item.pk}", "")
        row = Row(item=item, typed=words, seen=getattr(item, seen))
        try:
            row.quantity = quantity_field.clean(words)
            shown = seen_field.clean(sent.get(f"seen-{item.pk}"))
            row.seen = shown if shown is not None else -1
        except forms.ValidationError as error:
            row.error = " ".join(error.messages)
        typed.rows.append(row)
    return typed


def _tell(request: StaffRequest, rows: list[Row], error: BusinessError) -> None:
    """A refusal beside its line where it names one, above the form otherwise; sent once more, the line is meant."""
    concerned: Mapping[object, Row] = {row.item.pk: row for row in rows}
    row = concerned.get(error.details.get("item"))
    if row is None:
        messages.warning(request, error.message)
        return
    row.error = error.message
    row.seen = int(str(error.details["version"]))


def _page(request: StaffRequest, place: Place, name: str, rows: list[Row], *, status: int = 200) -> HttpResponse:
    context = {"place": place, "current": "stock", "rows": rows}
    return render(request, f"backoffice/{name}.html", context, status=status)
