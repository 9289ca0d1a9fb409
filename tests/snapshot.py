"""What a builder wrote, written again in one round trip.

Nearly every test begins with the same hundred rows. Building them through the services takes a hundred
statements; the first test of a process does that, the others get the same rows from here.
"""

import copy
from collections.abc import Callable
from typing import Generic, TypeVar
from uuid import UUID

from django.apps import apps
from django.db import connection

from pizzeria.kept import editions

T = TypeVar("T")

OURS = ("pizzeria.", "allauth.account.")
NOT_KEPT = frozenset({"live_liveevent"})
"""News of a transaction that is long over: nobody listens to it any more."""
EDITIONS = ("catalogue_edition", "promotions_edition", "stores_edition")
"""What `pizzeria.kept` asks: equal rows under an equal edition are in memory already."""


class Snapshot(Generic[T]):
    """The rows that `build` adds to an otherwise equal database, and the objects that it returned."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build = build
        self._rows: dict[str, str] = {}
        self._editions: dict[str, UUID] = {}
        self._built: T | None = None

    def take(self) -> T:
        """Objects of their own for each test: what one test sets on them, the next does not see."""
        if self._built is None:
            self._built = self._remember()
        else:
            self._write()
        return copy.deepcopy(self._built)

    @property
    def built(self) -> T:
        """What the first test of this process got; `take` comes first."""
        if self._built is None:
            raise RuntimeError("nothing was built yet")
        return self._built

    def _remember(self) -> T:
        before = {table: _last_id(table) for table in _tables()}
        before_it = editions(*EDITIONS)
        built = self._build()
        # Of its own doing alone: what was changed before it, by a test, is another thing in each test.
        self._editions = {table: value for table, value in editions(*EDITIONS).items() if value != before_it[table]}
        for table, last in before.items():
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT jsonb_agg(kept)::text FROM "{table}" AS kept WHERE id > %s', [last])  # noqa: S608
                rows = cursor.fetchone()[0]
            if rows:
                self._rows[table] = rows
        return built

    def _write(self) -> None:
        # One statement for all: foreign keys are checked at its end, so the order of the tables does not matter.
        inserts = [
            f'INSERT INTO "{table}" SELECT * FROM jsonb_populate_recordset(NULL::"{table}", %s::jsonb)'  # noqa: S608
            for table in self._rows
        ]
        *first, last = inserts
        named = ", ".join(f"written_{number} AS ({insert})" for number, insert in enumerate(first))
        with connection.cursor() as cursor:
            cursor.execute(f"WITH {named} {last}" if first else last, list(self._rows.values()))
            for table, value in self._editions.items():
                cursor.execute(f'UPDATE "{table}" SET value = %s', [value])  # noqa: S608


def _tables() -> list[str]:
    models = [model for model in apps.get_models() if model.__module__.startswith(OURS)]
    return [model._meta.db_table for model in models if model._meta.db_table not in NOT_KEPT]


def _last_id(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"')  # noqa: S608 - a name of ours
        return int(cursor.fetchone()[0])
