"""One ingredient of a store's stock: what there is, what explains it, and what people change of it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.charts import bar_chart
from pizzeria.backoffice.stock_forms import CountForm, LowerForm, RaiseForm, ThresholdForm, WasteForm
from pizzeria.errors import BusinessError
from pizzeria.ordering.needing import numbers_of, orders_needing
from pizzeria.stock.changing import change_quantity, count_quantity, set_threshold
from pizzeria.stock.errors import StockChanged
from pizzeria.stock.lines import explained, item_of, movements_of, quantities_by_day
from pizzeria.stock.models import Movement, StockItem

UNPROCESSABLE = 422
LATEST = 12
FORMS: Mapping[str, type[forms.Form]] = {
    "raise": RaiseForm,
    "lower": LowerForm,
    "waste": WasteForm,
    "count": CountForm,
    "threshold": ThresholdForm,
}
Deed = Callable[[Place, StockItem, Mapping[str, Any]], object]


def _moved(reason: Movement.Reason) -> Deed:
    def do(place: Place, item: StockItem, typed: Mapping[str, Any]) -> object:
        return change_quantity(
            store=place.store,
            item_id=item.pk,
            reason=reason,
            quantity=typed["quantity"],
            seen=typed["seen"],
            cause=typed.get("cause", ""),
            acting_user=place.user,
        )

    return do


def _counted(place: Place, item: StockItem, typed: Mapping[str, Any]) -> object:
    return count_quantity(
        store=place.store,
        item_id=item.pk,
        counted=typed["quantity"],
        expected=typed["expected"],
        acting_user=place.user,
    )


def _threshold(place: Place, item: StockItem, typed: Mapping[str, Any]) -> object:
    return set_threshold(store=place.store, item_id=item.pk, alert_below=typed["quantity"], seen=typed["seen"])


DEEDS: Mapping[str, Deed] = {
    "raise": _moved(Movement.Reason.RAISE),
    "lower": _moved(Movement.Reason.LOWER),
    "waste": _moved(Movement.Reason.WASTE),
    "count": _counted,
    "threshold": _threshold,
}


@require_safe
@staff_page(Action.SEE_STOCK)
def stock_item(request: StaffRequest, place: Place, item: int) -> HttpResponse:
    return _page(request, place, _found(place, item))


@require_POST
@staff_page(Action.CHANGE_STOCK)
def change(request: StaffRequest, place: Place, item: int) -> HttpResponse:
    """What one of the forms says; refused, the page shows what stands beside what was typed."""
    found = _found(place, item)
    asked = request.POST.get("do", "")
    if asked not in DEEDS:
        return _page(request, place, found, status=UNPROCESSABLE)
    form = FORMS[asked](request.POST, prefix=asked)
    theirs: StockChanged | None = None
    if form.is_valid():
        try:
            DEEDS[asked](place, found, form.cleaned_data)
        except StockChanged as error:
            theirs = error
            form = _again(request.POST.copy(), asked, error)
        except BusinessError as error:
            form.add_error("quantity", error.message)
        else:
            messages.success(request, _("Le contenu du stock a été modifié"))
            return redirect("backoffice:stock_item", place.store.slug, item)
    return _page(request, place, _found(place, item), asked=asked, form=form, theirs=theirs, status=UNPROCESSABLE)


def _again(typed: QueryDict, asked: str, error: StockChanged) -> forms.Form:
    """The same words in a form that has seen what stands now: sent once more, it is meant."""
    seen, now = ("expected", "available") if asked == "count" else ("seen", "version")
    typed[f"{asked}-{seen}"] = str(error.details[now])
    again = FORMS[asked](typed, prefix=asked)
    again.add_error("quantity", error.message)
    return again


def _page(
    request: StaffRequest,
    place: Place,
    item: StockItem,
    *,
    asked: str = "",
    form: forms.Form | None = None,
    theirs: StockChanged | None = None,
    status: int = 200,
) -> HttpResponse:
    latest = explained(movements=list(movements_of(store=place.store, item=item)[:LATEST]))
    days = quantities_by_day(item=item, at=timezone.now())
    chart = bar_chart([Decimal(quantity) for _day, quantity in days])
    context = {
        "place": place,
        "current": "stock",
        "item": item,
        "forms": _forms(item, asked, form),
        "theirs": theirs,
        "typed": form["quantity"].value() if form else "",
        "latest": latest,
        "numbers": numbers_of(store=place.store, references=[each.movement.reference for each in latest]),
        "chart": chart,
        "bars": list(zip(chart.bars, days, strict=True)),
        "needed": orders_needing(store=place.store, item_ids=[item.pk]).get(item.pk, []),
    }
    return render(request, "backoffice/stock_item.html", context, status=status)


def _forms(item: StockItem, asked: str, form: forms.Form | None) -> dict[str, forms.Form]:
    """Every form of the page; the one that was refused as it was typed."""
    initial: dict[str, dict[str, object]] = {
        "count": {"expected": item.available},
        "threshold": {"seen": item.version, "quantity": item.alert_below},
    }
    fresh = {name: kind(prefix=name, initial=initial.get(name, {"seen": item.version})) for name, kind in FORMS.items()}
    return fresh | ({asked: form} if form else {})


def _found(place: Place, pk: int) -> StockItem:
    item = item_of(store=place.store, pk=pk)
    if item is None:
        raise Http404
    return item
