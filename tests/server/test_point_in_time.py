"""WAL_ARCHIVE=on, and back to the second before somebody emptied a table (8.7 of the manual)."""

from collections.abc import Iterator

import pytest

from tests.server.commands import until
from tests.server.deploying import HOME, PROJECT, Site, configure, deploy, deployed_image, last_run
from tests.server.machine import Rack, Result, Server

SUITES = ("trixie",)
"""See `conftest`. On the older Debian, with its PostgreSQL, every command of the manual's page is typed: `test_documented_commands`."""

RECOVER = f"{PROJECT}/DEPLOY_ENGINE/recover-scripts.sh"
PGBACKREST = "cd / && runuser -u postgres -- pgbackrest --stanza=oc_pizza"
BEFORE = "/var/lib/postgresql/*/main_before_*"
ROWS = "SELECT to_jsonb(t) - 'promised_at' FROM $table t ORDER BY id"
TABLES = ("ordering_order", "ordering_orderline", "ordering_orderevent", "payments_payment", "stock_movement")
STEPS = (
    "Last-changes-archiving", "Website-closing", "Gunicorn-service-stop", "Database-setting-aside", "Database-restoring",
    "Database-recovering", "Database-checking", "Database-upgrading", "Rules-checking", "Gunicorn-service-activation", "Website-opening",
)  # fmt: skip


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    """A deployed site that was then told to archive."""

    def prepare(server: Server) -> None:
        configure(server, WAL_ARCHIVE="on", WAL_KEEP_DAYS="3")
        deploy(server)
        until(Site(server).is_ready, "the site is not ready", timeout=60)

    image = rack.made_once("archiving", suite, prepare, on=deployed_image(rack, suite))
    with rack.server(image) as archiving:
        until(Site(archiving).is_ready, "the site is not ready", timeout=60)
        yield archiving


def sql(server: Server, query: str) -> str:
    return server.run("cd / && runuser -u postgres -- psql -XAt -v ON_ERROR_STOP=1 db_oc_pizza", stdin=query).stdout


def digests(server: Server) -> str:
    """A sum a table, over every byte of the rows that orders are made of, but for the hour that the worker corrects by itself."""
    psql = "runuser -u postgres -- psql -XAt -v ON_ERROR_STOP=1 db_oc_pizza"
    one = (
        f'set -eo pipefail; cd /; for table in {" ".join(TABLES)}; do echo $table; {psql} -c "{ROWS}" | sha256sum; done'
    )
    return server.run(one).stdout


def a_moment(server: Server) -> str:
    """A second on a clock in Paris that began after all that was done, once it is over."""
    return server.run("sleep 1; TZ=Europe/Paris date '+%F %T' && sleep 1.1").stdout.strip()


def a_quiet_moment(server: Server) -> tuple[str, str]:
    """A second in which no job was at the orders, and what they were then."""
    for _try in range(20):
        before, moment, after = digests(server), a_moment(server), digests(server)
        if before == after:
            return moment, before
    raise AssertionError("the jobs never end")


def full_backups(server: Server) -> int:
    return server.run(f"{PGBACKREST} info").stdout.count("full backup:")


def delete_all_orders(server: Server) -> None:
    """As somebody would who is in a hurry."""
    sql(server, "SET session_replication_role = replica; DELETE FROM ordering_orderline; DELETE FROM ordering_order;")
    assert sql(server, "SELECT count(*) FROM ordering_order") == "0\n"


def recover(server: Server, *options: str, check: bool = True) -> Result:
    return server.run(" ".join((RECOVER, *options)), check=check, timeout=300)


def test_back_to_a_second_before_a_delete_every_row_is_there_and_the_shop_sells(server: Server) -> None:
    site = Site(server)
    placed = [site.place(site.order_body()).json() for _order in range(3)]
    backups = full_backups(server)
    moment, before = a_quiet_moment(server)
    delete_all_orders(server)

    done = recover(server, f"--to '{moment}'", "--yes")
    assert moment in done.stdout
    assert last_run(server) == [(step, "CORRECT") for step in STEPS]
    assert digests(server) == before
    for order in placed:
        assert site.ask(f"/api/v1/orders/{order['token']}").json()["number"] == order["number"]
    assert site.place(site.order_body()).status == 201
    # The new life has a backup of its own, made while the shop sells.
    until(lambda: full_backups(server) > backups, "no backup after the recovery", timeout=180, every=1)
    assert "Rien à changer" in deploy(server).stdout

    # Had a power cut ended the engine, the site would be open again on these data: they stay, and so do the others.
    kept = server.run(f"ls -d {BEFORE}").stdout.strip()
    server.write(f"{HOME}/OC_PIZZA_shared/recovery-begun", f"KEPT={kept}\nPOSTGRESQL=active\nSITE=active\n")

    # It was not the right moment after all.
    assert sql(server, "SELECT count(*) FROM ordering_order") != "0\n"
    assert "est encore là" in recover(server, f"--to '{moment}'", "--yes", check=False).stderr
    assert "1 commande(s)" in recover(server, "--undo", "--yes").stdout
    assert sql(server, "SELECT count(*) FROM ordering_order") == "0\n"
    assert server.run(f"ls -d {BEFORE}", check=False).stdout == ""
    # The life that was left has a younger backup; it is not what this one starts from.
    recover(server, f"--to '{moment}'", "--yes")
    assert digests(server) == before
    recover(server, "--discard-previous", "--yes")
    assert server.run(f"ls -d {BEFORE}", check=False).stdout == ""
    until(site.is_ready, "the site is not ready", timeout=60)


def test_a_moment_to_which_nothing_leads_is_told_and_nothing_is_touched(server: Server) -> None:
    postgresql = "systemctl show -p MainPID --value 'postgresql@*'"
    running = server.run(postgresql).stdout
    for moment, why in (
        ("2026-02-30 10:00:00", "n’est pas un instant"),
        ("2100-01-01 00:00:00", "n’est pas encore passé"),
        ("2020-01-01 00:00:00", "Aucune sauvegarde n’était finie"),
    ):
        done = recover(server, f"--to '{moment}'", "--yes", check=False)
        assert done.returncode != 0
        assert why in done.stderr
    for option in ("--undo", "--discard-previous"):
        assert "Aucune base d’avant" in recover(server, option, "--yes", check=False).stderr
    assert "--yes" in recover(server, f"--to '{a_moment(server)}'", check=False).stderr
    assert "commande(s)" in recover(server, f"--to '{a_moment(server)}'", "--check").stdout
    assert server.run(postgresql).stdout == running
    until(Site(server).is_ready, "the site is not ready", timeout=60)


def test_an_archive_with_a_hole_and_a_recovery_that_is_killed_leave_the_data_as_they_were(server: Server) -> None:
    site = Site(server)
    sql(server, "SELECT pg_switch_wal()")
    moment = a_moment(server)
    body = site.order_body()
    token = site.place(body).json()["token"]

    # Killed while the data are set aside: the site stays closed, and the next run puts back first.
    running = server.spawn(f"exec {RECOVER} --to '{moment}' --yes")
    until(lambda: server.run(f"ls -d {BEFORE}", check=False).stdout != "", "nothing was set aside", timeout=120)
    running.kill()
    assert site.ask("/").status == 503
    assert "interrompu" in deploy(server, "--check", check=False).stderr
    assert "reprend sa place" in recover(server, "--undo", "--yes").stderr
    assert site.ask(f"/api/v1/orders/{token}").status == 200

    # What was archived last is lost.
    written = sql(server, "SELECT pg_walfile_name(pg_current_wal_lsn())").strip()
    moment = a_moment(server)
    sql(server, "SELECT pg_current_xact_id(); SELECT pg_switch_wal()")
    found = f"find /var/lib/pgbackrest/archive -name '{written}-*'"
    until(lambda: server.run(found).stdout != "", "nothing was archived")
    server.run(f"{found} -delete")
    done = recover(server, f"--to '{moment}'", "--yes", check=False)
    assert done.returncode == 1
    assert "ce qui est archivé n’y mène pas" in done.stderr
    assert next(name for name, became in last_run(server) if became != "CORRECT") == "Database-recovering"
    assert server.run(f"ls -d {BEFORE}", check=False).stdout == ""
    assert site.ask(f"/api/v1/orders/{token}").status == 200
    assert site.place(body).status == 201


def test_a_repository_that_takes_nothing_is_seen_and_does_not_stop_the_shop(server: Server) -> None:
    site = Site(server)
    server.run("chown -R root: /var/lib/pgbackrest/archive && chmod -R go-w /var/lib/pgbackrest/archive")
    done = server.run(f"{PGBACKREST} --archive-timeout=5 check", check=False)
    assert done.returncode != 0
    assert "unable to" in done.output or "permission" in done.output.lower()
    assert server.run("systemctl start oc-pizza-wal-diff", check=False).returncode != 0
    assert site.place(site.order_body()).status == 201
    assert deploy(server, "--check", check=False).returncode == 2
    server.run("chown -R postgres: /var/lib/pgbackrest/archive")
    until(
        lambda: server.run(f"{PGBACKREST} check", check=False).returncode == 0, "it does not archive again", timeout=90
    )


def test_turned_off_again_postgresql_keeps_no_journal_for_nobody(server: Server) -> None:
    configure(server, WAL_ARCHIVE="off")
    # Of another time, too: a role that may not make databases.
    sql(server, "ALTER ROLE ubuntu_user NOCREATEDB")
    assert "Ce qui est archivé reste" in deploy(server).stdout
    assert ("Wal-archive-deactivation", "CORRECT") in last_run(server)
    assert sql(server, "SHOW archive_mode") == "off\n"
    assert sql(server, "SELECT rolcreatedb FROM pg_roles WHERE rolname = 'ubuntu_user'") == "t\n"
    assert server.run("systemctl list-timers --all --no-legend 'oc-pizza-wal*'").stdout == ""
    assert "Rien à changer" in deploy(server).stdout
    assert "full backup:" in server.run(f"{PGBACKREST} info").stdout
    assert Site(server).place(Site(server).order_body()).status == 201
