"""Who asks, by which name, and what of it reaches the site."""

import re
import socket
from collections.abc import Iterator

import pytest

from local.nginx import Front
from tests.fronted import FrontedSite
from tests.nginx.asking import HERE, ask, ask_plainly
from tests.nginx.echo import Echo, telling

pytestmark = pytest.mark.machine


@pytest.fixture(scope="module")
def told() -> Iterator[Front]:
    with telling("self-signed") as front:
        yield front


def _heard(front: Front, path: str, **headers: str) -> Echo:
    answer = ask(front, path, body=None, **headers)
    assert answer.status == 200
    return Echo(**answer.json)


@pytest.mark.parametrize(
    "path", ["/", "/carte/bastille/", "/images/x.svg", "/commande/x/", "/api/v1/stores", "/live/?topic=menu:1"]
)
def test_a_client_cannot_claim_to_be_another(told: Front, path: str) -> None:
    heard = _heard(
        told, path, x_forwarded_for="1.2.3.4", x_real_ip="1.2.3.4", x_forwarded_proto="http", x_forwarded_host="evil",
        x_forwarded_ssl="off", x_forwarded_protocol="http", forwarded="for=1.2.3.4", proxy="http://evil", x_request_id="mine",
    )  # fmt: skip

    assert heard.headers["x-forwarded-for"] == HERE
    assert heard.headers["x-forwarded-proto"] == "https"
    assert heard.headers["host"] == "localhost"
    assert re.fullmatch(r"[0-9a-f]{32}", heard.headers["x-request-id"])
    assert not {"x-real-ip", "x-forwarded-host", "x-forwarded-ssl", "x-forwarded-protocol", "forwarded", "proxy"} & set(
        heard.headers
    )


def test_a_menu_is_asked_for_without_anything_of_the_visitor(told: Front) -> None:
    heard = _heard(
        told, "/carte/bastille/?lang=en&utm_source=x", cookie="sessionid=x", authorization="Bearer x",
        accept_language="en", accept_encoding="br;q=1, gzip;q=0.8",
    )  # fmt: skip

    assert heard.path == "/carte/bastille/?lang=en"
    assert heard.headers["accept-encoding"] == "gzip"
    assert not {"cookie", "authorization", "accept-language"} & set(heard.headers)


def test_an_address_reaches_the_site_as_it_was_written(told: Front) -> None:
    assert _heard(told, "/suivre/?q=a%2Fb%20c&x=%C3%A9").path == "/suivre/?q=a%2Fb%20c&x=%C3%A9"


def test_each_request_has_a_connection_of_its_own_to_the_site(told: Front) -> None:
    assert _heard(told, "/").headers["connection"] == "close"


@pytest.mark.parametrize("name", ["evil.example", "127.0.0.1", "localhost.evil.example"])
def test_another_name_than_ours_gets_no_answer(fronted: FrontedSite, name: str) -> None:
    with pytest.raises(ConnectionResetError):
        ask_plainly(fronted.front, "/", name=name)
    with pytest.raises(ConnectionResetError):
        ask(fronted.front, "/", host=name)


def test_no_name_at_all_gets_no_answer(fronted: FrontedSite) -> None:
    with socket.create_connection((HERE, fronted.front.port), 5) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            connection.recv(1)


def test_the_sites_other_names_lead_to_its_first(fronted: FrontedSite) -> None:
    answer = ask(fronted.front, "/carte/bastille/?lang=en", name="www.localhost")

    assert (answer.status, answer.headers["Location"]) == (301, "https://localhost/carte/bastille/?lang=en")


def test_without_tls_the_site_answers_as_it_is_and_promises_nothing() -> None:
    with telling("off") as front:
        answer = ask_plainly(front, "/")
        assert answer.json["headers"]["x-forwarded-proto"] == "http"
        assert answer.headers["Strict-Transport-Security"] is None
        assert answer.headers["Content-Security-Policy"]
        assert answer.headers["Server"] == "nginx"
        with pytest.raises(ConnectionRefusedError), socket.create_connection((HERE, front.tls_port), 1):
            pass


def test_behind_another_server_the_visitor_is_known_by_what_that_server_says() -> None:
    is_https = f"set_real_ip_from {HERE}; real_ip_header X-Forwarded-For; set $client_scheme https;"
    with telling("off", in_front=is_https) as front:
        heard = ask_plainly(front, "/", x_forwarded_for="203.0.113.9").json["headers"]
        alias = ask_plainly(front, "/", name="www.localhost")

        tries = {
            address: _tries(front, address) for address in ("2001:db8:1:2::1", "2001:db8:1:2::2", "2001:db8:1:3::1")
        }

    assert (heard["x-forwarded-for"], heard["x-forwarded-proto"]) == ("203.0.113.9", "https")
    assert alias.headers["Location"] == "https://localhost/"
    # Nobody escapes a limit by moving inside the network that is all theirs.
    assert [429 in statuses for statuses in tries.values()] == [False, True, False]


def _tries(front: Front, address: str) -> set[int]:
    return {ask_plainly(front, "/suivre/", "POST", x_forwarded_for=address).status for _try in range(60)}
