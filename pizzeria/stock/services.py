"""Giving back to the stock, raising and lowering, and what can still be made. `taking` is what an order takes.

Lock order, the same for everybody: stock rows by primary key first, the store's row last.
`at` is when a movement happened: now, unless history is being written.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Composition, Ingredient, Product
from pizzeria.catalogue.services import set_recipe
from pizzeria.live.services import menu_topic, record, store_topic
from pizzeria.stock.errors import InvalidQuantity
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stores.models import Store

LAST_ONES = 5
"""From this count down the menu says how many are left."""

COUNT_CAP = 99
"""Makeable counts stop here: a plentiful pizza then writes nothing when one is sold."""

MOST_IN_STOCK = 1_000_000_000
"""A thousand tonnes: beyond is a typing error."""

MOST_AT_ONCE = 1_000_000

REFRESH = """
WITH fresh AS (
    SELECT composition.variant_id,
           least(%(cap)s, min(
               CASE WHEN item.off_sale_since IS NULL THEN coalesce(item.available, 0) ELSE 0 END / composition.quantity
           )) AS count
    FROM catalogue_composition AS composition
    LEFT JOIN stock_stockitem AS item
        ON item.ingredient_id = composition.ingredient_id AND item.store_id = %(store)s
    WHERE composition.variant_id IN (
        SELECT variant_id FROM catalogue_composition WHERE ingredient_id = ANY(%(ingredients)s)
    )
    GROUP BY composition.variant_id
), before AS (
    SELECT variant_id, count FROM stock_makeable WHERE store_id = %(store)s
), written AS (
    INSERT INTO stock_makeable (store_id, variant_id, count)
    SELECT %(store)s, variant_id, count FROM fresh
    ON CONFLICT (store_id, variant_id) DO UPDATE SET count = excluded.count
        WHERE stock_makeable.count <> excluded.count
    RETURNING variant_id, count
)
SELECT written.variant_id, before.count, written.count
FROM written LEFT JOIN before USING (variant_id)
"""

BUMP = """
WITH chosen AS (SELECT id FROM stores_store WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE)
UPDATE stores_store SET menu_version = menu_version + 1 FROM chosen WHERE stores_store.id = chosen.id
"""


def give_back(*, store: Store, reference: str, acting_user: User | None, at: datetime | None = None) -> None:
    """Return what the order of this reference still holds, inside the caller's transaction.

    A second call finds nothing to return.
    """
    moved = Movement.objects.filter(item__store=store, reference=reference).order_by()
    items = list(StockItem.objects.select_for_update().filter(pk__in=moved.values("item_id")).order_by("pk"))
    # Added up under the lock: whoever gives back at the same time has finished by then.
    sums = dict(moved.values_list("item_id").annotate(Sum("change")))
    items = [item for item in items if sums[item.pk] < 0]
    for item in items:
        item.available -= sums[item.pk]
    StockItem.objects.bulk_update(items, ["available"])
    Movement.objects.bulk_create(
        Movement(
            item=item,
            change=-sums[item.pk],
            reason=Movement.Reason.RETURN,
            reference=reference,
            acting_user=acting_user,
            created_at=at or timezone.now(),
        )
        for item in items
    )
    refresh_makeable(store=store, ingredient_ids=[item.ingredient_id for item in items])


@transaction.atomic
def raise_quantity(*, item_id: int, quantity: int, acting_user: User | None, at: datetime | None = None) -> StockItem:
    """Add `quantity` (in the ingredient's unit) to a stock line (UC 6.2). Raises InvalidQuantity."""
    reason = Movement.Reason.RAISE
    return _change(item_id=item_id, change=checked(quantity), reason=reason, acting_user=acting_user, at=at)


@transaction.atomic
def lower_quantity(*, item_id: int, quantity: int, acting_user: User | None, at: datetime | None = None) -> StockItem:
    """Take `quantity` off a stock line (UC 6.2). Raises InvalidQuantity, also for more than there is."""
    reason = Movement.Reason.LOWER
    return _change(item_id=item_id, change=-checked(quantity), reason=reason, acting_user=acting_user, at=at)


@transaction.atomic
def open_stock(*, store: Store, quantities: Mapping[int, int], at: datetime | None = None) -> None:
    """Give a store its first stock: quantities by ingredient id."""
    items = StockItem.objects.bulk_create(
        StockItem(store=store, ingredient_id=ingredient, available=quantity)
        for ingredient, quantity in quantities.items()
    )
    Movement.objects.bulk_create(
        Movement(item=item, change=item.available, reason=Movement.Reason.INITIAL, created_at=at or timezone.now())
        for item in items
        if item.available
    )
    refresh_makeable(store=store, ingredient_ids=quantities.keys())


def refresh_makeable(*, store: Store, ingredient_ids: Collection[int]) -> None:
    """Recompute what these ingredients allow; tell the menu's watchers what they would see change.

    The store's row is locked first: the next statement then sees every change that was committed
    under that lock, so that two orders which share a pizza but no ingredient cannot leave a count
    computed from a stock that neither of them ended with.
    """
    Store.objects.select_for_update(no_key=True).only("pk").get(pk=store.pk)
    with connection.cursor() as cursor:
        cursor.execute(REFRESH, {"cap": COUNT_CAP, "store": store.pk, "ingredients": list(ingredient_ids)})
        changed = {variant: after for variant, before, after in cursor.fetchall() if _shown(before) != _shown(after)}
    if changed:
        bump_menu(store_ids=[store.pk])
        record(topic=menu_topic(store.pk), kind="makeable", payload={"counts": changed})


def move_locked(
    *,
    item: StockItem,
    change: int,
    reason: Movement.Reason,
    acting_user: User | None,
    cause: str = "",
    at: datetime | None = None,
) -> None:
    """Change a quantity that the caller has locked, and write down why; `tell_changed` comes after the last of them.

    Raises InvalidQuantity for less than nothing and for more than anybody has.
    """
    if item.available + change < 0:
        raise InvalidQuantity(
            _("Le stock ne peut pas devenir négatif : il en reste %(left)s.") % {"left": item.available}
        )
    if item.available + change > MOST_IN_STOCK:
        raise InvalidQuantity(_("Aucun point de vente n’a autant de stock. Vérifiez la quantité."))
    item.available += change
    item.version += 1
    item.save(update_fields=["available", "version"])
    Movement.objects.create(
        item=item, change=change, reason=reason, cause=cause, acting_user=acting_user, created_at=at or timezone.now()
    )


def tell_changed(*, store: Store, ingredient_ids: Collection[int]) -> None:
    """Recompute what these ingredients allow, and tell the team's pages.

    They show exact counts, of which the menu's watchers hear nothing while they are plenty.
    """
    refresh_makeable(store=store, ingredient_ids=ingredient_ids)
    record(topic=store_topic(store.pk), kind="makeable", payload={})


def checked(quantity: int) -> int:
    """A quantity that is added or taken off. Raises InvalidQuantity."""
    if not 1 <= quantity <= MOST_AT_ONCE:
        raise InvalidQuantity(_("Indiquez une quantité entre 1 et 1 000 000."))
    return quantity


def bump_menu(*, store_ids: Collection[int]) -> None:
    """Make every cached menu of these stores stale."""
    with connection.cursor() as cursor:
        cursor.execute(BUMP, [list(store_ids)])


@transaction.atomic
def change_recipe(*, product: Product, recipe: Sequence[tuple[Ingredient, int]]) -> None:
    """Write a product's recipe (see `set_recipe`) and recompute at every store what can be made of it.

    Raises InvalidRecipe.
    """
    set_recipe(product=product, recipe=recipe)
    used = Composition.objects.filter(variant__product=product)
    ingredients = list(used.order_by().values_list("ingredient_id", flat=True).distinct())
    # Orders that are taking these ingredients finish first; those that come after see the new recipe.
    list(StockItem.objects.select_for_update().filter(ingredient__in=ingredients).order_by("pk").values_list("pk"))
    # By primary key, as everybody who locks several stores does.
    for store in Store.objects.order_by("pk"):
        tell_changed(store=store, ingredient_ids=ingredients)


def _shown(count: int | None) -> int:
    """What the menu says of a count: exact when few, the same for all that are plenty."""
    return min(count if count is not None else 0, LAST_ONES + 1)


def _change(
    *, item_id: int, change: int, reason: Movement.Reason, acting_user: User | None, at: datetime | None
) -> StockItem:
    item = StockItem.objects.select_for_update(of=["self"]).select_related("store").get(pk=item_id)
    move_locked(item=item, change=change, reason=reason, acting_user=acting_user, at=at)
    tell_changed(store=item.store, ingredient_ids=[item.ingredient_id])
    return item
