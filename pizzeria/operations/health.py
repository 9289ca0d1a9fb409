"""Whether this release can serve: asked by the engines before they switch to it, and after."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from pizzeria.proved_restore import last_kept


def problems() -> dict[str, str]:
    """What keeps the site from being ready, by part; empty when it is."""
    try:
        executor = MigrationExecutor(connection)
        missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error as error:
        return {"database": type(error).__name__}
    if missing:
        return {"migrations": ", ".join(f"{migration.app_label}.{migration.name}" for migration, _back in missing[:5])}
    return {}


def backups() -> dict[str, str | None]:
    """What the group could fall back on, as the moments of the newest backup and of the last restore that was proved."""
    kept = last_kept()
    return {
        "newest": kept.newest.isoformat() if kept.newest else None,
        "last_proven_restore": kept.proved.isoformat() if kept.proved else None,
    }
