"""What nginx does itself: files from the disk, headers, names, live events passed on, and what it says when nobody is behind it."""

import base64
import contextlib
import hashlib
import http.client
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.utils import translation

from local.nginx import CONF_FILES, Front, running
from pizzeria.api.problems import plain_problem
from tests.fronted import STORE, FrontedSite, front_in
from tests.nginx.asking import HERE, Answer, ask, ask_plainly, connect
from tests.nginx.echo import Echo, echo
from tests.running import CHECKOUT, new_data_folder

pytestmark = pytest.mark.machine

PAGES = CONF_FILES / "pages"
SOON = 0.5
ONCE = (
    "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy",
    "Strict-Transport-Security", "X-Request-ID",
)  # fmt: skip


def _stylesheet(site: FrontedSite) -> str:
    found = re.search(r"/static/oc_pizza/css/house\.[0-9a-f]{12}\.css", ask(site.front, f"/carte/{STORE}/").text)
    assert found
    return found[0]


@contextlib.contextmanager
def _without_pages(site: FrontedSite) -> Iterator[None]:
    site.stop_pages()
    try:
        yield
    finally:
        site.start_pages()


# --- files


@pytest.mark.parametrize(
    ("accepted", "encoding"), [("br, gzip", "br"), ("gzip", "gzip"), ("identity", None), ("zstd", None)]
)
def test_a_static_file_comes_as_it_was_compressed_once(
    fronted: FrontedSite, accepted: str, encoding: str | None
) -> None:
    answer = ask(fronted.front, _stylesheet(fronted), accept_encoding=accepted)

    assert (answer.status, answer.headers["Content-Encoding"]) == (200, encoding)
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_file_whose_name_does_not_change_with_its_content_is_asked_for_again(fronted: FrontedSite) -> None:
    answer = ask(fronted.front, "/static/oc_pizza/css/house.css")

    assert answer.headers["Cache-Control"] == "no-cache"
    assert ask(fronted.front, "/static/oc_pizza/css/house.css", if_none_match=answer.headers["ETag"]).status == 304


def test_a_page_of_the_release_before_still_finds_its_files(fronted: FrontedSite) -> None:
    before = fronted.front.home / "OC_PIZZA_previous" / "static"
    before.mkdir(parents=True)
    (before / "old.0123456789ab.css").write_text("body { color: red }")

    found = ask(fronted.front, "/static/old.0123456789ab.css")

    assert (found.status, found.body) == (200, b"body { color: red }")
    assert found.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    missing = ask(fronted.front, "/static/never.0123456789ab.css")
    assert (missing.status, missing.headers["Cache-Control"]) == (404, None)


def test_the_web_app_manifest_says_what_it_is(fronted: FrontedSite) -> None:
    answer = ask(fronted.front, "/static/oc_pizza/manifest.webmanifest")

    assert answer.headers["Content-Type"] == "application/manifest+json"


def test_what_people_sent_is_shown_and_never_run(fronted: FrontedSite) -> None:
    media = fronted.front.shared / "media"
    (media / "photo.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>")
    (media / "way-out").symlink_to(CHECKOUT / "README.md")

    photo = ask(fronted.front, "/media/photo.svg")

    assert photo.status == 200
    assert "sandbox" in photo.headers["Content-Security-Policy"]
    assert photo.headers["X-Content-Type-Options"] == "nosniff"
    assert ask(fronted.front, "/media/way-out").status == 403


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.env", "/static/.hidden", "/static/../manage.py", "/static/%2e%2e/manage.py", "/media/.x"],
)
def test_nothing_hidden_or_above_is_served(fronted: FrontedSite, path: str) -> None:
    (fronted.front.home / "OC_PIZZA" / "manage.py").write_text("secret")

    answer = ask(fronted.front, path)

    assert answer.status in {400, 404}
    assert b"secret" not in answer.body


# --- headers


@pytest.mark.parametrize(
    "path",
    ["/", f"/carte/{STORE}/", "/nulle-part/", "/equipe/connexion/", "/api/v1/stores", "/api/v1/nothing", "/readyz",
     "/static/oc_pizza/css/house.css", "/static/nothing", "/live/?topic=wrong", f"/carte/{STORE}/restant/"],
)  # fmt: skip
def test_every_answer_has_each_security_header_once(fronted: FrontedSite, path: str) -> None:
    answer = ask(fronted.front, path)

    for name in ONCE:
        if not (name == "X-Request-ID" and answer.cache == "HIT"):
            assert len(answer.headers.get_all(name) or []) == 1, (path, name)
    assert answer.headers["Server"] == "nginx"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_script_or_style_inside_a_page_is_run_but_that_of_the_pages_that_stand_alone(fronted: FrontedSite) -> None:
    policy = ask(fronted.front, "/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    standing_alone = [
        *PAGES.glob("*.html"),
        *(CHECKOUT / "pizzeria/shop/templates" / f"{code}.html" for code in (500, 503)),
    ]
    assert len(standing_alone) == 5
    for page in standing_alone:
        for style in re.findall(r"<style>(.*?)</style>", page.read_text(), re.DOTALL):
            digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in policy, page


def test_an_orders_page_does_not_tell_its_address(fronted: FrontedSite) -> None:
    assert ask(fronted.front, "/commande/never-was/").headers["Referrer-Policy"] == "strict-origin"
    assert ask(fronted.front, "/").headers["Referrer-Policy"] == "same-origin"


# --- names


@pytest.fixture(scope="module")
def told() -> Iterator[Front]:
    """A front before something that answers with the request that it was passed."""
    folder = new_data_folder()
    front = front_in(folder, tls="self-signed")
    with echo(front.pages), echo(front.live), running(front):
        yield front


def _heard(front: Front, path: str, **headers: str) -> Echo:
    answer = ask(front, path, **headers)
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


# --- live events


def test_a_live_event_arrives_at_once(fronted: FrontedSite) -> None:
    with contextlib.closing(connect(fronted.front)) as connection:
        connection.request("GET", "/live/?topic=menu:1")
        stream = connection.getresponse()
        assert stream.headers["Content-Type"] == "text/event-stream"
        _read_until(stream, b"event: hello")
        with psycopg.connect(fronted.database_url, autocommit=True) as database:
            database.execute(
                "INSERT INTO live_liveevent (topic, kind, payload, created_at) VALUES ('menu:1', 'makeable', '{}', now())"
            )
            committed = time.monotonic()
        _read_until(stream, b"event: makeable")
        assert time.monotonic() - committed < SOON


def _read_until(stream: http.client.HTTPResponse, wanted: bytes) -> None:
    for line in stream:
        if line.startswith(wanted):
            return
    pytest.fail(f"the stream ended without {wanted!r}")


def test_a_stream_that_nobody_serves_is_a_plain_503(fronted: FrontedSite) -> None:
    fronted.stop_live()
    try:
        answer = ask(fronted.front, "/live/?topic=menu:1")
    finally:
        fronted.start_live()

    assert (answer.status, answer.body, answer.headers["Retry-After"]) == (503, b"", "5")


# --- désactivation


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", f"/carte/{STORE}/"), ("POST", "/commander/"), ("GET", "/equipe/")]
)
def test_without_the_site_every_page_is_the_houses_maintenance_page(
    fronted: FrontedSite, method: str, path: str
) -> None:
    with _without_pages(fronted):
        # What was kept of a menu is not shown for longer than it would be otherwise.
        time.sleep(SOON)
        answer = ask(fronted.front, path, method, body=b"a=1" if method == "POST" else None)

    assert (answer.status, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (503, "30", "no-store")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text == (PAGES / "maintenance.html").read_text()
    assert "Le site est en maintenance" in answer.text
    assert "The site is under maintenance" in answer.text
    assert ask(fronted.front, "/").status == 200


def test_the_maintenance_page_asks_for_nothing_else() -> None:
    for page in PAGES.glob("*.html"):
        assert not re.search(r"<(link|script|img|iframe)|url\(|@import", page.read_text()), page


def test_without_the_site_the_api_says_what_the_site_would_say_of_itself(fronted: FrontedSite) -> None:
    with _without_pages(fronted):
        answer = ask(fronted.front, "/api/v1/stores")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json == _problem(503)


def test_files_are_served_while_the_site_is_away(fronted: FrontedSite) -> None:
    stylesheet = _stylesheet(fronted)
    with _without_pages(fronted):
        assert ask(fronted.front, stylesheet).status == 200


@pytest.mark.parametrize(("name", "status"), [("too_large", 413), ("too_many_requests", 429), ("maintenance", 503)])
def test_what_nginx_says_to_the_api_is_what_django_would_say(name: str, status: int) -> None:
    assert Answer(status, http.client.HTTPMessage(), (PAGES / f"{name}.json").read_bytes()).json == _problem(status)


def _problem(status: int) -> object:
    with translation.override("fr"):
        return Answer(status, http.client.HTTPMessage(), plain_problem(status).content).json


# --- logs


def test_the_log_knows_the_request_and_not_its_secrets(fronted: FrontedSite) -> None:
    answer = ask(
        fronted.front,
        "/commande/a-secret-token/suivi/?seen=a-secret-query",
        user_agent="a-browser",
        referer="a-secret-page",
    )
    ask(fronted.front, "/api/v1/orders/another-secret-token")
    ask(fronted.front, "/live/?topic=order:a-third-secret-token", "POST")

    line = _line(fronted.front.folder / "log" / "oc_pizza_access.log", answer.headers["X-Request-ID"])

    assert '"GET /commande/*/suivi/ HTTP/1.1" 404' in line
    assert re.search(r"time=\d+\.\d+ upstream=\d+\.\d+ cache=- tls=TLSv1\.3 id=[0-9a-f]{32}", line)
    assert line.startswith(HERE)
    assert "secret" not in (fronted.front.folder / "log" / "oc_pizza_access.log").read_text()


def test_an_error_on_a_secret_address_is_not_printed_with_it(fronted: FrontedSite) -> None:
    with _without_pages(fronted):
        assert (
            ask(fronted.front, "/commande/a-secret-token/", referer="https://localhost/commande/a-secret-token/").status
            == 503
        )
        assert ask(fronted.front, "/api/v1/orders/a-secret-token").status == 503
        ask(fronted.front, "/panier/")

    told = (fronted.front.folder / "log" / "oc_pizza_error.log").read_text()
    assert "/panier/" in told
    assert "secret" not in told


def _line(log: Path, wanted: str) -> str:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if wanted in line:
                return line
        time.sleep(0.1)
    pytest.fail(f"{wanted} is not in {log}")


# --- without TLS


def test_without_tls_the_site_answers_as_it_is_and_promises_nothing(fronted: FrontedSite) -> None:
    folder = new_data_folder()
    front = front_in(folder, tls="off")
    with echo(front.pages), running(front):
        answer = ask_plainly(front, "/")
        assert answer.json["headers"]["x-forwarded-proto"] == "http"
        assert answer.headers["Strict-Transport-Security"] is None
        assert answer.headers["Content-Security-Policy"]
        with pytest.raises(ConnectionRefusedError), socket.create_connection((HERE, front.tls_port), 1):
            pass
