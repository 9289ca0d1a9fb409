"""What is in stock and what can still be made of it."""

from collections.abc import Mapping

from django.db import connection
from django.db.models import QuerySet

from pizzeria.languages import in_alphabet, localized
from pizzeria.stock.models import Makeable, Movement, StockItem
from pizzeria.stores.models import Store


def makeable_counts(*, store: Store) -> dict[int, int]:
    """How many of each variant the store can still make (UC 4.4); see `services.COUNT_CAP`."""
    return dict(Makeable.objects.filter(store=store).values_list("variant_id", "count"))


def stock_of(*, store: Store) -> QuerySet[StockItem]:
    return StockItem.objects.filter(store=store).select_related("ingredient")


def stock_in_order(*, store: Store) -> list[StockItem]:
    """Every line of the store, by its name in the reader's language."""
    return sorted(stock_of(store=store), key=lambda item: in_alphabet(localized(item.ingredient, "name")))


def off_sale_items(*, store: Store) -> QuerySet[StockItem]:
    """What is off sale, whatever its quantity says: the longest first."""
    return stock_of(store=store).exclude(off_sale_since=None).select_related("off_sale_by").order_by("off_sale_since")


def short_ingredients(*, store: Store, needs: Mapping[int, int]) -> set[int]:
    """The ingredients, among those needed (ids to quantities), of which the store has too little or sells nothing."""
    items = StockItem.objects.filter(store=store, ingredient_id__in=list(needs), off_sale_since=None)
    available = dict(items.values_list("ingredient_id", "available"))
    return {ingredient for ingredient, quantity in needs.items() if available.get(ingredient, 0) < quantity}


def movements_of_order(*, reference: str, store_id: int) -> QuerySet[Movement]:
    """What an order took from a store's stock and gave back, oldest first."""
    moved = Movement.objects.filter(reference=reference, item__store_id=store_id)
    return moved.select_related("item__ingredient", "acting_user").order_by("created_at", "reason", "id")


def menu_state(*, slug: str) -> str | None:
    """What a store's menu shows, as one word that changes whenever any of it does; None for no active store.

    Its own version (counts), the catalogue's edition and the stores'. Asked with every page of every
    menu, and therefore one query in plain SQL: most of what such a page costs.
    """
    with connection.cursor() as cursor:
        cursor.execute(MENU_STATE, [slug])
        row = cursor.fetchone()
    return row[0] if row else None


MENU_STATE = """
SELECT store.menu_version || '-' || left(catalogue.value::text, 8) || '-' || left(stores.value::text, 8)
FROM stores_store AS store, catalogue_edition AS catalogue, stores_edition AS stores
WHERE store.slug = %s AND store.is_active
"""
