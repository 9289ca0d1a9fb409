"""Rows of several tables written by one statement, which is compiled once.

The ORM compiles every INSERT anew and sends each on its own; an order writes into six tables, and is what everybody
waits for at noon. The rows of a table go as one JSON document: the statement is the same for one line and for forty,
and PostgreSQL keeps its plan. For anything that is not an order, use the ORM.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model
from django.db.models.fields import NOT_PROVIDED
from pydantic_core import to_json

Reader = Callable[[Model], dict[str, Any]]
ROWS = "rows"
"""The name of the value that is a table's rows."""

Steps = tuple[tuple[str, str], ...]
"""Parts of a WITH, each by its name."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that nobody needs as an object: making the objects of an order's rows took longer than pricing them."""

    model: type[Model]
    values: Mapping[str, Any]
    """By their columns."""


@dataclass(frozen=True, slots=True)
class Along:
    """What is carried out in the same statement as rows are written: a round trip less, for everybody behind it."""

    steps: Steps
    values: Mapping[str, Any]
    """Those of the steps' `%(name)s`."""
    answer: str = ""
    """A question to the steps. It is carried out before the rows are written."""


def row(model: type[Model], **values: Any) -> Row:
    """A row with these values by their columns, and the model's defaults for the others; what `insert` says of values holds here.

    Raises TypeError for a column that the model has not, and for one that is missing: no default is made for it.
    """
    usual, columns = _columns(model)
    filled = {**usual, **values}
    if filled.keys() != columns:
        raise TypeError(f"{model.__name__}: not its columns: {', '.join(sorted(filled.keys() ^ columns))}")
    return Row(model, filled)


def array_of(numbers: Iterable[int]) -> str:
    """As PostgreSQL writes it: psycopg would look at every number for the array's type, which the statement says."""
    return f"{{{','.join(map(str, numbers))}}}"


def insert_rows(*rows: Row) -> list[int]:
    """Insert rows of one model in one statement; the keys that they get, in their order."""
    statement, _read = _compiled(rows[0].model, keyed=False)
    return _keys(statement, [one.values for one in rows])


def insert(*rows: Model) -> None:
    """Insert rows of one model in one statement and give them their keys.

    Values go as they stand on the rows: what a field would fill in by itself when saved (`auto_now_add`)
    is the caller's to fill in, columns with a `db_default` and no default are the database's, and an amount with
    too many decimals is rounded by the database.
    """
    statement, read = _compiled(type(rows[0]), keyed=False)
    for one, key in zip(rows, _keys(statement, [read(each) for each in rows]), strict=True):
        one.pk = key
        _mark_stored(one)


def insert_all(*rows: Model | Row, along: Sequence[Along] = ()) -> list[tuple[Any, ...]]:
    """Insert rows of several models in one statement, as `insert` does; rows of one model follow one another.

    They keep the keys that they have, and are not told those that they get. Foreign keys between them hold:
    PostgreSQL checks them at the end. `along` is carried out with it; what comes back answers its question, of which there
    is one at most.
    """
    groups = [(model, list(found)) for (model, _is_plain), found in groupby(rows, _kind_of)]
    shapes = tuple((model, isinstance(found[0], Model) and found[0].pk is not None) for model, found in groups)
    answer = "".join(each.answer for each in along)
    statement, readers = _compiled_together(shapes, tuple(step for each in along for step in each.steps), answer)
    values = {name: value for each in along for name, value in each.values.items()}
    for number, ((_model, found), read) in enumerate(zip(groups, readers, strict=True)):
        values[f"{ROWS}_{number}"] = _document([one.values if isinstance(one, Row) else read(one) for one in found])
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        answered = cursor.fetchall() if answer else []
    for one in rows:
        if isinstance(one, Model) and one.pk is not None:
            _mark_stored(one)
    return answered


def _kind_of(one: Model | Row) -> tuple[type[Model], bool]:
    """Its model, and whether it is plain: it has no key then, whatever its neighbour has."""
    return (one.model, True) if isinstance(one, Row) else (type(one), False)


def _keys(statement: str, rows: Sequence[Mapping[str, Any]]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {ROWS: _document(rows)})
        return [key for (key,) in cursor.fetchall()]


def _document(rows: Sequence[Mapping[str, Any]]) -> str:
    return to_json(rows).decode()


def _mark_stored(one: Model) -> None:
    """What Model.save does."""
    one._state.adding = False  # noqa: SLF001
    one._state.db = DEFAULT_DB_ALIAS  # noqa: SLF001


@lru_cache(maxsize=256)
def _compiled_together(
    shapes: tuple[tuple[type[Model], bool], ...], along: Steps, answer: str
) -> tuple[str, list[Reader]]:
    """The statement for rows of each model, with their keys or without: after what goes along, the last one's at the end."""
    compiled = [_compiled(model, keyed=keyed) for model, keyed in shapes]
    written = [
        statement.replace(f"%({ROWS})s", f"%({ROWS}_{number})s") for number, (statement, _read) in enumerate(compiled)
    ]
    last = answer or written.pop()
    steps = [*along, *((f"written_{number}", statement) for number, statement in enumerate(written))]
    named = ", ".join(f"{name} AS ({statement})" for name, statement in steps)
    return (f"WITH {named} {last}" if named else last), [read for _statement, read in compiled]


@lru_cache(maxsize=256)
def _compiled(model: type[Model], *, keyed: bool) -> tuple[str, Reader]:
    """The statement for rows of a model, with their keys or without, and how their values are read."""
    options = model._meta  # noqa: SLF001
    fields = _written(model, keyed=keyed)
    names = [str(field.column) for field in fields]
    columns = ", ".join(f'"{name}"' for name in names)
    # The names are those of our own models.
    statement = (
        f'INSERT INTO "{options.db_table}" ({columns})'  # nosec B608  # noqa: S608
        f' SELECT {columns} FROM json_populate_recordset(NULL::"{options.db_table}", %({ROWS})s)'
        f' RETURNING "{options.pk.column}"'
    )
    values_of = attrgetter(*(field.attname for field in fields))
    return statement, lambda row: dict(zip(names, values_of(row), strict=True))


@lru_cache(maxsize=256)
def _columns(model: type[Model]) -> tuple[Mapping[str, Any], frozenset[str]]:
    """What a row has unless it says otherwise, by column, and its columns. What must be told, or is made for each row, is not among the first."""
    fields = _written(model, keyed=False)
    fixed = [field for field in fields if not _is_made_for_each(field) and (field.null or field.has_default())]
    usual = {str(field.column): field.get_default() for field in fixed}
    return usual, frozenset(str(field.column) for field in fields)


def _is_made_for_each(field: Any) -> bool:
    has_maker = field.has_default() and callable(field.default)
    return has_maker or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def _written(model: type[Model], *, keyed: bool) -> list[Any]:
    return [field for field in model._meta.concrete_fields if _is_written(field, keyed=keyed)]  # noqa: SLF001


def _is_written(field: Any, *, keyed: bool) -> bool:
    if field.primary_key:
        return keyed
    return field.db_default is NOT_PROVIDED or field.has_default()
