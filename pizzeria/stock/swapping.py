"""What an order takes from the stock when it is changed: what it needs no more returns, what it needs more is taken."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db.models import Q, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stock.services import refresh_makeable
from pizzeria.stores.models import Store


def hold_instead(
    *, store: Store, needs: Mapping[int, int], reference: str, acting_user: User | None, at: datetime | None = None
) -> None:
    """Let the order of this reference hold what it needs now, in place of what it holds; in the caller's transaction.

    `needs` maps ingredient ids to quantities in the ingredient's unit. Of each ingredient the difference alone moves, so
    that nobody else gets in between what is kept. Raises OutOfStock, and the caller's transaction must then roll back.
    """
    moved = Movement.objects.filter(item__store=store, reference=reference).order_by()
    concerned = Q(pk__in=moved.values("item_id")) | Q(store=store, ingredient__in=needs)
    items = list(StockItem.objects.select_for_update().filter(concerned).order_by("pk"))
    # Added up under the lock: whoever cancels or changes the same order has finished by then.
    holds = dict(moved.values_list("item_id").annotate(Sum("change")))
    changes = {item: -holds.get(item.pk, 0) - needs.get(item.ingredient_id, 0) for item in items}
    missing = set(needs) - {item.ingredient_id for item in items}
    missing |= {item.ingredient_id for item, change in changes.items() if change < 0 and _is_short(item, -change)}
    if missing:
        raise OutOfStock(_("Il n’y a plus assez d’ingrédients pour cette commande."), ingredients=sorted(missing))
    _move({item: change for item, change in changes.items() if change}, reference, acting_user, at)
    refresh_makeable(store=store, ingredient_ids=[item.ingredient_id for item, change in changes.items() if change])


def _is_short(item: StockItem, more: int) -> bool:
    """Whether there is not so much more of it: of what is off sale there is none, but what the order holds it keeps."""
    return item.off_sale_since is not None or item.available < more


def held_by(*, reference: str) -> dict[int, int]:
    """What the order of this reference holds, by ingredient id."""
    moved = Movement.objects.filter(reference=reference).order_by()
    sums: Sequence[tuple[int, int]] = moved.values_list("item__ingredient_id").annotate(Sum("change"))  # type: ignore[assignment]
    return {ingredient: -change for ingredient, change in sums if change}


def _move(changes: Mapping[StockItem, int], reference: str, acting_user: User | None, at: datetime | None) -> None:
    for item, change in changes.items():
        item.available += change
    StockItem.objects.bulk_update(changes, ["available"])
    reasons = Movement.Reason
    Movement.objects.bulk_create(
        Movement(
            item=item,
            change=change,
            reason=reasons.RETURN if change > 0 else reasons.ORDER,
            reference=reference,
            acting_user=acting_user,
            created_at=at or timezone.now(),
        )
        for item, change in changes.items()
    )
