"""What a deployed server shows to the outside, and what its own processes may do."""

import json
import re
import socket
import ssl
from collections.abc import Iterator

import pytest

from tests.server.deploying import DOMAIN, HOME, Site, deployed_server
from tests.server.machine import Rack, Server

OURS = ("gunicorn", "oc-pizza-live", "oc-pizza-worker", "oc-pizza-cron-city_001-cyclic_update")
BEST_EXPOSURE = 2.0


@pytest.fixture(scope="module")
def server(rack: Rack, suite: str) -> Iterator[Server]:
    """One server for all that is only looked at."""
    with deployed_server(rack, suite) as deployed:
        deployed.run("apt-get -q -y install openssh-server >/dev/null", timeout=300)
        yield deployed


def is_open(server: Server, port: int) -> bool:
    with socket.socket() as attempt:
        attempt.settimeout(0.5)
        return attempt.connect_ex((server.address, port)) == 0


def test_only_ssh_and_the_site_answer_from_outside(server: Server) -> None:
    # Proof that the firewall is what closes: a port on which somebody listens is closed as well.
    other = server.spawn("exec python3 -m http.server 8000")
    server.run("until ss -Hltn 'sport = :8000' | grep -q .; do sleep 0.1; done", timeout=20)
    listening = {int(port) for port in re.findall(r":(\d+) ", server.run("ss -Hltn | awk '{print $4 \" \"}'").stdout)}
    assert {22, 80, 443, 8000} <= listening
    open_ports = {port for port in listening | {5432, 8001, 9001} if is_open(server, port)}
    other.kill()
    assert open_ports == {22, 80, 443}


def test_the_database_listens_to_this_machine_alone_and_to_nobody_without_rights(server: Server) -> None:
    assert "5432" not in server.run("ss -Hltn | awk '{print $4}' | grep -v -e ^127.0.0.1: -e '^\\[::1\\]:'").stdout
    refused = server.run("runuser -u nobody -- psql -d db_oc_pizza -c 'SELECT 1'", check=False)
    assert refused.returncode != 0
    rights = "SELECT rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls, rolcreatedb FROM pg_roles WHERE rolname = 'ubuntu_user'"
    assert server.run("cd / && runuser -u postgres -- psql -At", stdin=rights).stdout == "f|t\n"


def test_the_sites_own_role_has_no_right_to_change_the_journal(server: Server) -> None:
    asked = "cd / && runuser -u ubuntu_user -- psql -XAt -v ON_ERROR_STOP=1 db_oc_pizza"
    assert server.run(asked, stdin="SELECT count(*) >= 0 FROM ledger_entry").stdout == "t\n"
    for change in ("UPDATE ledger_entry SET amount = 0", "DELETE FROM ledger_entry", "TRUNCATE ledger_closing"):
        tried = server.run(asked, stdin=change, check=False)
        assert "permission denied for table ledger_" in tried.stderr, tried


def test_the_sites_own_user_cannot_change_its_code_nor_who_it_is(server: Server) -> None:
    for place in (
        f"{HOME}/OC_PIZZA/manage.py",
        f"{HOME}/OC_PIZZA/oc_pizza_venv/bin/gunicorn",
        f"{HOME}/OC_PIZZA/static/x",
        f"{HOME}/x",
    ):
        tried = server.run(f"runuser -u ubuntu_user -- bash -c 'echo x >>{place}'", check=False)
        assert "Permission denied" in tried.stderr, place
    for change in (
        f"rm {HOME}/OC_PIZZA",
        f"mv {HOME}/OC_PIZZA_releases {HOME}/elsewhere",
        f"rmdir {HOME}/OC_PIZZA_shared/media",
    ):
        assert server.run(f"runuser -u ubuntu_user -- {change}", check=False).returncode != 0
    assert server.run("id --name --groups ubuntu_user").stdout == "ubuntu_user\n"
    assert server.run("getent shadow ubuntu_user | cut -d: -f2").stdout.strip() in {"!", "*", "!*"}
    assert (
        server.run(f"cd / && runuser -u ubuntu_user -- find {HOME}/OC_PIZZA/ -writable -not -type l -print").stdout
        == ""
    )


def test_the_environment_file_is_roots_alone_and_its_secrets_are_nowhere_else(server: Server) -> None:
    environment = f"{HOME}/OC_PIZZA_shared/environment"
    assert server.run(f"stat -c '%U %a' {environment}").stdout == "root 600\n"
    assert server.run(f"runuser -u ubuntu_user -- cat {environment}", check=False).returncode != 0
    secret = re.search(r'^SECRET_KEY="(\w+)"$', server.read(environment), re.MULTILINE)
    assert secret
    assert len(secret[1]) >= 64
    password = server.read(f"{HOME}/OC_PIZZA_shared/premier-responsable").split("mot de passe: ")[1].split()[0]
    for kept_to_itself in (secret[1], password):
        assert (
            server.run(
                f"grep -rl {kept_to_itself} /var/log /etc /tmp /root /run/systemd {HOME}/OC_PIZZA/", check=False
            ).stdout
            == ""
        )
        assert kept_to_itself not in server.run("journalctl --no-pager; ps -eo args").stdout


@pytest.mark.parametrize("unit", OURS)
def test_every_service_is_hardened(server: Server, unit: str) -> None:
    told = server.run(f"systemd-analyze security --no-pager {unit}.service", check=False).stdout
    exposure = re.search(r"Overall exposure level for \S+: ([\d.]+)", told)
    assert exposure, told
    assert float(exposure[1]) <= BEST_EXPOSURE, told


def test_the_logs_are_in_the_journal_and_name_the_service(server: Server) -> None:
    site = Site(server)
    token = site.place(site.order_body()).json()["token"]
    assert site.ask(f"/commande/{token}/").status == 200
    answers = [json.loads(line) for line in server.journal("gunicorn", "--output=cat", "--grep=GET 200").splitlines()]
    assert answers[-1]["logger"] == "gunicorn.access"
    assert re.fullmatch(r"[0-9a-f]{32}", answers[-1]["request_id"])
    # Who has an order's secret may read and cancel it.
    assert token not in server.run("journalctl --no-pager").stdout


def test_plain_http_leads_to_https(server: Server) -> None:
    with socket.create_connection((server.address, 80), 5) as plain:
        plain.sendall(f"GET /carte/bastille/ HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n".encode())
        answer = plain.makefile("rb").read().decode()
    assert answer.startswith("HTTP/1.1 301")
    assert f"Location: https://{DOMAIN}/carte/bastille/" in answer


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize(
    ("version", "spoken"),
    [
        (ssl.TLSVersion.TLSv1, False),
        (ssl.TLSVersion.TLSv1_1, False),
        (ssl.TLSVersion.TLSv1_2, True),
        (ssl.TLSVersion.TLSv1_3, True),
    ],
)
def test_only_tls_1_2_and_1_3_are_spoken(server: Server, version: ssl.TLSVersion, spoken: bool) -> None:  # noqa: FBT001
    trust = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
    # What this machine's OpenSSL would not offer by itself; the server is to be the one who refuses.
    trust.set_ciphers("ALL:@SECLEVEL=0")
    trust.minimum_version = trust.maximum_version = version
    with socket.create_connection((server.address, 443), 5) as plain:
        try:
            with trust.wrap_socket(plain, server_hostname=DOMAIN) as secured:
                chosen = secured.cipher()
        except (ssl.SSLError, ConnectionError):
            chosen = None
    assert (chosen is not None) == spoken
    if chosen and version is ssl.TLSVersion.TLSv1_2:
        assert re.match(r"ECDHE-.*(GCM|CHACHA20)", chosen[0])


def test_the_answers_carry_what_protects_a_browser(server: Server) -> None:
    headers = Site(server).ask("/").headers
    assert int(re.findall(r"max-age=(\d+)", headers["Strict-Transport-Security"])[0]) >= 15_552_000
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert not re.search(r"\d", headers.get("Server", ""))


def test_static_files_come_compressed_from_the_disk_and_for_ever(server: Server) -> None:
    site = Site(server)
    style = re.findall(r'/static/[^"]*house\.[0-9a-f]{12}\.css', site.ask("/").text)[0]
    for encoding in ("br", "gzip"):
        answer = site.ask(style, accept_encoding=encoding)
        assert answer.headers["Content-Encoding"] == encoding
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_command_of_the_manual_runs_as_the_sites_user_whoever_types_it_with_sudo(server: Server) -> None:
    told = server.run(
        f"cd {HOME}/OC_PIZZA && ./manage.py shell -v 0 -c 'import os; print(os.getuid(), os.environ[\"USER\"])'"
    ).stdout
    assert told.split() == [server.run("id -u ubuntu_user").stdout.strip(), "ubuntu_user"]
    refused = server.run(f"runuser -u nobody -- {HOME}/OC_PIZZA/manage.py check", check=False)
    assert refused.returncode == 1
    assert "sudo ./manage.py" in refused.stderr
