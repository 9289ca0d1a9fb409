"""Whether this release can serve: asked by the engines before they switch to it, and after."""

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor


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
