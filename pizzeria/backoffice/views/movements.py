"""What explains every quantity of a store's stock. As a file it is one of the exports' tables."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.stock_forms import MovementFilters
from pizzeria.ordering.needing import numbers_of
from pizzeria.stock.lines import Explained, explained, item_of, movements_of
from pizzeria.stock.selectors import stock_in_order

PAGE_SIZE = 50


@require_safe
@staff_page(Action.SEE_STOCK)
def movements(request: StaffRequest, place: Place) -> HttpResponse:
    form = _filters(request.GET)
    found, more = _read(place, form, PAGE_SIZE)
    kept = request.GET.copy()
    kept.pop("before", None)
    context = {
        "place": place,
        "current": "movements",
        "form": form,
        "items": stock_in_order(store=place.store),
        "lines": found,
        "numbers": numbers_of(store=place.store, references=[each.movement.reference for each in found]),
        "older": found[-1].movement.pk if more else None,
        "filters": kept.urlencode(),
        "is_newest": not form.cleaned_data.get("before"),
    }
    return render(request, "backoffice/movements.html", context)


def _filters(asked: QueryDict) -> MovementFilters:
    """What says nothing sensible is told beside its field and filters nothing."""
    form = MovementFilters(asked)
    form.is_valid()
    return form


def _read(place: Place, form: MovementFilters, most: int) -> tuple[list[Explained], bool]:
    """So many movements at most, and whether there are more."""
    wanted = form.cleaned_data
    item = item_of(store=place.store, pk=wanted["item"]) if wanted.get("item") else None
    found = list(
        movements_of(
            store=place.store,
            item=item,
            reason=wanted.get("reason", ""),
            day=wanted.get("day"),
            before=wanted.get("before"),
        )[: most + 1]
    )
    return explained(movements=found[:most]), len(found) > most
