"""Menus through nginx: kept for half a second, the same for everybody, never behind the stock by a second."""

import gzip
import re
import statistics
from collections.abc import Callable

import pytest
from django.conf import settings

from benchmarks.freshness import stale_seconds
from local.nginx import CONF_FILES
from tests.fronted import STORE, FrontedSite
from tests.nginx.asking import Answer, ask, connect
from tests.nginx.echo import telling

pytestmark = pytest.mark.machine

MENU = f"/carte/{STORE}/"
CHANGES = 8


def _kept(answer: Callable[[], Answer]) -> Answer:
    """What is answered from the cache: the second of two requests, unless half a second began between them."""
    for _attempt in range(50):
        answer()
        second = answer()
        if second.cache == "HIT":
            return second
    pytest.fail("nothing is kept")


def test_a_menu_is_asked_of_the_site_once_and_then_answered_by_nginx(fronted: FrontedSite) -> None:
    first = ask(fronted.front, MENU)
    kept = _kept(lambda: ask(fronted.front, MENU))

    assert first.status == kept.status == 200
    assert first.body == kept.body
    assert kept.headers["Cache-Control"] == "public, max-age=0, s-maxage=1"


def test_a_change_of_stock_is_seen_in_less_than_a_second(fronted: FrontedSite) -> None:
    waits = stale_seconds(lambda: connect(fronted.front), STORE, changes=CHANGES, environment=fronted.environment)

    assert len(waits) == CHANGES
    # Half a second at most; the rest is room for a machine that does other things at one of these moments.
    assert statistics.median(waits) < 0.75, waits
    assert max(waits) < 3.0, waits


def test_a_browser_that_has_the_menu_is_not_sent_it_again(fronted: FrontedSite) -> None:
    etag = ask(fronted.front, MENU).headers["ETag"]

    again = ask(fronted.front, MENU, if_none_match=etag)

    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", etag)


def test_head_tells_of_a_menu_what_get_would(fronted: FrontedSite) -> None:
    head, whole = ask(fronted.front, MENU, "HEAD"), ask(fronted.front, MENU)

    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == str(len(whole.body))
    assert head.headers["ETag"] == whole.headers["ETag"]


def test_the_address_says_the_language_and_the_first_word_counts(fronted: FrontedSite) -> None:
    for query, language in {
        "": "fr",
        "?lang=en": "en",
        "?lang=de": "fr",
        "?lang=en&lang=fr": "en",
        "?lang=fr&lang=en": "fr",
        "?LANG=en": "en",
    }.items():
        for _before_and_after_it_is_kept in range(2):
            answer = ask(fronted.front, f"{MENU}{query}", accept_language="en")
            assert f'<html lang="{language}">' in answer.text, query


def test_every_language_of_the_site_can_be_asked_of_the_cache() -> None:
    declared = re.search(
        r"map \$arg_lang \$shared_query {(.*?)}", (CONF_FILES / "nginx" / "http.conf").read_text(), re.DOTALL
    )

    assert declared
    known = set(re.findall(r"^\s+(\S+) lang=\1;$", declared[1], re.MULTILINE))
    assert known == set(dict(settings.LANGUAGES)) - {settings.LANGUAGE_CODE}


def test_what_a_query_string_adds_makes_neither_another_entry_nor_another_page(fronted: FrontedSite) -> None:
    plain = ask(fronted.front, MENU)

    tracked = _kept(lambda: ask(fronted.front, f"{MENU}?utm_source=x&store=other"))

    assert tracked.body == plain.body
    assert _kept(lambda: ask(fronted.front, f"{MENU}?{id(plain)}")).body == plain.body


@pytest.mark.parametrize("accepted", ["gzip", "br, gzip", "deflate, gzip;q=0.5", "GZIP"])
def test_who_takes_gzip_gets_it_and_the_same_page(fronted: FrontedSite, accepted: str) -> None:
    plain = ask(fronted.front, MENU)

    zipped = _kept(lambda: ask(fronted.front, MENU, accept_encoding=accepted))

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.body) == plain.body
    assert zipped.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("accepted", ["", "identity", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
def test_who_refuses_gzip_does_not_get_it(fronted: FrontedSite, accepted: str) -> None:
    ask(fronted.front, MENU, accept_encoding="gzip")

    assert ask(fronted.front, MENU, accept_encoding=accepted).headers["Content-Encoding"] is None


def test_nothing_of_who_asks_gets_into_a_menu(fronted: FrontedSite) -> None:
    stranger = ask(fronted.front, MENU)

    known = ask(
        fronted.front, MENU, cookie="sessionid=x; django_language=en", authorization="Bearer x", hx_request="true"
    )

    assert known.body == stranger.body
    assert known.headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    "path",
    ["/", "/moi/", "/panier/", "/suivre/", "/equipe/connexion/", f"{MENU}restant/", f"{MENU}attente/", "/readyz"],
)
def test_what_is_personal_or_trusted_is_never_kept(fronted: FrontedSite, path: str) -> None:
    for _time in range(2):
        answer = ask(fronted.front, path)
        assert (answer.status, answer.cache) == (200, None)


def test_what_to_expect_is_asked_of_the_site_with_the_postal_code() -> None:
    asked = f"{MENU}attente/?lang=en&code=75011"

    with telling("self-signed") as told:
        assert ask(told, asked).json["path"] == asked


def test_two_visitors_each_find_their_own_cart(fronted: FrontedSite) -> None:
    variant = re.search(r'name="variant" value="(\d+)"', ask(fronted.front, MENU).text)
    assert variant
    added = ask(
        fronted.front, "/panier/ajouter/", "POST", body=f"store={STORE}&variant={variant[1]}".encode(),
        content_type="application/x-www-form-urlencoded", sec_fetch_site="same-origin",
    )  # fmt: skip
    cookie = added.headers["Set-Cookie"].split(";")[0]

    mine, theirs = ask(fronted.front, "/moi/", cookie=cookie), ask(fronted.front, "/moi/")

    assert "cart-pill__count" in mine.text
    assert "cart-pill__count" not in theirs.text


def test_an_error_is_not_kept(fronted: FrontedSite) -> None:
    for _time in range(2):
        missing = ask(fronted.front, "/carte/nulle-part/")
        assert (missing.status, missing.cache) == (404, "MISS")


def test_pictures_are_kept_for_as_long_as_their_address_lives(fronted: FrontedSite) -> None:
    picture = re.search(r"/images/[^\"]+\.svg", ask(fronted.front, MENU).text)
    assert picture

    kept = _kept(lambda: ask(fronted.front, picture[0], accept_encoding="gzip"))

    assert kept.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(kept.body).startswith(b"<svg")
    assert _kept(lambda: ask(fronted.front, picture[0])).body == gzip.decompress(kept.body)
