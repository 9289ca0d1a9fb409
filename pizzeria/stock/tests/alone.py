"""An order's ingredients taken by themselves, without the order that they go along with."""

from collections.abc import Mapping

from django.utils import timezone

from pizzeria.rows import insert_all
from pizzeria.stock.taking import Taking
from pizzeria.stores.models import Store


def take(*, store: Store, needs: Mapping[int, int], reference: str = "order") -> None:
    """Take grams or pieces by the ingredients' ids. Raises OutOfStock."""
    taking = Taking(store=store, needs=needs, reference=reference, acting_user=None, at=timezone.now())
    taking.settle(insert_all(along=[taking.along]))
