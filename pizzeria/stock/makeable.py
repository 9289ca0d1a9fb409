"""What can still be made and what keeps it from being more (UC 4.4): for the page, beside the counts that are stored."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pizzeria.catalogue.models import Ingredient, Size, Variant
from pizzeria.catalogue.services import scaled
from pizzeria.stock.lines import waiting_delivery
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import COUNT_CAP
from pizzeria.stores.models import Store

Stock = Mapping[int, StockItem]
"""A store's lines by ingredient."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How many, and the line that keeps it from being more; none where it is plenty."""

    count: int
    item: StockItem | None
    after: int
    """How many once what was proposed has been delivered."""


def shelves(*, store: Store) -> dict[int, StockItem]:
    lines = StockItem.objects.filter(store=store).select_related("ingredient", "off_sale_by")
    return {item.ingredient_id: item for item in lines}


def coming(*, store: Store, stock: Stock) -> dict[int, int]:
    """What a delivery will add, by ingredient."""
    ingredient_of = {item.pk: item.ingredient_id for item in stock.values()}
    return {
        ingredient_of[item]: proposal.quantity
        for item, proposal in waiting_delivery(store=store).items()
        if item in ingredient_of
    }


def limit_of(*, variant: Variant, stock: Stock, added: Mapping[int, int]) -> Limit:
    """`variant` is read with its composition."""
    needs = {row.ingredient_id: row.quantity for row in variant.composition.all()}
    return limit_of_needs(needs=needs, stock=stock, added=added)


def limit_of_needs(*, needs: Mapping[int, int], stock: Stock, added: Mapping[int, int]) -> Limit:
    """The same of quantities by ingredient: of a recipe that is being written, say."""
    counts = {ingredient: _sold(stock.get(ingredient)) // quantity for ingredient, quantity in needs.items()}
    after = [_there(stock.get(key), added.get(key, 0)) // quantity for key, quantity in needs.items()]
    scarcest = min(counts, key=lambda each: counts[each], default=None)
    if scarcest is None:
        return Limit(count=0, item=None, after=0)
    count = min(COUNT_CAP, counts[scarcest])
    return Limit(
        count=count,
        item=stock.get(scarcest) if count < COUNT_CAP else None,
        after=min(COUNT_CAP, *after),
    )


def needs_in_size(*, recipe: Iterable[tuple[Ingredient, int]], size: Size | None) -> dict[int, int]:
    """What a recipe of the reference size takes in another, its dough included."""
    needs: dict[int, int] = {size.dough_id: size.dough_grams} if size else {}
    for ingredient, quantity in recipe:
        grams = scaled(quantity=quantity, factor=size.factor) if size else quantity
        needs[ingredient.pk] = needs.get(ingredient.pk, 0) + grams
    return needs


def _sold(item: StockItem | None) -> int:
    return item.available if item and item.off_sale_since is None else 0


def _there(item: StockItem | None, added: int) -> int:
    """What is off sale comes back with a delivery, for what is said of it."""
    there = item.available if item and (item.off_sale_since is None or added) else 0
    return there + added
