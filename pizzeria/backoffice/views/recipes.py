"""The recipes of the group (UC 6.3, D1): read as preparation sheets, changed with their history."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, posted, staff_page
from pizzeria.backoffice.stock_forms import EMPTY_ROWS, ROWS, RecipeForm
from pizzeria.catalogue.errors import RecipeChanged
from pizzeria.catalogue.models import Composition, Ingredient, Product, RecipeChange, Variant
from pizzeria.catalogue.recipes import (
    Difference,
    Sheet,
    differences,
    recipe_changes,
    sheet_as_kept,
    sheet_from,
    sheet_of,
)
from pizzeria.errors import BusinessError
from pizzeria.ordering.recipes import recipe_in_size
from pizzeria.stock.makeable import Limit, limit_of_needs, needs_in_size, shelves
from pizzeria.stock.recipes import rewrite_recipe

UNPROCESSABLE = 422
FORM = ["GET", "HEAD", "POST"]
LATEST = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change as the pages show it."""

    change: RecipeChange
    differences: list[Difference]

    @property
    def is_told_otherwise(self) -> bool:
        """Whether the preparation changed too."""
        return bool(self.change.before["preparation"] != self.change.after["preparation"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a recipe that is being written would take of each size, and how many this store could make."""

    variant: Variant
    portions: list[tuple[Ingredient, int]]
    limit: Limit


@require_safe
@staff_page(Action.SEE_RECIPES)
def recipes(request: StaffRequest, place: Place) -> HttpResponse:
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    variants = Prefetch("variants", Variant.objects.select_related("size").prefetch_related(compositions))
    found = Product.objects.filter(kind=Product.Kind.PIZZA).prefetch_related(variants)
    context = {
        "place": place,
        "current": "recipes",
        "products": [(product, list(product.variants.all())) for product in found],
        "changes": _told(recipe_changes()[:LATEST]),
    }
    return render(request, "backoffice/recipes.html", context)


@require_safe
@staff_page(Action.SEE_RECIPES)
def recipe_sheet(request: StaffRequest, place: Place, product: int) -> HttpResponse:
    """The sheet of a pizza in one of its sizes, and how its recipe became what it is."""
    found = _product(product)
    variants = _variants(found)
    asked = request.GET.get("taille", "")
    shown = next((each for each in variants if each.size and each.size.code == asked), None) or _usual(variants)
    context = {
        "place": place,
        "current": "recipes",
        "product": found,
        "variants": variants,
        "shown": shown,
        "recipe": recipe_in_size(variant=shown) if shown else None,
        "changes": _told(recipe_changes(product=found)[:50]),
    }
    return render(request, "backoffice/recipe_sheet.html", context)


@require_http_methods(FORM)
@staff_page(Action.CHANGE_RECIPES)
def change_recipe(request: StaffRequest, place: Place, product: int) -> HttpResponse:
    """Write the recipe of the reference size; a look at what it becomes comes before it is kept."""
    found = _product(product)
    now = sheet_of(product=found)
    form = _form(request, found, now)
    theirs: list[tuple[str, object, object]] = []
    preview: list[Preview] = []
    if form.is_bound and form.is_valid():
        preview = _preview(place, found, form.recipe())
        if request.POST.get("do") == "keep":
            try:
                _keep(place, found, form)
            except RecipeChanged as error:
                now = sheet_of(product=found)
                theirs = _both(now, form)
                form = _again(request.POST.copy(), now)
                form.add_error(None, error.message)
            except BusinessError as error:
                form.add_error(None, error.message)
            else:
                messages.success(request, _("La recette a été modifiée"))
                return redirect("backoffice:recipe_sheet", place.store.slug, product)
    context = {
        "place": place,
        "current": "recipes",
        "product": found,
        "form": form,
        "theirs": theirs,
        "preview": preview,
        "differences": _written(now, form) if preview else [],
    }
    return render(request, "backoffice/change_recipe.html", context, status=UNPROCESSABLE if form.errors else 200)


def _keep(place: Place, product: Product, form: RecipeForm) -> None:
    rewrite_recipe(
        product=product,
        shown=form.cleaned_data["shown"],
        recipe=form.recipe(),
        preparation=_lines(form.cleaned_data["preparation"]),
        reason=form.cleaned_data["reason"],
        store=place.store,
        acting_user=place.user,
    )


def _lines(words: str) -> str:
    """As a browser sends them, the ends of lines would make another text of the same words."""
    return words.replace("\r\n", "\n").strip()


def _form(request: StaffRequest, product: Product, now: Sheet) -> RecipeForm:
    """As the recipe stands; with `depuis`, as it was before one of its changes."""
    ingredients = Ingredient.objects.order_by("name")
    if request.method == "POST":
        return RecipeForm(posted(request), ingredients=ingredients, rows=_rows_sent(request.POST))
    sheet, initial = now, {}
    change = request.GET.get("depuis", "")
    if change.isdecimal():
        earlier = recipe_changes(product=product).filter(pk=int(change[:18])).first()
        if earlier:
            sheet = sheet_as_kept(earlier.before)
            initial = {"reason": _("Retour à la recette d’avant le %(day)s") % {"day": f"{earlier.at:%d/%m/%Y}"}}
    rows = min(ROWS, len(sheet.portions) + EMPTY_ROWS)
    return RecipeForm(initial=_initial(sheet) | initial | {"shown": now.mark}, ingredients=ingredients, rows=rows)


def _rows_sent(sent: QueryDict) -> int:
    """As many lines as came, and some to write in."""
    written = [number for number in range(ROWS) if sent.get(f"ingredient-{number}")]
    return min(ROWS, max(written, default=0) + 1 + EMPTY_ROWS)


def _initial(sheet: Sheet) -> dict[str, Any]:
    values: dict[str, Any] = {"preparation": sheet.preparation}
    for number, each in enumerate(sheet.portions):
        values |= {f"ingredient-{number}": each.ingredient, f"quantity-{number}": each.quantity}
    return values


def _again(typed: QueryDict, now: Sheet) -> RecipeForm:
    """The same words in a form that has seen what stands now: sent once more, it is meant."""
    typed["shown"] = now.mark
    return RecipeForm(typed, ingredients=Ingredient.objects.order_by("name"), rows=_rows_sent(typed))


def _both(now: Sheet, form: RecipeForm) -> list[tuple[str, object, object]]:
    """What stands and what was typed, where they differ."""
    typed = sheet_from(recipe=form.recipe(), preparation=_lines(form.cleaned_data["preparation"]))
    found: list[tuple[str, object, object]] = [
        (each.name, each.before, each.after) for each in differences(before=now, after=typed)
    ]
    if now.preparation != typed.preparation:
        found.append((_("Préparation"), now.preparation, typed.preparation))
    return found


def _written(now: Sheet, form: RecipeForm) -> list[Difference]:
    return differences(before=now, after=sheet_from(recipe=form.recipe(), preparation=""))


def _preview(place: Place, product: Product, recipe: Sequence[tuple[Ingredient, int]]) -> list[Preview]:
    stock = shelves(store=place.store)
    named = {ingredient.pk: ingredient for ingredient, _quantity in recipe}
    found = []
    for variant in _variants(product):
        if variant.size:
            named[variant.size.dough_id] = variant.size.dough
        needs = needs_in_size(recipe=recipe, size=variant.size)
        portions = [(named[key], quantity) for key, quantity in needs.items()]
        found.append(
            Preview(variant=variant, portions=portions, limit=limit_of_needs(needs=needs, stock=stock, added={}))
        )
    return found


def _told(changes: Iterable[RecipeChange]) -> list[Told]:
    return [
        Told(
            change=change,
            differences=differences(before=sheet_as_kept(change.before), after=sheet_as_kept(change.after)),
        )
        for change in changes
    ]


def _product(pk: int) -> Product:
    product = Product.objects.filter(pk=pk).first()
    if product is None:
        raise Http404
    return product


def _variants(product: Product) -> list[Variant]:
    compositions = Prefetch("composition", Composition.objects.select_related("ingredient"))
    return list(product.variants.select_related("size__dough", "product").prefetch_related(compositions))


def _usual(variants: Sequence[Variant]) -> Variant | None:
    """The reference size, or the first."""
    return next((each for each in variants if each.size and each.size.factor == 1), next(iter(variants), None))
