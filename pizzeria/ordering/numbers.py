"""What an order is given before it is written: its primary key, its idempotency key's place, a number that is free."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

from pizzeria.catalogue.selectors import EDITION as CATALOGUE
from pizzeria.kept import edition_in
from pizzeria.promotions.selectors import EDITION as OFFERS
from pizzeria.stores.selectors import EDITION as STORES

P = ParamSpec("P")
T = TypeVar("T")

NUMBER_ATTEMPTS = 5
UNIQUE_NUMBER = "ordering_order_number_key"

NEXT_ORDER = "nextval(pg_get_serial_sequence('ordering_order', 'id'))"
CLAIM = f"""
INSERT INTO ordering_idempotencykey (key, request_digest, order_id, created_at)
VALUES (%s, %s, {NEXT_ORDER}, now())
ON CONFLICT (key) DO NOTHING
RETURNING order_id, {edition_in(CATALOGUE)}, {edition_in(OFFERS)}, {edition_in(STORES)}
"""  # nosec B608  # noqa: S608 - a question of ours
"""The key is written first, with the number of an order that does not exist yet: its foreign key is checked
at the transaction's end. A second request with the key waits here for what the first one does. The editions come
along: a question each would be a round trip."""


def under_a_free_number(place: Callable[P, T]) -> Callable[P, T]:
    """In a transaction, and all over again when the order's number was taken.

    Five letters can meet; the unique index decides.
    """

    @wraps(place)
    def placing(*args: P.args, **kwargs: P.kwargs) -> T:
        for _attempt in range(NUMBER_ATTEMPTS):
            try:
                with transaction.atomic():
                    return place(*args, **kwargs)
            except IntegrityError as error:
                refused = error.__cause__
                if not isinstance(refused, UniqueViolation) or refused.diag.constraint_name != UNIQUE_NUMBER:
                    raise
        raise RuntimeError(f"{NUMBER_ATTEMPTS} numbers in a row were taken: the numbers are running out")

    return placing


def next_order() -> int:
    """The primary key of an order that is to be written."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {NEXT_ORDER}")
        pk: int = cursor.fetchone()[0]
    return pk


def claim(*, key: str, digest: str) -> tuple[int, dict[str, UUID]] | None:
    """The primary key of the order that this key may make, and the editions of what is sold, by which offers, where; None when it has made one."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [key, digest])
        claimed: tuple[int, UUID, UUID, UUID] | None = cursor.fetchone()
    if claimed is None:
        return None
    pk, catalogue, offers, stores = claimed
    return pk, {CATALOGUE: catalogue, OFFERS: offers, STORES: stores}
