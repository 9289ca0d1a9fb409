"""HTTPS, as a stranger finds it."""

import json
import socket
import ssl
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fronted import FrontedSite
from tests.nginx.asking import HERE, ask, ask_plainly

pytestmark = pytest.mark.machine


def test_tls_is_what_mozilla_asks_of_a_server_for_everybody(fronted: FrontedSite, tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    scan = subprocess.run(
        [str(Path(sys.prefix) / "tls" / "bin" / "python"), "-m", "sslyze", "--mozilla_config=intermediate", f"--certinfo_ca_file={fronted.front.certificate}",
         f"--json_out={found}", f"localhost:{fronted.front.tls_port}"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert scan.returncode == 0, scan.stdout + scan.stderr
    result = json.loads(found.read_text())["server_scan_results"][0]["scan_result"]
    for old in ("ssl_2_0", "ssl_3_0", "tls_1_0", "tls_1_1"):
        assert result[f"{old}_cipher_suites"]["result"]["accepted_cipher_suites"] == [], old
    for new in ("tls_1_2", "tls_1_3"):
        assert len(result[f"{new}_cipher_suites"]["result"]["accepted_cipher_suites"]) == 3, new
    assert result["session_renegotiation"]["result"]["is_vulnerable_to_client_renegotiation_dos"] is False


def test_no_ticket_is_handed_out_that_would_open_what_was_recorded(fronted: FrontedSite) -> None:
    context = ssl.create_default_context(cafile=str(fronted.front.certificate))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    with (
        socket.create_connection((HERE, fronted.front.tls_port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.session
        assert not secure.session.has_ticket


def test_http2_is_spoken(fronted: FrontedSite) -> None:
    context = ssl.create_default_context(cafile=str(fronted.front.certificate))
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection((HERE, fronted.front.tls_port), 5) as plain,
        context.wrap_socket(plain, server_hostname="localhost") as secure,
    ):
        assert secure.selected_alpn_protocol() == "h2"


@pytest.mark.parametrize("name", ["localhost", "www.localhost"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_plain_http_leads_to_https(fronted: FrontedSite, method: str, name: str) -> None:
    answer = ask_plainly(fronted.front, "/carte/bastille/?lang=en", method, name=name)

    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/carte/bastille/?lang=en")
    assert answer.headers["Strict-Transport-Security"] is None


def test_the_api_is_refused_over_plain_http_and_leads_nowhere(fronted: FrontedSite) -> None:
    for method, address in (("GET", "/api/v1/stores"), ("POST", "/api/v1/orders")):
        answer = ask_plainly(fronted.front, address, method)
        assert (answer.status, answer.headers["Location"]) == (403, None)


def test_the_authority_finds_certbots_proof_over_plain_http(fronted: FrontedSite) -> None:
    proof = fronted.front.shared / "acme" / ".well-known" / "acme-challenge" / "proof"
    proof.parent.mkdir(parents=True, exist_ok=True)
    proof.write_text("proof.key")

    for ask_it in (ask_plainly, ask):
        answer = ask_it(fronted.front, "/.well-known/acme-challenge/proof")
        assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"proof.key", "text/plain")


def test_apple_finds_the_file_by_which_it_knows_the_domain_where_there_is_one(fronted: FrontedSite) -> None:
    path = "/.well-known/apple-developer-merchantid-domain-association"
    assert ask(fronted.front, path).status == 404
    file = fronted.front.shared / "acme" / path.removeprefix("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("7B227073704964")

    answer = ask(fronted.front, path)

    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (200, b"7B227073704964", "text/plain")
