"""Loading the demo group: once, all or nothing."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

from django.db import connection, transaction

from pizzeria.catalogue.models import Product
from pizzeria.operations.demo.catalogue import write_catalogue
from pizzeria.operations.demo.history import write_history
from pizzeria.operations.demo.places import write_places
from pizzeria.operations.demo.stores import STORES
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import PARIS

LOCK = 0x0C_912A
"""The advisory lock's number: two loadings at once would write the group twice."""

Progress = Callable[[int, int], None]
"""Told how many orders are written, of how many."""


class HouseTakenError(Exception):
    """The database holds a group that is not the demo's."""


@transaction.atomic
def load_demo(*, days: int, seed: str, now: datetime, tell: Progress) -> bool:
    """Write the demo group with `days` of past orders until `now`; False when it is there already.

    The same seed, day and number of days give the same orders. Raises HouseTakenError, having changed
    nothing, when the database already sells something else.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    if Store.objects.filter(slug__in=[row.slug for row in STORES]).exists():
        return False
    if Store.objects.exists() or Product.objects.exists():
        raise HouseTakenError
    first_day = now.astimezone(PARIS).date() - timedelta(days=days)
    menu = write_catalogue()
    places = write_places(menu=menu, opened_at=datetime.combine(first_day, time(0), tzinfo=PARIS))
    write_history(menu=menu, places=places, days=days, seed=seed, now=now, tell=tell)
    _forget_news()
    return True


def _forget_news() -> None:
    """Drop the live events that the past has just written: they are no news to anybody."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM live_liveevent WHERE xact = pg_current_xact_id()::text::bigint")
