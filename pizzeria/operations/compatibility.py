"""Which migrations the release in service could not live with: its code may have to run on the schema that they make.

The judgement is django-migration-linter's, on the SQL that Django would run. Of it we take what breaks running code and
leave what a lock may cost: a schema changes here while the site is closed, on a copy.
"""

from dataclasses import dataclass

from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.utils.translation import gettext as _
from django_migration_linter.operations import IgnoreMigration
from django_migration_linter.sql_analyser.analyser import analyse_sql_statements
from django_migration_linter.sql_analyser.base import Issue
from django_migration_linter.sql_analyser.postgresql import PostgresqlAnalyser


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What of a migration the code before it would not work with; `declared` when its author says that it does."""

    migration: str
    declared: bool
    problems: tuple[str, ...]


def judge(migration: Migration, loader: MigrationLoader | None = None) -> Verdict:
    name = f"{migration.app_label}.{migration.name}"
    if any(isinstance(operation, IgnoreMigration) for operation in migration.operations):
        return Verdict(migration=name, declared=True, problems=())
    # As sqlmigrate writes it, from the state in which the migrations before it leave the models.
    statements = (loader or MigrationLoader(connection)).collect_sql([(migration, False)])
    errors, _ignored, _warnings = analyse_sql_statements(PostgresqlAnalyser, statements)
    found = dict.fromkeys(_sentence(issue) for issue in errors)
    return Verdict(migration=name, declared=False, problems=tuple(found))


def _sentence(issue: Issue) -> str:
    words = {
        "RENAME_TABLE": _("une table change de nom"),
        "DROP_TABLE": _("une table disparaît"),
        "RENAME_COLUMN": _("une colonne change de nom"),
        "DROP_COLUMN": _("une colonne disparaît"),
        "ALTER_COLUMN": _("une colonne change de type"),
        "NOT_NULL": _("une colonne devient obligatoire, sans valeur par défaut dans la base (db_default)"),
        "ADD_UNIQUE": _("une valeur devient unique"),
    }.get(issue.code, issue.message)
    where = ".".join(name for name in (issue.table, issue.column) if name)
    return f"{words} ({where})" if where else words
