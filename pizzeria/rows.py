"""Rows inserted by one statement a table, compiled once.

The ORM compiles every INSERT anew and wraps each in a savepoint of its own; an order writes into six
tables, and is what everybody waits for at noon. For anything that is not an order, use the ORM.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import connection
from django.db.models import JSONField, Model
from django.db.models.fields import NOT_PROVIDED
from psycopg.types.json import Jsonb


def insert(*rows: Model, unless_taken: str = "") -> bool:
    """Insert rows of one model in one statement and give them their keys, unless they have them already.

    Values go as they stand on the rows: what a field would fill in by itself when saved (`auto_now_add`)
    is the caller's to fill in, columns with a `db_default` are the database's, and an amount with too many
    decimals is rounded by the database. With `unless_taken`, a unique column, a row whose value there is somebody
    else's is not inserted: False says so.
    """
    model = type(rows[0])
    statement, values_of = _compiled(model, len(rows), unless_taken, rows[0].pk is not None)
    parameters = [value for row in rows for value in values_of(row)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        keys = cursor.fetchall()
    for row, (key,) in zip(rows, keys, strict=False):
        row.pk = key
        row._state.adding = False  # noqa: SLF001 - what Model.save does
        row._state.db = connection.alias  # noqa: SLF001
    return len(keys) == len(rows)


def insert_all(*rows: Model) -> None:
    """Insert rows of several models in one statement; rows of one model follow one another.

    They are not given their keys. Foreign keys between them hold: PostgreSQL checks them at the end.
    """
    groups = [(model, list(found)) for model, found in groupby(rows, type)]
    statement, readers = _compiled_together(tuple((model, len(found)) for model, found in groups))
    parameters = [
        value
        for (_model, found), values_of in zip(groups, readers, strict=True)
        for row in found
        for value in values_of(row)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


@lru_cache(maxsize=256)
def _compiled_together(
    groups: tuple[tuple[type[Model], int], ...],
) -> tuple[str, list[Callable[[Model], Sequence[Any]]]]:
    """The statement for so many rows of each model, the last one's with the others before it."""
    compiled = [_compiled(model, count, "", keyed=False) for model, count in groups]
    *first, last = [statement for statement, _reader in compiled]
    named = ", ".join(f"written_{number} AS ({statement})" for number, statement in enumerate(first))
    return (f"WITH {named} {last}" if named else last), [reader for _statement, reader in compiled]


@lru_cache(maxsize=256)
def _compiled(
    model: type[Model],
    count: int,
    unless_taken: str,
    keyed: bool,  # noqa: FBT001 - a cache's key
) -> tuple[str, Callable[[Model], Sequence[Any]]]:
    """The statement for so many rows, with their keys or without, and how their values are read."""
    options = model._meta  # noqa: SLF001
    fields = [field for field in options.concrete_fields if _is_written(field, keyed=keyed)]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    places = ", ".join(["%s"] * len(fields))
    rows = ", ".join([f"({places})"] * count)
    conflict = f' ON CONFLICT ("{unless_taken}") DO NOTHING' if unless_taken else ""
    key = options.pk.column
    # The names are those of our own models.
    statement = f'INSERT INTO "{options.db_table}" ({columns}) VALUES {rows}{conflict} RETURNING "{key}"'  # noqa: S608
    return statement, _reader(fields)


def _reader(fields: Sequence[Any]) -> Callable[[Model], Sequence[Any]]:
    """How these fields' values are read from a row, as psycopg takes them."""
    read = attrgetter(*(field.attname for field in fields))
    documents = {place for place, field in enumerate(fields) if isinstance(field, JSONField)}
    if not documents:
        return read

    def read_with_documents(row: Model) -> list[Any]:
        return [Jsonb(value) if place in documents else value for place, value in enumerate(read(row))]

    return read_with_documents


def _is_written(field: Any, *, keyed: bool) -> bool:
    if field.primary_key:
        return keyed
    return field.db_default is NOT_PROVIDED
