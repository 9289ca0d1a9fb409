"""Loading the demo group: once, and to its end even if a first attempt was stopped half way."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

from django.db import connection, transaction

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Product
from pizzeria.operations.demo.catalogue import read_menu, write_catalogue
from pizzeria.operations.demo.history import forget_news, write_past, write_present
from pizzeria.operations.demo.people import GROUP
from pizzeria.operations.demo.places import read_places, write_places, write_staff
from pizzeria.operations.demo.stores import STORES
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store

LOCK = 0x0C_912A
"""The advisory lock's number: two loadings at once would write the group twice."""

Progress = Callable[[int, int], None]
"""Told how many orders are written, of how many."""


class HouseTakenError(Exception):
    """The database holds a group that is not the demo's."""


def load_demo(*, days: int, seed: str, now: datetime, tell: Progress) -> bool:
    """Write the demo group with `days` of past orders until `now`; False when it is there already.

    The same seed and number of days give the same orders, counted back from the day of loading. A
    loading that was stopped is taken up where it stopped. Raises HouseTakenError, having changed
    nothing, when the database already sells something else.
    """
    with _alone():
        if _is_complete():
            return False
        if not _is_begun():
            _begin(first_day=now.astimezone(PARIS) - timedelta(days=days))
        menu, places = read_menu(), read_places()
        write_past(menu=menu, places=places, days=days, seed=seed, now=now, tell=tell)
        with transaction.atomic():
            write_present(menu=menu, places=places, seed=seed, now=now)
            # Last: their accounts say that everything before them is there.
            write_staff(people=list(GROUP))
    return True


@contextmanager
def _alone() -> Iterator[None]:
    """Hold the loading's lock, which outlives the transactions inside."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def _is_complete() -> bool:
    return User.objects.filter(identifier__in=[person.identifier for person in GROUP]).exists()


def _is_begun() -> bool:
    """All its stores are there: they are written together."""
    return Store.objects.filter(slug__in=[row.slug for row in STORES]).count() == len(STORES)


def _begin(*, first_day: datetime) -> None:
    if Store.objects.exists() or Product.objects.exists():
        raise HouseTakenError
    with transaction.atomic():
        write_catalogue()
        write_places(opened_at=datetime.combine(first_day, time(0), tzinfo=PARIS))
        forget_news()
    with connection.cursor() as cursor:
        # The planner knows nothing yet of tables that were empty a second ago.
        cursor.execute("ANALYZE")
