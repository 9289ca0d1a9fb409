"""Emptying the tables after a test that commits, the journal's and the audit log's too.

Django empties them by TRUNCATE, which they refuse, as they must: nothing in the product may do that. So the tests'
flush, and nothing else, switches those triggers off for its own transaction, as only the owner of the tables can. They
are on again before the next test begins.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.postgresql.operations import DatabaseOperations

JOURNAL = ("ledger_entry", "ledger_closing", "ledger_head", "accounts_auditentry")


@pytest.fixture(autouse=True, scope="session")
def _the_journal_is_emptied_too() -> Iterator[None]:
    """Django makes a flush of these statements and runs them in one transaction."""
    empty = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *arguments: object, **options: object) -> list[str]:
        statements: list[str] = empty(self, *arguments, **options)  # type: ignore[arg-type]
        there = [table for table in JOURNAL if any(f'"{table}"' in statement for statement in statements)]
        return [*_triggers("DISABLE", there), *statements, *_triggers("ENABLE", there)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "sql_flush", sql_flush)
        yield


def _triggers(switch: str, tables: list[str]) -> list[str]:
    return [f"ALTER TABLE {connection.ops.quote_name(table)} {switch} TRIGGER USER" for table in tables]
