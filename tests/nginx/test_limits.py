"""How much one address may ask for at once, send, and how long it may take; and that a shop full of students notices none of it."""

import re
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from local.nginx import CONF_FILES
from tests.fronted import STORE, FrontedSite
from tests.nginx.asking import HERE, Answer, ask

pytestmark = pytest.mark.machine

PAGES = CONF_FILES / "pages"
MOST_BYTES = 1_000_000
STUDENTS = 100
HEADER_SECONDS = 10
FORM = {"content_type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def addresses() -> Iterator[str]:
    """Addresses that nobody has come from yet."""
    return (f"127.0.1.{number}" for number in count(1))


def _sign_in(site: FrontedSite, source: str) -> Answer:
    return ask(site.front, "/equipe/connexion/", "POST", body=b"identifier=x&password=y", source=source, **FORM)


def test_who_tries_passwords_is_soon_told_to_wait(fronted: FrontedSite, addresses: Iterator[str]) -> None:
    source = next(addresses)

    answers = [_sign_in(fronted, source) for _try in range(130)]

    # A hundred students behind one address sign in at noon.
    assert [answer.status for answer in answers[:100]] == [403] * 100
    refused = answers[-1]
    assert (refused.status, refused.headers["Retry-After"]) == (429, "5")
    assert refused.text == (PAGES / "too_many_requests.html").read_text()
    # Only this is refused to them, and only to them.
    assert ask(fronted.front, f"/carte/{STORE}/", source=source).status == 200
    assert ask(fronted.front, "/equipe/connexion/", source=source).status == 200
    assert _sign_in(fronted, next(addresses)).status == 403


def test_who_guesses_the_numbers_of_orders_is_soon_told_to_wait(fronted: FrontedSite, addresses: Iterator[str]) -> None:
    source = next(addresses)

    answers = [
        ask(fronted.front, "/suivre/", "POST", body=b"number=P-00000", source=source, **FORM) for _try in range(130)
    ]

    assert answers[-1].status == 429


def test_a_flood_of_orders_is_refused_in_the_apis_words(fronted: FrontedSite, addresses: Iterator[str]) -> None:
    source = next(addresses)

    with ThreadPoolExecutor(8) as visitors:
        answers = list(
            visitors.map(
                lambda _number: ask(fronted.front, "/api/v1/orders", "POST", body=b"{}", source=source), range(150)
            )
        )

    refused = [answer for answer in answers if answer.status == 429]
    assert 1 <= len(refused) < 60
    assert refused[0].json["code"] == "too_many_requests"
    assert refused[0].headers["Content-Type"].startswith("application/problem+json")


def test_a_shop_full_of_students_orders_from_one_address_without_meeting_a_limit(
    fronted: FrontedSite, addresses: Iterator[str]
) -> None:
    source = next(addresses)
    pictures = re.findall(r"/images/[^\"]+\.svg", ask(fronted.front, f"/carte/{STORE}/").text)

    def visit(_number: int) -> set[int]:
        paths = ["/", f"/carte/{STORE}/", f"/moi/?store={STORE}", pictures[0], "/panier/", "/commander/"]
        answers = [ask(fronted.front, path, source=source) for path in paths]
        answers.append(ask(fronted.front, "/commander/", "POST", body=b"", source=source, **FORM))
        return {answer.status for answer in answers}

    with ThreadPoolExecutor(10) as students:
        statuses = set().union(*students.map(visit, range(STUDENTS)))

    # No CSRF token: the order itself is refused by the site, not by nginx.
    assert statuses == {200, 302, 403}


def test_the_machine_itself_and_known_addresses_are_not_limited(fronted: FrontedSite) -> None:
    assert {_sign_in(fronted, HERE).status for _try in range(40)} == {403}


def test_a_body_that_is_too_large_is_refused_before_it_is_read(fronted: FrontedSite) -> None:
    page = ask(fronted.front, "/commander/", "POST", body=b"x" * (MOST_BYTES + 1), **FORM)
    document = ask(fronted.front, "/api/v1/orders", "POST", body=b"x" * (MOST_BYTES + 1))

    assert (page.status, document.status) == (413, 413)
    assert page.text == (PAGES / "too_large.html").read_text()
    assert document.json["code"] == "body_too_large"
    assert ask(fronted.front, "/commander/", "POST", body=b"x" * MOST_BYTES, **FORM).status == 403


def test_who_does_not_finish_a_request_is_not_waited_for(fronted: FrontedSite) -> None:
    with socket.create_connection((HERE, fronted.front.port), HEADER_SECONDS + 10) as slow:
        started = time.monotonic()
        slow.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n")
        with pytest.raises(ConnectionResetError):
            slow.recv(1)
        assert HEADER_SECONDS - 1 < time.monotonic() - started < HEADER_SECONDS + 5
