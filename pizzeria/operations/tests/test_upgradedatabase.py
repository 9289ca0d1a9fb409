"""An upgrade of the database is there whole, or not at all, and can be taken back."""

import os
import shutil
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as site
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor

from pizzeria.operations.backups.making import TABLES
from pizzeria.operations.backups.programs import connect
from pizzeria.operations.tests.test_backups import digests, said
from pizzeria.operations.tests.test_dbrestore import databases
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.stores.models import City
from tests.cast import House, People

pytestmark = [pytest.mark.backup, pytest.mark.django_db(transaction=True)]

PATIENCE = 60
EARLIER, WHOLE = "of_an_earlier_release", "of_this_release"
STOCK_BEFORE = ("stock", "0003_movement_time")


@pytest.fixture(scope="module", autouse=True)
def _copies() -> Iterator[None]:
    yield
    with closing(connect(dbname="postgres", autocommit=True)) as server:
        for name in (EARLIER, WHOLE):
            server.execute(f"DROP DATABASE IF EXISTS {name}")


@pytest.fixture(autouse=True)
def order(house: House, people: People) -> Iterator[Order]:
    """An order of the day before, in the schema of an earlier release: made once, copied for every other test."""
    live = str(connection.settings_dict["NAME"])
    if EARLIER in databases():
        copy_database(EARLIER, live)
    else:
        copy_database(live, WHOLE)
        house.order(customer=people.alice)
        # Two apps' migrations that nobody else's have to follow.
        MigrationExecutor(connection).migrate([("catalogue", "0005_oven_minutes"), STOCK_BEFORE])
        copy_database(live, EARLIER)
    yield Order.objects.get()
    said("dbrestore", "--discard-previous")
    copy_database(WHOLE, live)


def copy_database(source: str, target: str) -> None:
    connections.close_all()
    with closing(connect(dbname="postgres", autocommit=True)) as server:
        server.execute(f'DROP DATABASE IF EXISTS "{target}" WITH (FORCE)')
        server.execute(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def state() -> dict[str, str]:
    """Every row of the live database, its migrations among them."""
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [table for (table,) in cursor.fetchall()]
    return digests(tables)


@contextmanager
def nothing_changes() -> Iterator[None]:
    before, there = state(), databases()
    yield
    assert databases() == there
    assert state() == before


def refused(why: str, *options: str) -> None:
    with nothing_changes(), pytest.raises(CommandError, match=why):
        call_command("upgradedatabase", *options)


def upgraded() -> str:
    """The name of the database as it was."""
    last = said("upgradedatabase").splitlines()[-1]
    assert last.startswith("before: ")
    return last.removeprefix("before: ")


def when_the_copy_is_migrated(statement: str) -> None:
    """What a migration of the next release could do, in the copy alone: the live database's schema stays."""
    sql(
        f"""
        CREATE FUNCTION of_the_next_release() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
        IF current_database() LIKE '%%\\_upgraded\\_%%' AND tg_tag = 'CREATE INDEX' THEN {statement}; END IF; END $$
        """,
        "CREATE EVENT TRIGGER of_the_next_release ON ddl_command_end EXECUTE FUNCTION of_the_next_release()",
    )


def migrations_are_themselves_again() -> None:
    sql("DROP EVENT TRIGGER of_the_next_release", "DROP FUNCTION of_the_next_release")


@contextmanager
def held_upgrade() -> Iterator[subprocess.Popen[str]]:
    """One that has made its copy and waits in the middle of a migration until there is a role `go_on`."""
    when_the_copy_is_migrated(
        "WHILE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'go_on') LOOP PERFORM pg_sleep(0.02); END LOOP"
    )
    live = str(connection.settings_dict["NAME"])
    connections.close_all()
    url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{live}"
    with subprocess.Popen(
        [sys.executable, Path(site.BASE_DIR) / "manage.py", "upgradedatabase"],
        env=os.environ | {"DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        try:
            _wait_for_the_migration(running)
            yield running
        finally:
            running.kill()


def _wait_for_the_migration(running: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + PATIENCE
    with closing(connect(dbname="postgres", autocommit=True)) as server:
        while not server.execute(
            "SELECT 1 FROM pg_stat_activity WHERE datname LIKE '%\\_upgraded\\_%' AND wait_event = 'PgSleep'"
        ).fetchone():
            assert running.poll() is None, running.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)


def test_the_pending_migrations_are_applied_and_the_old_database_is_kept(order: Order) -> None:
    old = state()
    before = upgraded()
    call_command("migrate", "--check", verbosity=0)
    assert Order.objects.get().number == order.number
    with closing(connect(dbname=before)) as kept:
        assert kept.execute("SELECT max(name) FROM django_migrations WHERE app = 'catalogue'").fetchall() == [
            ("0005_oven_minutes",)
        ]
    said("upgradedatabase", "--undo", before)
    assert state() == old


def test_without_a_pending_migration_nothing_is_done() -> None:
    call_command("migrate", verbosity=0)
    with nothing_changes():
        assert "Aucune migration à appliquer" in said("upgradedatabase")


def test_undo_brings_back_every_row_byte_for_byte_and_keeps_what_was_live() -> None:
    old = state()
    before = upgraded()
    City.objects.update(name="Plus récente")
    undone = said("upgradedatabase", "--undo", before).splitlines()[-1].removeprefix("undone: ")
    assert state() == old
    assert before not in databases()
    with closing(connect(dbname=undone)) as kept:
        assert kept.execute("SELECT DISTINCT name FROM stores_city").fetchall() == [("Plus récente",)]


def test_a_migration_that_fails_midway_changes_nothing() -> None:
    # catalogue.0006 is applied to the copy before stock.0004 meets its own index.
    sql("CREATE INDEX movement_reference ON stock_movement (reference)")
    refused("(?s)n’a pas pu être migrée, rien n’a changé.*movement_reference.* already exists")
    sql("DROP INDEX movement_reference")


def test_a_migration_that_loses_rows_is_refused_unless_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    when_the_copy_is_migrated("DELETE FROM stores_deliveryzone")
    refused("stores_deliveryzone de 2 à 0 lignes")
    migration = sys.modules["pizzeria.stock.migrations.0004_movement_reference"].Migration
    monkeypatch.setattr(migration, "loses_rows_of", ("stores_deliveryzone",), raising=False)
    upgraded()
    migrations_are_themselves_again()


def test_rows_that_do_not_add_up_are_refused() -> None:
    sql("UPDATE stock_stockitem SET available = available + 1 WHERE id = (SELECT min(id) FROM stock_stockitem)")
    refused("1 ligne.*« stock »")
    sql("UPDATE stock_stockitem SET available = available - 1 WHERE id = (SELECT min(id) FROM stock_stockitem)")


def test_while_somebody_is_connected_it_is_refused() -> None:
    before = upgraded()
    MigrationExecutor(connection).migrate([STOCK_BEFORE])
    with closing(connect()):
        refused("1 connexion.*sudo systemctl stop gunicorn")
        refused("1 connexion.*sudo systemctl stop gunicorn", "--undo", before)


def test_whoever_came_and_went_during_the_upgrade_has_lost_nothing() -> None:
    with held_upgrade() as running:
        with closing(connect(autocommit=True)) as visitor:
            visitor.execute("UPDATE stores_city SET name = 'Visitée'")
        sql("CREATE ROLE go_on")
        connections.close_all()
        told, _nothing = running.communicate(timeout=PATIENCE)
    sql("DROP ROLE go_on")
    assert running.returncode == 1
    assert "Quelqu’un s’est connecté" in told
    assert set(City.objects.values_list("name", flat=True)) == {"Visitée"}
    assert not [name for name in databases() if "_upgraded_" in name]
    migrations_are_themselves_again()


def test_a_killed_upgrade_has_touched_nothing_and_the_next_one_starts_over() -> None:
    old = state()
    with held_upgrade() as running:
        running.kill()
        running.wait()
        assert [name for name in databases() if "_upgraded_" in name]
        assert state() == old
    migrations_are_themselves_again()
    # The killed one's migration still waits in its copy: it goes with it.
    upgraded()
    assert not [name for name in databases() if "_upgraded_" in name]
    call_command("migrate", "--check", verbosity=0)


def test_two_upgrades_at_once_are_refused() -> None:
    with held_upgrade(), pytest.raises(CommandError, match="déjà en cours"):
        call_command("upgradedatabase")
    migrations_are_themselves_again()
    upgraded()


def test_a_full_disk_is_noticed_before(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")  # noqa: PYI024 - as shutil's own
    monkeypatch.setattr(shutil, "disk_usage", lambda _folder: usage(10**9, 10**9, 10**6))
    refused("Il faut .* libres dans .*, il y en a ")


def test_an_upgrade_forgets_what_earlier_upgrades_have_kept_and_nothing_else() -> None:
    first = upgraded()
    live = str(connection.settings_dict["NAME"])
    restored = f"{live}_before_20260101_060000"
    sql(f'CREATE DATABASE "{restored}"')
    MigrationExecutor(connection).migrate([STOCK_BEFORE])
    second = upgraded()
    assert databases() >= {second, restored}
    assert first not in databases()


def test_the_databases_settings_and_grants_are_kept() -> None:
    name = connection.ops.quote_name(connection.settings_dict["NAME"])
    sql(f"ALTER DATABASE {name} SET work_mem = '5MB'", "CREATE ROLE supervision")
    sql(f"GRANT CONNECT ON DATABASE {name} TO supervision")
    upgraded()
    kept = """
        SELECT setconfig, has_database_privilege('supervision', datname, 'CONNECT'),
            (SELECT bool_or(grantee = 0) FROM aclexplode(datacl))
        FROM pg_database JOIN pg_db_role_setting ON setdatabase = pg_database.oid WHERE datname = current_database()
    """
    with connection.cursor() as cursor:
        cursor.execute(kept)
        assert cursor.fetchall() == [(["work_mem=5MB"], True, False)]
    said("dbrestore", "--discard-previous")
    sql(f"ALTER DATABASE {name} RESET ALL", f"REVOKE ALL ON DATABASE {name} FROM supervision", "DROP ROLE supervision")


def test_only_a_kept_database_can_be_put_back() -> None:
    refused("postgres n’est pas une base gardée", "--undo", "postgres")
    refused("postgres n’est pas une base gardée", "--losses", "postgres")


def test_losses_say_what_would_be_gone(house: House, people: People) -> None:
    before = upgraded()
    assert said("upgradedatabase", "--losses", before) == "Rien ne serait perdu.\n"
    first = house.order()
    house.order(customer=people.alice)
    receive(order=first, acting_user=people.cashier)
    City.objects.filter(code="city_001").update(name="Paris-sur-Seine")
    assert said("upgradedatabase", "--losses", before).splitlines() == [
        "2 commandes passées depuis, pour 23,00\xa0€",
        "1 encaissement enregistré depuis, pour 11,50\xa0€",
        "2 étapes de commandes",
        "2 écritures du journal",
        "6 mouvements de stock",
        "1 ligne ajoutée ou changée dans stores_city",
    ]


def test_what_this_code_does_not_know_is_told() -> None:
    assert said("upgradedatabase", "--unknown") == ""
    sql("INSERT INTO django_migrations (app, name, applied) VALUES ('stock', '0099_later', now())")
    assert said("upgradedatabase", "--unknown") == "stock.0099_later"
    sql("DELETE FROM django_migrations WHERE name = '0099_later'")


def test_what_a_migration_has_renamed_is_told_and_the_rest_compared(house: House) -> None:
    before = upgraded()
    house.order()
    sql("ALTER TABLE payments_payment RENAME TO payments_receipt")
    try:
        told = said("upgradedatabase", "--losses", before).splitlines()
    finally:
        sql("ALTER TABLE payments_receipt RENAME TO payments_payment")
    assert told == [
        "1 commande passée depuis, pour 11,50\xa0€",
        'Ce qui ne se compare plus : relation "payments_payment" does not exist',
        "1 étape de commande",
        "3 mouvements de stock",
    ]


def test_the_role_of_a_server_may_do_all_of_it() -> None:
    """It owns its database and may create others; it is nobody's administrator."""
    sql("CREATE ROLE of_the_site LOGIN CREATEDB", "CREATE DATABASE site_of_a_server OWNER of_the_site")
    try:
        _as_the_site("migrate", "--verbosity=0")
        _as_the_site("migrate", "stock", "0003", "--verbosity=0")
        before = _as_the_site("upgradedatabase").splitlines()[-1].removeprefix("before: ")
        _as_the_site("migrate", "--check")
        assert "Rien ne serait perdu" in _as_the_site("upgradedatabase", "--losses", before)
        undone = _as_the_site("upgradedatabase", "--undo", before).splitlines()[-1].removeprefix("undone: ")
        assert undone.startswith("site_of_a_server_undone_")
        _as_the_site("upgradedatabase")
        assert undone not in databases()
        _as_the_site("dbrestore", "--discard-previous")
    finally:
        for name in databases():
            if name.startswith("site_of_a_server"):
                sql(f'DROP DATABASE "{name}" WITH (FORCE)')
        sql("DROP ROLE of_the_site")


def _as_the_site(*command: str) -> str:
    parts = urlsplit(os.environ["DATABASE_URL"])
    place = parts.netloc.rpartition("@")[2]
    url = urlunsplit(parts._replace(netloc=f"of_the_site@{place}", path="/site_of_a_server"))
    done = subprocess.run(
        [sys.executable, Path(site.BASE_DIR) / "manage.py", *command],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
