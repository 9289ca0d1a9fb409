"""The categorical update (6.1): components in their places, with the site open, or closed for seconds (UC of the exploitant)."""

import time
from collections.abc import Iterator

import pytest

from tests.server.clients import allow_any_number, assert_all_kept, clients_ordering
from tests.server.commands import until
from tests.server.deploying import HOME, PROJECT, Site, deploy, deployed_server, last_run, release_in_service
from tests.server.machine import Rack, Server
from tests.server.updating import (
    UPDATE_LOGS,
    Offer,
    databases,
    digests,
    manage,
    page,
    picture,
    seconds_closed,
    table,
    update,
)

LIGHT = (
    "Components-updating",
    "Virtual-environment-installation", "Virtual-environment-activation", "Project-downloading",
    "Ressources-access-formatting",
    "Release-checking", "Release-trying", "Services-checking",
    "Gunicorn-service-file-configuration", "Gunicorn-service-activation", "Nginx-service-activation",
    "Website-connection",
)  # fmt: skip
HEAVY = (
    "Database-saving", "Components-updating",
    "Virtual-environment-installation", "Virtual-environment-activation", "Project-downloading",
    "Ressources-access-formatting",
    "Release-checking", "Migrations-checking", "Release-trying", "Services-checking",
    "Website-closing", "Gunicorn-service-stop", "Database-upgrading",
    "Release-switching", "Gunicorn-service-activation", "Nginx-service-activation", "Website-opening",
    "Website-connection",
)  # fmt: skip


SUITES = ("trixie",)
"""See `conftest`. Under the older Debian clients order while it is deployed, reloaded and killed: `test_under_load`."""


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    with deployed_server(rack, suite) as deployed:
        yield deployed


def test_updates_while_clients_order_twenty_times_a_second(server: Server) -> None:
    allow_any_number(server)
    site, before = Site(server), release_in_service(server)

    # A picture: nobody notices.
    picture().drop(server)
    with clients_ordering(site) as orders:
        told = update(server).stdout
    assert "fermé" not in told
    assert last_run(server, UPDATE_LOGS) == [(event, "CORRECT") for event in LIGHT]
    assert_all_kept(site, orders)
    assert orders.told_to_come_back == 0
    light = release_in_service(server)
    assert light != before
    assert "✗" not in manage(server, "update_lhc --verify").stdout

    # A page and a table: closed for seconds, and whoever is told to come back is told when.
    both = Offer(heavy=page().heavy | table().heavy, files=page().files | table().files)
    both.drop(server)
    assert update(server, "--check", check=False).returncode == 2
    with clients_ordering(site) as orders:
        told = update(server).stdout
        time.sleep(1)
    assert last_run(server, UPDATE_LOGS) == [(event, "CORRECT") for event in HEAVY]
    assert_all_kept(site, orders)
    assert orders.told_to_come_back > 0
    assert 0 < seconds_closed(told) < 60
    assert site.ask("/readyz").json()["release"] == release_in_service(server)
    assert "city_001_anecdote|0|0" in digests(server)
    assert manage(server, "update_lhc --verify").returncode == 0

    # Nothing is left to do, and a deploy of the project without these components is told so.
    assert "Rien à mettre à jour" in update(server).stdout
    refused = deploy(server, check=False)
    assert refused.returncode == 1
    assert "city_001/models.py" in refused.output
    until(site.is_ready, "the site is not ready", timeout=60)


def test_an_update_is_taken_back_with_the_data_of_before(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        site = Site(server)
        first = release_in_service(server)
        picture().drop(server)
        update(server)
        second, data = release_in_service(server), digests(server)
        table().drop(server)
        update(server)
        third = release_in_service(server)
        assert site.place(site.order_body()).status == 201

        # Nobody there to answer: nothing happens; what would be lost is told.
        asked = update(server, "--rollback", check=False)
        assert asked.returncode == 1
        assert "1 commande" in asked.output
        assert release_in_service(server) == third

        update(server, "--rollback", "--yes")
        assert release_in_service(server) == second
        assert digests(server) == data
        assert site.place(site.order_body()).status == 201

        # The picture too: the schema is the same, so nothing is closed and nothing is lost.
        data = digests(server)
        told = update(server, "--rollback", first, "--yes").stdout
        assert "rien n’est perdu" in told
        assert "fermé pendant" not in told
        assert release_in_service(server) == first
        assert digests(server) == data
        assert site.place(site.order_body()).status == 201

        # Two updates back at once, when the database of then was dropped since: from its safety backup.
        table().drop(server)
        update(server)
        data = digests(server)
        table("from django.db import models\n\n\nclass Legend(models.Model):\n    told = models.TextField()\n").drop(
            server
        )
        update(server, "--accept-incompatible")
        for name in databases(server):
            if "_before_" in name:
                server.run(f"runuser -u postgres -- dropdb {name}")
        update(server, "--rollback", "--yes")
        assert digests(server) == data
        assert site.place(site.order_body()).status == 201


def test_an_invalid_controller_is_told_line_by_line_and_changes_nothing(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        before, pid = release_in_service(server), server.run("systemctl show -p MainPID gunicorn").stdout
        wrong = picture()
        wrong.light["pizza_osaka.png"] = "OC_PIZZA.city_009.static.png"
        wrong.heavy["settings.py"] = "OC_PIZZA...etc.passwd.py"
        wrong.drop(server)
        for options in ("--check", ""):
            done = update(server, options, check=False)
            assert done.returncode == 1
            for line in ("ligne 3", "ligne 5"):
                assert line in done.output
        assert release_in_service(server) == before
        assert server.run("systemctl show -p MainPID gunicorn").stdout == pid
        for options, why in (("--to", "attend une branche"), ("--to main", "SOURCE"), ("--rolback", "n’existe pas")):
            refused = update(server, options, check=False)
            assert refused.returncode in {1, 64}
            assert why in refused.output


def test_the_whole_project_is_updated_from_its_repository(rack: Rack) -> None:
    with deployed_server(rack, "bookworm") as server:
        site, remote = Site(server), "/root/remote"
        git = f"git -C {remote} -c user.name=Edgar -c user.email=edgar@ocpizza.fr"
        server.run("apt-get -q -y install git >/dev/null", timeout=300)
        server.run(f"cp -a {PROJECT} {remote} && git init -q -b main {remote} && {git} add -A")
        server.run(f"{git} commit -q -m first && {git} tag v1")
        last = server.run(f"ls {remote}/pizzeria/stores/migrations | grep '^0' | sort | tail -n 1").stdout.strip()
        migration = f"{remote}/pizzeria/stores/migrations/9999_next.py"
        server.write(migration, MIGRATION.format(last=last.removesuffix(".py"), then="SELECT no_such_column"))
        server.run(f"{git} add -A && {git} commit -q -m 'a migration that fails' && {git} tag v2")
        server.write(migration, MIGRATION.format(last=last.removesuffix(".py"), then="SELECT 1"))
        server.run(f"{git} add -A && {git} commit -q -m 'one that does not' && {git} tag v3")
        server.run(f"sed -i 's|^SOURCE=.*|SOURCE={remote}|' {PROJECT}/DEPLOY_ENGINE/deploy.conf")
        before, data, names = release_in_service(server), digests(server), databases(server)

        failed = update(server, "--to", "v2", check=False)
        assert failed.returncode == 1
        assert "no_such_column" in failed.output
        assert ("Database-upgrading", "ERROR") in [(name, said[:5]) for name, said in last_run(server, UPDATE_LOGS)]
        assert (release_in_service(server), digests(server), databases(server)) == (before, data, names)
        assert site.place(site.order_body()).status == 201

        assert update(server, "--to", "v9", check=False).returncode == 1
        until(site.is_ready, "the site is not ready", timeout=60)
        update(server, "--to", "v3")
        assert "half|0|0" in digests(server)
        assert release_in_service(server) != before
        assert site.place(site.order_body()).status == 201
        assert server.exists(f"{HOME}/OC_PIZZA_shared/backups/safety")


MIGRATION = """\
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("stores", "{last}")]
    operations = [migrations.RunSQL("CREATE TABLE half (id int)"), migrations.RunSQL("{then}")]
"""
