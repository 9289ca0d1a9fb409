"""lintpending: what the release in service would not understand is told before anything is changed."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, migrations, models
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django_migration_linter.operations import IgnoreMigration

from pizzeria.operations.compatibility import judge

OURS = {
    "accounts",
    "catalogue",
    "ledger",
    "live",
    "notifications",
    "operations",
    "ordering",
    "payments",
    "promotions",
    "stock",
    "stores",
}
INCOMPATIBLE = {
    # Made before there was a release that could have run on its schema.
    "catalogue.0003_english_words",
}

pytestmark = [pytest.mark.machine, pytest.mark.django_db]


def linted() -> str:
    told = StringIO()
    call_command("lintpending", stdout=told)
    return told.getvalue()


def judged(*operations: object) -> tuple[str, ...]:
    """A migration that follows all of the catalogue's."""
    loader = MigrationLoader(connection)
    ((_app, last),) = loader.graph.leaf_nodes("catalogue")
    made = type("Migration", (Migration,), {"dependencies": [("catalogue", last)], "operations": list(operations)})
    migration = made("0099_next", "catalogue")
    loader.graph.add_node(("catalogue", "0099_next"), migration)
    loader.graph.add_dependency(migration, ("catalogue", "0099_next"), ("catalogue", last))
    return judge(migration, loader).problems


def test_our_own_migrations_are_compatible_or_listed_with_a_reason() -> None:
    loader = MigrationLoader(connection)
    judged_ours = [judge(migration, loader) for (app, _), migration in loader.disk_migrations.items() if app in OURS]
    assert {verdict.migration for verdict in judged_ours if verdict.problems} == INCOMPATIBLE


def test_without_a_pending_migration_all_is_well() -> None:
    assert linted() == "Aucune migration à appliquer.\n"


def test_every_pending_migration_is_told_and_an_incompatible_one_is_not_zero() -> None:
    # Which of them were applied is all that is asked of the database: going back for good is `test_upgradedatabase`'s.
    call_command("migrate", "catalogue", "0002", fake=True, verbosity=0)
    call_command("migrate", "stock", "0003", fake=True, verbosity=0)
    told = StringIO()
    with pytest.raises(CommandError, match="1 migration incompatible avec la version en service"):
        call_command("lintpending", stdout=told)
    incompatible, why, *others = told.getvalue().splitlines()
    assert incompatible == "catalogue.0003_english_words : incompatible"
    assert why == "  - une colonne devient obligatoire, sans valeur par défaut dans la base (db_default)"
    # Those that came later, and those of other rooms that build on them.
    assert "stock.0004_movement_reference : OK" in others
    declared = " : OK (déclarée compatible par son auteur)"
    assert {line.removesuffix(declared) for line in others if not line.endswith(" : OK")} == {
        "notifications.0005_one_browser_for_several_orders",
        "payments.0002_online_and_refunds",
        "promotions.0002_rules",
    }


def test_a_schema_that_this_release_does_not_know_is_told() -> None:
    """An older project, or one without the migrations that a city's models have got on this server."""
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('city_001', '0001_initial', now())")
    told = StringIO()
    with pytest.raises(CommandError, match="1 migration incompatible"):
        call_command("lintpending", stdout=told)
    assert "city_001.0001_initial : appliquée, mais cette version ne l’a pas" in told.getvalue()


@pytest.mark.parametrize(
    ("operation", "why"),
    [
        (migrations.DeleteModel("Composition"), "une table disparaît (catalogue_composition)"),
        (migrations.RemoveField("product", "preparation"), "une colonne disparaît (catalogue_product.preparation)"),
    ],
)
def test_what_running_code_needs_may_not_go(operation: object, why: str) -> None:
    assert why in judged(operation)


def test_what_running_code_does_not_see_may_come() -> None:
    assert not judged(
        migrations.CreateModel("Sauce", [("id", models.BigAutoField(primary_key=True)), ("name", models.TextField())]),
        migrations.AddField("product", "hot", models.BooleanField(db_default=False)),
        migrations.AddField("product", "cook", models.TextField(null=True)),
        migrations.AddIndex("product", models.Index(fields=["name"], name="product_name")),
    )


def test_what_running_code_does_not_fill_may_not_be_required() -> None:
    assert judged(migrations.AddField("product", "hot", models.BooleanField(default=False)))
    assert judged(migrations.AlterField("product", "name", models.CharField(max_length=80, unique=True)))


def test_an_author_may_declare_that_it_is_compatible() -> None:
    assert not judged(IgnoreMigration(), migrations.DeleteModel("Composition"))
