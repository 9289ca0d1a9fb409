"""TLS=letsencrypt, against the authority's own test server (pebble), which asks nginx for certbot's proof."""

import json
import socket
import ssl
from collections.abc import Iterator

import pytest

from tests.server.deploying import DOMAIN, configure, deploy, deployed_server, last_run
from tests.server.machine import Rack, Server

AUTHORITY = "https://localhost:14000/dir"
PEBBLE = {
    "pebble": {
        "listenAddress": "127.0.0.1:14000",
        "managementListenAddress": "127.0.0.1:15000",
        "certificate": "/root/pebble/cert.pem",
        "privateKey": "/root/pebble/key.pem",
        "httpPort": 80,
        "tlsPort": 443,
    }
}
TRUSTED = "/usr/local/share/ca-certificates"


@pytest.fixture
def server(rack: Rack, suite: str) -> Iterator[Server]:
    """A server whose name an authority can look up, and which trusts that authority as it trusts the real one."""
    with deployed_server(rack, suite) as deployed:
        deployed.run("apt-get -q -y install pebble >/dev/null", timeout=300)
        deployed.run(f"echo '127.0.0.1 {DOMAIN}' >>/etc/hosts; mkdir /root/pebble")
        deployed.run(
            "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost "
            f"-keyout /root/pebble/key.pem -out /root/pebble/cert.pem && cp /root/pebble/cert.pem {TRUSTED}/pebble.crt "
            "&& update-ca-certificates"
        )
        deployed.write("/root/pebble/config.json", json.dumps(PEBBLE))
        # It would refuse one right request in twenty, to try its clients; certbot gives up at the second in a row.
        authority = deployed.spawn(
            "PEBBLE_VA_NOSLEEP=1 PEBBLE_WFE_NONCEREJECT=0 exec pebble -config /root/pebble/config.json"
        )
        deployed.run(
            "until curl -sf https://localhost:15000/roots/0 >/root/pebble/root.pem; do sleep 0.2; done", timeout=30
        )
        deployed.run(f"cp /root/pebble/root.pem {TRUSTED}/pebble-root.crt && update-ca-certificates")
        yield deployed
        authority.kill()


def served_certificate(server: Server) -> tuple[str, int]:
    """Who signed what the site shows, checked against that authority's root, and its serial number."""
    trust = ssl.create_default_context(cadata=server.read("/root/pebble/root.pem"))
    with (
        socket.create_connection((server.address, 443), 5) as plain,
        trust.wrap_socket(plain, server_hostname=DOMAIN) as secured,
    ):
        shown = secured.getpeercert() or {}
    issuer = dict(pair for part in shown["issuer"] for pair in part)  # type: ignore[misc]
    return str(issuer["commonName"]), int(str(shown["serialNumber"]), 16)


def test_a_certificate_is_asked_for_shown_and_renewed(server: Server) -> None:
    configure(server, TLS="letsencrypt", TLS_EMAIL="edgar@ocpizza.fr", ACME_SERVER=AUTHORITY)
    deploy(server)
    assert [status for _event, status in last_run(server)] == ["CORRECT"] * 15
    issuer, first = served_certificate(server)
    assert issuer.startswith("Pebble")
    assert "Rien à changer" in deploy(server).stdout

    # As certbot's own timer does, when the time has come.
    assert server.run("systemctl is-enabled certbot.timer").stdout == "enabled\n"
    server.run("certbot renew --force-renewal --quiet --no-random-sleep-on-renew", timeout=120)
    server.run(
        f"until [ $(echo | openssl s_client -connect localhost:443 -servername {DOMAIN} 2>/dev/null | openssl x509 -noout -serial | cut -d= -f2) != {first:X} ]; do sleep 0.2; done",
        timeout=20,
    )
    assert served_certificate(server)[1] != first
