"""The group itself, without people or orders: cities, points of sale, catalogue, opening stock. Loaded once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from pizzeria.catalogue.models import Product
from pizzeria.operations.demo.catalogue import write_catalogue
from pizzeria.operations.demo.places import write_places
from pizzeria.operations.demo.stores import STORES
from pizzeria.stores.models import Store

LOCK = 0x0C_912A
"""The advisory lock's number: two loadings at once would write the group twice."""


class HouseTakenError(Exception):
    """The database holds a group that is not this one."""


def load_group(*, opened_at: datetime) -> bool:
    """Write the group with full shelves since `opened_at`; False when it is there already.

    Raises HouseTakenError, having changed nothing, when the database already sells something else.
    """
    with alone():
        with transaction.atomic():
            written = write_group(opened_at=opened_at)
        if written:
            analyze()
    return written


def write_group(*, opened_at: datetime) -> bool:
    """The same inside the caller's transaction and lock."""
    # All its stores are there: they are written together.
    if Store.objects.filter(slug__in=[row.slug for row in STORES]).count() == len(STORES):
        return False
    if Store.objects.exists() or Product.objects.exists():
        raise HouseTakenError
    write_catalogue()
    write_places(opened_at=opened_at)
    return True


@contextmanager
def alone() -> Iterator[None]:
    """Hold the loading's lock, which outlives the transactions inside, on a connection of its own.

    A Ctrl-C cancels what is being asked on the other, or what is asked next on it: letting go must not be that.
    """
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield
    finally:
        own.close()


def analyze() -> None:
    """The planner knows nothing yet of tables that were empty a second ago."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
