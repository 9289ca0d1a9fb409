"""What an order takes from the stock, in the statement that writes it. For the order of locks, see `services`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.catalogue.selectors import EDITION, offer
from pizzeria.kept import just_seen
from pizzeria.rows import Along, array_of
from pizzeria.stock.errors import OutOfStock
from pizzeria.stock.services import COUNT_CAP, refresh_makeable
from pizzeria.stores.models import Store

LOCKED = """
SELECT item.id, (%(quantities)s::bigint[])[array_position(%(ingredients)s::bigint[], item.ingredient_id)] AS quantity
FROM stock_stockitem AS item
WHERE item.store_id = %(store)s AND item.ingredient_id = ANY(%(ingredients)s::bigint[])
ORDER BY item.id
FOR UPDATE OF item
"""
"""Not a join: PostgreSQL would read all that the store has, and hash it, for the ten rows of an order."""
TAKEN = """
UPDATE stock_stockitem AS item
SET available = item.available - locked.quantity
FROM locked
WHERE item.id = locked.id AND item.available >= locked.quantity AND item.off_sale_since IS NULL
RETURNING item.id, item.ingredient_id, item.available, locked.quantity
"""
MOVED = """
INSERT INTO stock_movement (item_id, change, reason, cause, reference, acting_user_id, created_at)
SELECT id, -quantity, 'order', '', %(reference)s, %(user)s, %(at)s FROM taken
"""
LEFT = "SELECT array_agg(ingredient_id), array_agg(available), catalogue_edition_now() FROM taken"
"""The edition is asked for when every row is locked, beyond the statement's own snapshot: see `_scarce`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taking:
    """An order's ingredients, to be taken all or none; of what is off sale, there is none.

    `needs` maps ingredient ids to quantities in the ingredient's unit.
    """

    store: Store
    needs: Mapping[int, int]
    reference: str
    acting_user: User | None
    at: datetime

    @property
    def along(self) -> Along:
        """What takes them: for `insert_all`, inside the caller's transaction. Its answer is for `settle`."""
        values = {
            "ingredients": array_of(self.needs.keys()),
            "quantities": array_of(self.needs.values()),
            "store": self.store.pk,
            "reference": self.reference,
            "user": self.acting_user.pk if self.acting_user else None,
            "at": self.at,
        }
        return Along((("locked", LOCKED), ("taken", TAKEN), ("moved", MOVED)), values, LEFT)

    def settle(self, answer: Sequence[tuple[Any, ...]]) -> None:
        """Tell whom it concerns what is left. Raises OutOfStock: the caller's transaction must then roll back, for
        what was enough has been taken by then.
        """
        ((ingredients, available, edition),) = answer
        left = dict(zip(ingredients or (), available or (), strict=True))
        missing = set(self.needs) - set(left)
        if missing:
            raise OutOfStock(_("Il n’y a plus assez d’ingrédients pour cette commande."), ingredients=sorted(missing))
        scarce = _scarce(left, edition)
        if scarce:
            refresh_makeable(store=self.store, ingredient_ids=scarce)


def _scarce(left: Mapping[int, int], edition: UUID) -> list[int]:
    """The ingredients, among those just taken, of which what is left may limit a count.

    Of the others every recipe can be made COUNT_CAP times, as before: no count changes, and the store's
    row need not be locked. `edition` is the catalogue's after the stock rows were locked: `change_recipe` locks them too, so that
    no recipe changes between this look and the order's end. One that changed since the order was priced is seen here.
    """
    with just_seen({EDITION: edition}):
        largest = offer().largest
    return [ingredient for ingredient, available in left.items() if available < COUNT_CAP * largest.get(ingredient, 0)]
