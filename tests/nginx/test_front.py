"""What nginx does itself: files from the disk, headers, names, live events passed on, and what it says when nobody is behind it."""

import base64
import contextlib
import hashlib
import http.client
import re
import time

import psycopg
import pytest
from django.utils import translation

from local.nginx import CONF_FILES
from pizzeria.api.problems import plain_problem
from tests.fronted import STORE, FrontedSite
from tests.nginx.asking import Answer, ask, connect
from tests.running import CHECKOUT

pytestmark = pytest.mark.machine

PAGES = CONF_FILES / "pages"
SOON = 0.5
"""For as long nginx keeps what the site says."""
AT_ONCE = 2.5
"""For a machine that is busy; half of what the hub's own look would take, were nobody told."""
ONCE = (
    "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy", "Permissions-Policy",
    "Strict-Transport-Security", "X-Request-ID",
)  # fmt: skip


def _stylesheet(site: FrontedSite) -> str:
    found = re.search(r"/static/oc_pizza/css/house\.[0-9a-f]{12}\.css", ask(site.front, f"/carte/{STORE}/").text)
    assert found
    return found[0]


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
    for path in ("/commande/never-was/", "/compte/lien/navigateur/x/"):
        assert ask(fronted.front, path).headers["Referrer-Policy"] == "strict-origin"
    assert ask(fronted.front, "/").headers["Referrer-Policy"] == "same-origin"


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
        assert time.monotonic() - committed < AT_ONCE


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
    with fronted.without_pages():
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
    with fronted.without_pages():
        answer = ask(fronted.front, "/api/v1/stores")

    assert (answer.status, answer.headers["Retry-After"]) == (503, "30")
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert answer.json == _problem(503)


def test_files_are_served_while_the_site_is_away(fronted: FrontedSite) -> None:
    stylesheet = _stylesheet(fronted)
    with fronted.without_pages():
        assert ask(fronted.front, stylesheet).status == 200


@pytest.mark.parametrize(("name", "status"), [("too_large", 413), ("too_many_requests", 429), ("maintenance", 503)])
def test_what_nginx_says_to_the_api_is_what_django_would_say(name: str, status: int) -> None:
    assert Answer(status, http.client.HTTPMessage(), (PAGES / f"{name}.json").read_bytes()).json == _problem(status)


def _problem(status: int) -> object:
    with translation.override("fr"):
        return Answer(status, http.client.HTTPMessage(), plain_problem(status).content).json
