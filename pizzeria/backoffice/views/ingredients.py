"""The ingredients of the group (D1, D2): what is counted, in which unit, with which allergens."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, posted, staff_page
from pizzeria.backoffice.stock_forms import IngredientForm
from pizzeria.catalogue.errors import IngredientChanged, InvalidIngredient
from pizzeria.catalogue.ingredients import details_of
from pizzeria.catalogue.models import Allergen, Ingredient
from pizzeria.languages import in_alphabet, localized
from pizzeria.stock.recipes import add_ingredient, change_ingredient

UNPROCESSABLE = 422
FORM = ["GET", "HEAD", "POST"]


@require_safe
@staff_page(Action.SEE_RECIPES)
def ingredients(request: StaffRequest, place: Place) -> HttpResponse:
    rows = [
        (ingredient, [str(Allergen(code).label) for code in details_of(ingredient=ingredient).allergens])
        for ingredient in Ingredient.objects.all()
    ]
    rows.sort(key=lambda row: in_alphabet(localized(row[0], "name")))
    return render(request, "backoffice/ingredients.html", {"place": place, "current": "recipes", "rows": rows})


@require_http_methods(FORM)
@staff_page(Action.CHANGE_RECIPES)
def add(request: StaffRequest, place: Place) -> HttpResponse:
    form = IngredientForm(posted(request), initial={"unit_quantity": 1, "extra_quantity": 30})
    if form.is_bound and form.is_valid():
        try:
            made = add_ingredient(wanted=form.details())
        except InvalidIngredient as error:
            form.add_error(str(error.details["field"]), error.message)
        else:
            messages.success(request, _("« %(name)s » est ajouté à tous les stocks.") % {"name": made.name})
            return redirect("backoffice:ingredients", place.store.slug)
    return _page(request, place, {"form": form})


@require_http_methods(FORM)
@staff_page(Action.CHANGE_RECIPES)
def ingredient(request: StaffRequest, place: Place, pk: int) -> HttpResponse:
    found = Ingredient.objects.filter(pk=pk).first()
    if found is None:
        raise Http404
    now = details_of(ingredient=found)
    form = IngredientForm(posted(request), initial=now.columns() | {"shown": now.mark})
    theirs: list[tuple[Any, Any, Any]] = []
    if form.is_bound and form.is_valid():
        try:
            change_ingredient(ingredient=found, shown=form.cleaned_data["shown"], wanted=form.details())
        except IngredientChanged as error:
            form, theirs = _both_shown(form, request.POST.copy(), found)
            form.add_error(None, error.message)
        except InvalidIngredient as error:
            form.add_error(str(error.details["field"]), error.message)
        else:
            messages.success(request, _("« %(name)s » : c’est enregistré.") % {"name": form.details().name})
            return redirect("backoffice:ingredients", place.store.slug)
    return _page(request, place, {"form": form, "ingredient": found, "theirs": theirs})


def _both_shown(
    form: IngredientForm, typed: QueryDict, found: Ingredient
) -> tuple[IngredientForm, list[tuple[Any, Any, Any]]]:
    """The form as it was typed, having seen what stands now, and where the two differ."""
    now = details_of(ingredient=Ingredient.objects.get(pk=found.pk))
    wanted = form.details().columns()
    differ = [
        (form.fields[name].label, _words(value), _words(wanted[name]))
        for name, value in now.columns().items()
        if value != wanted[name]
    ]
    typed["shown"] = now.mark
    again = IngredientForm(typed)
    return again, differ


def _words(value: object) -> object:
    if isinstance(value, list):
        return ", ".join(str(Allergen(code).label) for code in value)
    return value


def _page(request: StaffRequest, place: Place, context: dict[str, Any]) -> HttpResponse:
    status = UNPROCESSABLE if context["form"].errors else 200
    return render(
        request, "backoffice/ingredient.html", {"place": place, "current": "recipes", **context}, status=status
    )
