"""`python -m benchmarks.change_stock STORE TIMES`: an ingredient runs out and comes back; says when each change was committed.

A process of its own, with the site's settings: what is measured is seen from outside.
"""

import random
import sys
import time

import django

django.setup()

from django.db import transaction  # noqa: E402 - needs the settings

from pizzeria.catalogue.models import Composition  # noqa: E402
from pizzeria.stock.models import StockItem  # noqa: E402
from pizzeria.stock.selectors import menu_state  # noqa: E402
from pizzeria.stock.services import lower_quantity, raise_quantity, refresh_makeable  # noqa: E402

QUANTITY = 100_000
"""Of one ingredient: enough of it for every pizza, so that its going and its coming both change the menu."""


def main(store: str, times: int) -> None:
    used = Composition.objects.values("ingredient")
    item = StockItem.objects.select_related("store").filter(store__slug=store, ingredient__in=used).order_by("pk")[0]
    before = item.available
    _set(item, QUANTITY)
    for number in range(times):
        # Not in step with the clock's half seconds.
        time.sleep(random.uniform(1.2, 2.2))
        change = raise_quantity if number % 2 else lower_quantity
        change(item_id=item.pk, quantity=QUANTITY, acting_user=None)
        print(time.time(), menu_state(slug=store), flush=True)
    _set(item, before)


@transaction.atomic
def _set(item: StockItem, quantity: int) -> None:
    """Without a movement: the benchmark's own doing, and undone by it."""
    item.available = quantity
    item.save(update_fields=["available"])
    refresh_makeable(store=item.store, ingredient_ids=[item.ingredient_id])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
