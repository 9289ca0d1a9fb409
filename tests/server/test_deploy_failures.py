"""A step that cannot do its work stops there, says why, and leaves a running site running."""

from collections.abc import Iterator

import pytest

from tests.server.commands import until
from tests.server.deploying import (
    CHECKOUT,
    HOME,
    LOGS,
    PROJECT,
    Site,
    change_project,
    configure,
    copy_project,
    deploy,
    deployed_server,
    last_run,
    release_in_service,
)
from tests.server.machine import Rack, Result, Server

SUITES = ("bookworm",)
"""See `conftest`: the distribution has no part in what is tried here."""


@pytest.fixture
def server(rack: Rack) -> Iterator[Server]:
    with deployed_server(rack, "bookworm") as deployed:
        yield deployed


def assert_stopped_at(server: Server, done: Result, event: str, why: str) -> None:
    """Stopped in this event with the reason on the screen and in the log; the site answers as before."""
    assert done.returncode == 1, done
    assert why in done.output, done
    name, status = last_run(server)[-1]
    assert (name, status.startswith("ERROR")) == (event, True), server.read(LOGS)
    assert "/var/log/oc-pizza/deploy_" in status
    assert Site(server).ask("/readyz").json()["release"] == release_in_service(server)


def test_a_package_that_cannot_be_had(server: Server) -> None:
    server.run("dpkg --force-depends --remove libnginx-mod-http-brotli-static >/dev/null")
    server.write(
        "/etc/apt/preferences.d/never", "Package: libnginx-mod-http-brotli-static\nPin: release *\nPin-Priority: -1\n"
    )
    done = deploy(server, check=False)
    assert_stopped_at(server, done, "Packages-installation", "libnginx-mod-http-brotli-static")


def test_a_database_that_refuses_the_role(server: Server) -> None:
    server.run(
        "sed -i 's/^local *all *all *peer/local all all reject/' /etc/postgresql/*/main/pg_hba.conf && systemctl reload postgresql"
    )
    done = deploy(server, check=False)
    assert done.returncode == 1
    name, status = last_run(server)[-1]
    assert (name, status.startswith("ERROR")) == ("User-association", True)
    assert "pg_hba.conf" in done.output


@pytest.mark.parametrize(
    ("file", "text", "why"),
    [
        ("OC_PIZZA/wsgi.py", "import no_such_module\n", "no_such_module"),
        (
            "pizzeria/operations/health.py",
            "\n\ndef problems() -> dict[str, str]:\n    return {'oven': 'cold'}\n",
            "oven",
        ),
    ],
    ids=["does not import", "does not get ready"],
)
def test_a_broken_release_is_never_switched_to(server: Server, file: str, text: str, why: str) -> None:
    before = release_in_service(server)
    server.run(f"cat >>{PROJECT}/{file}", stdin=text)
    done = deploy(server, check=False)
    assert_stopped_at(server, done, "Gunicorn-service-file-configuration", why)
    assert release_in_service(server) == before
    assert f"La version {before} reste en service" in done.output


def test_settings_that_do_not_load_stop_before_the_database(server: Server) -> None:
    server.run(f"echo 'raise RuntimeError(\"no settings today\")' >>{PROJECT}/OC_PIZZA/settings.py")
    done = deploy(server, check=False)
    assert_stopped_at(server, done, "Database-upgrading", "no settings today")


def test_a_migration_that_fails_leaves_the_schema_as_it_was(server: Server) -> None:
    folder = CHECKOUT / "pizzeria" / "stores" / "migrations"
    last = max(folder.glob("0*.py")).stem
    server.write(
        f"{PROJECT}/pizzeria/stores/migrations/9999_broken.py",
        "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
        f"    dependencies = [('stores', '{last}')]\n"
        "    operations = [migrations.RunSQL('CREATE TABLE half (id int)'), migrations.RunSQL('SELECT no_such_column')]\n",
    )
    done = deploy(server, check=False)
    assert_stopped_at(server, done, "Database-upgrading", "no_such_column")
    assert (
        server.run("runuser -u postgres -- psql -At db_oc_pizza -c \"SELECT to_regclass('half')\"").stdout.strip() == ""
    )


def test_a_disk_that_fills_up(server: Server) -> None:
    before = release_in_service(server)
    change_project(server)
    with server.small_disk("/srv/small", size="60m"):
        # The releases move to a small disk, the one in service included.
        server.run(f"mkdir /srv/small/r && mount --bind /srv/small/r {HOME}/OC_PIZZA_releases", check=True)
        done = deploy(server, check=False)
        server.run(f"umount {HOME}/OC_PIZZA_releases")
    assert done.returncode == 1
    assert "No space left on device" in done.output
    assert last_run(server)[-1][0] == "Virtual-environment-installation"
    assert release_in_service(server) == before
    assert Site(server).ask("/readyz").json()["release"] == before


def test_an_nginx_configuration_that_is_refused_is_taken_back(server: Server) -> None:
    server.run(f"echo 'no_such_directive on;' >>{PROJECT}/DEPLOY_ENGINE/conf_files/nginx_OC_PIZZA")
    done = deploy(server, check=False)
    assert done.returncode == 1
    assert "no_such_directive" in done.output
    assert last_run(server)[-1][0] == "Nginx-service-file-configuration"
    server.run("nginx -t")
    until(Site(server).is_ready, "the site is not ready", timeout=60)


def test_an_invalid_deploy_conf_changes_nothing(server: Server) -> None:
    before, log = release_in_service(server), server.read(LOGS)
    change_project(server)
    configure(server, WEB_WORKERS="beaucoup", TLS="parfois")
    done = deploy(server, check=False)
    assert done.returncode == 1
    for wrong in ("WEB_WORKERS", "TLS"):
        assert wrong in done.output
    assert (release_in_service(server), server.read(LOGS)) == (before, log)


@pytest.fixture
def bare(rack: Rack) -> Iterator[Server]:
    with rack.server("trixie") as server:
        copy_project(server)
        yield server


def assert_refused(bare: Server, *reasons: str) -> None:
    """Preflight names every reason, and the server is as bare as it was."""
    done = deploy(bare, check=False)
    assert done.returncode == 1
    assert "Rien n’a été changé" in done.output
    for why in reasons:
        assert why in done.output, done
    assert not bare.exists(LOGS)
    assert bare.run("dpkg-query -W nginx postgresql", check=False).stdout == ""


def test_a_port_that_somebody_else_has(bare: Server) -> None:
    other = bare.spawn("exec python3 -m http.server 443")
    bare.run("until ss -Hltn 'sport = :443' | grep -q .; do sleep 0.1; done", timeout=20)
    assert_refused(bare, "Le port 443 est pris par python3")
    other.kill()


def test_all_that_keeps_a_server_from_being_ready_is_told_at_once(bare: Server) -> None:
    bare.run("useradd --create-home ubuntu_user")
    nobody = 'Acquire::http::Proxy "http://127.0.0.1:9";\nAcquire::https::Proxy "http://127.0.0.1:9";\n'
    bare.write("/etc/apt/apt.conf.d/99nobody", nobody)
    with bare.small_disk("/var/lib/small", size="10m"):
        bare.run(
            "mkdir /var/lib/small/ubuntu_user && chown ubuntu_user /var/lib/small/ubuntu_user && mount --bind /var/lib/small /home"
        )
        assert_refused(bare, "/home n’a que", "est celui d’une personne", "hors d’atteinte")
        bare.run("umount /home")
