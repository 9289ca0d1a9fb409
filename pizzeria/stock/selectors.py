"""What is in stock and what can still be made of it."""

from collections.abc import Mapping

from django.db.models import QuerySet

from pizzeria.stock.models import Makeable, StockItem
from pizzeria.stores.models import Store


def makeable_counts(*, store: Store) -> dict[int, int]:
    """How many of each variant the store can still make (UC 4.4); see `services.COUNT_CAP`."""
    return dict(Makeable.objects.filter(store=store).values_list("variant_id", "count"))


def stock_of(*, store: Store) -> QuerySet[StockItem]:
    return StockItem.objects.filter(store=store).select_related("ingredient")


def short_ingredients(*, store: Store, needs: Mapping[int, int]) -> set[int]:
    """The ingredients, among those needed (ids to quantities), of which the store has too little."""
    items = StockItem.objects.filter(store=store, ingredient_id__in=list(needs))
    available = dict(items.values_list("ingredient_id", "available"))
    return {ingredient for ingredient, quantity in needs.items() if available.get(ingredient, 0) < quantity}
