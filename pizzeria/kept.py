"""Data that seldom changes, kept in the process until the database says that it did.

The saying is done by triggers (see the `edition` migrations): whatever writes a table, a service, a
console or plain SQL, gives it a new edition in the same transaction. An edition is a random UUID, not a
count, so that what a rolled back transaction saw is never taken for what a later one wrote.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Generic, TypeVar
from uuid import UUID

from django.db import connection

T = TypeVar("T")

NOTHING: Mapping[str, UUID] = MappingProxyType({})

_just_seen: ContextVar[Mapping[str, UUID]] = ContextVar("editions that were just seen", default=NOTHING)


def edition_in(table: str) -> str:
    """An expression for the edition in a table, for who asks for it along with something else: see `just_seen`."""
    return f'(SELECT value FROM "{table}")'  # nosec B608  # noqa: S608 - a name of ours


def editions(*tables: str) -> Mapping[str, UUID]:
    """The editions in these tables, by one question: for `just_seen`."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(map(edition_in, tables))}")  # nosec B608
        return dict(zip(tables, cursor.fetchone(), strict=True))


@contextmanager
def just_seen(editions: Mapping[str, UUID]) -> Iterator[None]:
    """Inside, `now` takes these editions, by their table, for those of now: a question each would be a round trip.

    For a few milliseconds: of one transaction, which has seen them by its last statement, or of a page that only reads.
    """
    before = _just_seen.set(editions)
    try:
        yield
    finally:
        _just_seen.reset(before)


class Kept(Generic[T]):
    """What `read` returns, read again when the edition in `table` has changed; nobody may change it."""

    def __init__(self, *, table: str, read: Callable[[], T]) -> None:
        self._table = table
        self._question = f'SELECT value FROM "{table}"'  # nosec B608  # noqa: S608 - a name of ours
        self._read = read
        self._known: tuple[UUID, T] | None = None

    def edition(self) -> UUID:
        """The edition of the data as the current transaction sees it: one small query."""
        with connection.cursor() as cursor:
            cursor.execute(self._question)
            edition: UUID = cursor.fetchone()[0]
        return edition

    def lately(self) -> T:
        """The data as this process saw it last, without asking: for who asks again before anything comes of it."""
        known = self._known
        return known[1] if known else self.now()

    def now(self) -> T:
        """The data as the current transaction sees it."""
        return self._of(_just_seen.get().get(self._table) or self.edition())

    def _of(self, edition: UUID) -> T:
        """The data of the edition that the current transaction has just seen, or of a later one."""
        known = self._known
        if known and known[0] != edition:
            # What was seen may be older than what another thread has read since.
            edition = self.edition()
        while known is None or known[0] != edition:
            data = self._read()
            # Somebody may have written between the several queries of one reading: then read again.
            edition, before = self.edition(), edition
            if edition == before:
                self._known = known = (edition, data)
        return known[1]
