"""What explains every quantity of a store's stock: a page, and a file for a spreadsheet."""

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.stock_forms import MovementFilters
from pizzeria.languages import localized
from pizzeria.ordering.needing import numbers_of
from pizzeria.stock.lines import Explained, explained, item_of, movements_of
from pizzeria.stock.selectors import stock_in_order
from pizzeria.tables import csv_of

PAGE_SIZE = 50
LONGEST_FILE = 5_000
"""Movements of one file: more are asked for day by day."""


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


@require_safe
@staff_page(Action.SEE_STOCK)
def movements_file(request: StaffRequest, place: Place) -> HttpResponse:
    found, _more = _read(place, _filters(request.GET), LONGEST_FILE)
    numbers = numbers_of(store=place.store, references=[each.movement.reference for each in found])
    head = [_("Date"), _("Ingrédient"), _("Unité"), _("Changement"), _("Reste"), _("Raison"), _("Précision"), _("Par"), _("Commande")]  # fmt: skip
    rows = [_row(each, numbers.get(each.movement.reference, "")) for each in found]
    response = HttpResponse(csv_of(head=head, rows=rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="stock-{place.store.slug}-{timezone.localdate()}.csv"'
    return response


def _row(each: Explained, number: str) -> list[object]:
    movement = each.movement
    ingredient = movement.item.ingredient
    return [
        f"{timezone.localtime(movement.created_at):%Y-%m-%d %H:%M:%S}",
        localized(ingredient, "name"),
        str(ingredient.get_unit_display()),
        movement.change,
        each.left,
        str(movement.get_reason_display()),
        str(movement.get_cause_display()),
        str(movement.acting_user or ""),
        number,
    ]


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
