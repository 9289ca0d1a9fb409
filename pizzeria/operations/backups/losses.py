"""What putting an older database back would lose, read by comparing it with the live one."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import psycopg
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from psycopg import sql

from pizzeria.money import euros
from pizzeria.operations.backups.beside import Database, live_name, server
from pizzeria.operations.backups.errors import BackupError
from pizzeria.operations.backups.programs import connect
from pizzeria.operations.backups.upgrading import require_kept

EDITED = re.compile(r"(catalogue|stores|city_\w+?)_.*|accounts_(user|address|staffrole)", re.ASCII)
"""Tables that people edit, small enough to be compared row by row; the others only grow."""
UNTOLD = {"last_login"}
"""Changes that are nobody's work."""


def losses(before: str) -> list[str]:
    """Sentences, the gravest first; none when nothing would be lost."""
    live = live_name()
    with server() as asked:
        require_kept(asked, live, before)
    try:
        with closing(connect()) as now, closing(connect(dbname=before)) as then:
            now.autocommit = then.autocommit = True
            return [line for compare in (_orders, _payments, _growth, _edits) for line in _told(compare, now, then)]
    except psycopg.OperationalError as error:
        raise BackupError(_("Les deux bases ne se comparent pas : %(error)s") % {"error": error}) from error


def _told(compare: Callable[[Database, Database], Iterator[str]], now: Database, then: Database) -> list[str]:
    """Between the two a table may have got another shape: that is told too, and no reason to stay."""
    try:
        return list(compare(now, then))
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn) as error:
        return [_("Ce qui ne se compare plus : %(error)s") % {"error": error.diag.message_primary}]


def _orders(now: Database, then: Database) -> Iterator[str]:
    ((number, total),) = now.execute(
        "SELECT count(*), coalesce(sum(total), 0) FROM ordering_order WHERE id > %s", [_last(then, "ordering_order")]
    ).fetchall()
    if number:
        words = ngettext(
            "%(number)s commande passée depuis, pour %(total)s",
            "%(number)s commandes passées depuis, pour %(total)s",
            number,
        )
        yield words % {"number": number, "total": euros(total)}


def _payments(now: Database, then: Database) -> Iterator[str]:
    ((latest,),) = then.execute("SELECT coalesce(max(received_at), '-infinity')::text FROM payments_payment").fetchall()
    ((number, total),) = now.execute(
        "SELECT count(*), coalesce(sum(amount), 0) FROM payments_payment WHERE received_at > %s", [latest]
    ).fetchall()
    if number:
        words = ngettext(
            "%(number)s encaissement enregistré depuis, pour %(total)s",
            "%(number)s encaissements enregistrés depuis, pour %(total)s",
            number,
        )
        yield words % {"number": number, "total": euros(total)}


def _growth(now: Database, then: Database) -> Iterator[str]:
    if number := _added(now, then, "ordering_orderevent"):
        words = ngettext("%(number)s étape de commande", "%(number)s étapes de commandes", number)
        yield words % {"number": number}
    if number := _added(now, then, "ledger_entry"):
        words = ngettext("%(number)s écriture du journal", "%(number)s écritures du journal", number)
        yield words % {"number": number}
    if number := _added(now, then, "stock_movement"):
        words = ngettext("%(number)s mouvement de stock", "%(number)s mouvements de stock", number)
        yield words % {"number": number}
    if number := _added(now, then, "accounts_user"):
        words = ngettext("%(number)s nouveau compte", "%(number)s nouveaux comptes", number)
        yield words % {"number": number}


def _edits(now: Database, then: Database) -> Iterator[str]:
    """What a migration has changed is among it: it would be lost too."""
    here, there = _columns(now), _columns(then)
    for table in sorted(here.keys() & there.keys()):
        columns = sorted(here[table] & there[table] - UNTOLD)
        new, old = _rows(now, table, columns), _rows(then, table, columns)
        added = new.keys() - old.keys() if table != "accounts_user" else ()
        if number := len(added) + sum(new.get(key) != row for key, row in old.items()):
            words = ngettext(
                "%(number)s ligne ajoutée ou changée dans %(table)s",
                "%(number)s lignes ajoutées ou changées dans %(table)s",
                number,
            )
            yield words % {"number": number, "table": table}


def _added(now: Database, then: Database, table: str) -> int:
    query = sql.SQL("SELECT count(*) FROM {} WHERE id > %s").format(sql.Identifier(table))
    ((number,),) = now.execute(query, [_last(then, table)]).fetchall()
    return int(number)


def _last(then: Database, table: str) -> int:
    query = sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))
    ((key,),) = then.execute(query).fetchall()
    return int(key)


def _columns(database: Database) -> dict[str, set[str]]:
    """The columns of the tables that people edit and that have an `id`."""
    rows = database.execute(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    )
    found: dict[str, set[str]] = {}
    for table, column in rows:
        if EDITED.fullmatch(table):
            found.setdefault(table, set()).add(column)
    return {table: columns for table, columns in found.items() if "id" in columns}


def _rows(database: Database, table: str, columns: list[str]) -> dict[Any, str]:
    query = sql.SQL("SELECT id, md5(ROW({})::text) FROM {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
    )
    return dict(database.execute(query).fetchall())
