"""Changing what is made of what: recipes (UC 6.3, D1) and ingredients. They are the group's (decision 26)."""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.errors import IngredientChanged, InvalidIngredient, InvalidRecipe, RecipeChanged
from pizzeria.catalogue.ingredients import IngredientDetails, details_of
from pizzeria.catalogue.models import Composition, Ingredient, Product, RecipeChange
from pizzeria.catalogue.recipes import sheet_from, sheet_of
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stock.services import change_recipe
from pizzeria.stores.models import Store
from pizzeria.words import one_line, says_something

MOST_INGREDIENTS = 20
MOST_OF_ONE = 10_000
"""In the ingredient's unit, for one pizza of the reference size: beyond is a typing error."""
PREPARATION_LENGTH = 4_000
REASON_LENGTH = 200


@transaction.atomic
def rewrite_recipe(
    *,
    product: Product,
    shown: str,
    recipe: Sequence[tuple[Ingredient, int]],
    preparation: str,
    reason: str,
    store: Store,
    acting_user: User,
) -> RecipeChange:
    """Change a recipe in every store, and keep what it was; `shown` is the mark of the one that was read.

    `recipe` holds quantities of the reference size. Orders that are placed keep what they took. Raises InvalidRecipe, and
    RecipeChanged when it is another one by now.
    """
    reason = one_line(reason)[:REASON_LENGTH]
    if not says_something(reason):
        raise InvalidRecipe(_("Dites pourquoi la recette change."))
    _check(recipe, preparation)
    # Two who write one recipe take turns, and the second reads what the first has left.
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    before = sheet_of(product=product)
    if before.mark != shown:
        raise RecipeChanged(_("Quelqu’un d’autre a modifié cette recette pendant ce temps."))
    after = sheet_from(recipe=recipe, preparation=preparation)
    if after == before:
        raise InvalidRecipe(_("Rien n’a changé dans cette recette."))
    if after.preparation != before.preparation:
        product.preparation = preparation
        product.save(update_fields=["preparation"])
    change_recipe(product=product, recipe=recipe)
    return RecipeChange.objects.create(
        product=product,
        at=timezone.now(),
        acting_user=acting_user,
        store=store,
        reason=reason,
        before=before.as_kept(),
        after=after.as_kept(),
    )


@transaction.atomic
def add_ingredient(*, wanted: IngredientDetails) -> Ingredient:
    """A new ingredient, of which every store has nothing yet. Raises InvalidIngredient for a name that is taken."""
    slug = slugify(wanted.name)[:60]
    if not slug:
        raise InvalidIngredient(_("Donnez un nom à cet ingrédient."), field="name")
    _require_free(slug, wanted.name)
    ingredient = Ingredient.objects.create(slug=slug, **wanted.columns())
    StockItem.objects.bulk_create(
        StockItem(store=store, ingredient=ingredient) for store in Store.objects.order_by("pk")
    )
    return ingredient


@transaction.atomic
def change_ingredient(*, ingredient: Ingredient, shown: str, wanted: IngredientDetails) -> Ingredient:
    """Change an ingredient for the whole group; `shown` is the mark of what was read.

    Raises IngredientChanged, and InvalidIngredient: what is counted already keeps its unit.
    """
    ingredient = Ingredient.objects.select_for_update(no_key=True).get(pk=ingredient.pk)
    now = details_of(ingredient=ingredient)
    if now.mark != shown:
        raise IngredientChanged(_("Quelqu’un d’autre a modifié cet ingrédient pendant ce temps."))
    if wanted.unit != now.unit and _is_counted(ingredient):
        raise InvalidIngredient(
            _("Le stock et les recettes comptent déjà en « %(unit)s » : l’unité reste.")
            % {"unit": ingredient.get_unit_display()},
            field="unit",
        )
    if wanted.name != now.name:
        _require_free("", wanted.name, besides=ingredient)
    columns = wanted.columns()
    for name, value in columns.items():
        setattr(ingredient, name, value)
    ingredient.save(update_fields=list(columns))
    return ingredient


def _check(recipe: Sequence[tuple[Ingredient, int]], preparation: str) -> None:
    if not recipe or len(recipe) > MOST_INGREDIENTS:
        raise InvalidRecipe(_("Une recette compte de 1 à %(most)s ingrédients.") % {"most": MOST_INGREDIENTS})
    if any(not 1 <= quantity <= MOST_OF_ONE for _ingredient, quantity in recipe):
        raise InvalidRecipe(_("Une quantité va de 1 à %(most)s.") % {"most": MOST_OF_ONE})
    if len(preparation) > PREPARATION_LENGTH:
        raise InvalidRecipe(_("La préparation compte au plus %(most)s caractères.") % {"most": PREPARATION_LENGTH})


def _require_free(slug: str, name: str, *, besides: Ingredient | None = None) -> None:
    others = Ingredient.objects.exclude(pk=besides.pk) if besides else Ingredient.objects.all()
    if others.filter(name__iexact=name).exists() or (slug and others.filter(slug=slug).exists()):
        raise InvalidIngredient(_("Un ingrédient porte déjà ce nom."), field="name")


def _is_counted(ingredient: Ingredient) -> bool:
    return (
        Composition.objects.filter(ingredient=ingredient).exists()
        or Movement.objects.filter(item__ingredient=ingredient).exists()
    )
