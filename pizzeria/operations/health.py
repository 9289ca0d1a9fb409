"""Whether this release can serve: asked by the engines before they switch to it, and after."""

from functools import lru_cache

from django.db import Error, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from pizzeria.proved_restore import last_kept


def problems() -> dict[str, str]:
    """What keeps the site from being ready, by part; empty when it is."""
    try:
        missing = _missing(_applied())
    except Error as error:
        return {"database": type(error).__name__}
    return {"migrations": ", ".join(missing[:5])} if missing else {}


def _applied() -> frozenset[tuple[str, str]]:
    """What the database says of itself: one query."""
    try:
        return frozenset(MigrationRecorder(connection).migration_qs.values_list("app", "name"))
    except ProgrammingError:
        # Without the table, in a database that nobody has migrated yet.
        return frozenset()


@lru_cache(maxsize=1)
def _missing(applied: frozenset[tuple[str, str]]) -> list[str]:  # noqa: ARG001 - what it is remembered by
    """What of this code's migrations is not applied. The code of a process stays the same, and its graph takes a tenth of
    a second to read: it is worked out again only when the database says something else.
    """
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _back in plan]


def backups() -> dict[str, str | None]:
    """What the group could fall back on, as the moments of the newest backup and of the last restore that was proved."""
    kept = last_kept()
    return {
        "newest": kept.newest.isoformat() if kept.newest else None,
        "last_proven_restore": kept.proved.isoformat() if kept.proved else None,
    }
