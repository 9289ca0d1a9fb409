"""How often something may be tried: by address, by what is tried, for all processes alike (UC 1.1, B5, C11)."""

from datetime import timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.db import connection
from django.http import HttpRequest
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from OC_PIZZA.doors import DOORS, READ
from OC_PIZZA.limits import COSTLY_TO_READ, LIMITS
from pizzeria.accounts.limits import Limit, TooManyAttempts, attempt, forget_past_attempts, visitor
from pizzeria.accounts.models import Attempt
from tests.cast import PASSWORD, House, People

pytestmark = pytest.mark.django_db
STRANGER = "203.0.113.9"
TWICE = Limit(name="twice", most=2, window=timedelta(minutes=10))
SITE = {"Sec-Fetch-Site": "same-origin"}


def _from(address: str) -> HttpRequest:
    request = HttpRequest()
    request.META["REMOTE_ADDR"] = address
    return request


def test_the_third_of_two_tries_is_refused_and_told_when_to_come_back() -> None:
    for _try in range(2):
        attempt(limit=TWICE, of="somebody")
    with pytest.raises(TooManyAttempts, match="10 min") as refused:
        attempt(limit=TWICE, of="somebody")
    assert 590 <= refused.value.details["retry_after"] <= 600  # type: ignore[operator]
    attempt(limit=TWICE, of="somebody else")


def test_a_window_that_has_ended_counts_from_nothing_and_is_forgotten_in_the_morning() -> None:
    for _try in range(2):
        attempt(limit=TWICE, of="somebody")
    Attempt.objects.update(until=timezone.now() - timedelta(seconds=1))
    attempt(limit=TWICE, of="somebody")
    assert forget_past_attempts(at=timezone.now()) == 0
    assert forget_past_attempts(at=timezone.now() + timedelta(hours=1)) == 1


def test_the_table_names_nobody() -> None:
    attempt(limit=TWICE, of="alice@example.org")
    assert "alice" not in str(Attempt.objects.values_list().get())


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("203.0.113.9", "203.0.113.10", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.9", "203.0.113.9", True),
    ],
)
def test_a_visitor_is_an_address_or_a_whole_network(one: str, other: str, are_one: bool) -> None:  # noqa: FBT001
    assert (visitor(_from(one)) == visitor(_from(other))) == are_one
    assert visitor(_from(one))


def test_an_address_that_the_operator_names_is_not_counted(settings: Settings) -> None:
    assert [visitor(_from(address)) for address in ("127.0.0.1", "::1", "")] == ["", "", ""]
    assert visitor(_from("not an address"))
    settings.UNLIMITED_ADDRESSES = []
    assert visitor(_from("127.0.0.1"))


def test_what_is_limited_has_a_door_that_takes_what_is_sent_and_what_is_costly_one_that_is_read() -> None:
    assert [name for name in LIMITS if set(DOORS[name].methods) <= set(READ)] == []
    assert [name for name in COSTLY_TO_READ if "GET" not in DOORS[name].methods] == []
    limits: dict[str, Limit] = {}
    for rule in (rule for rules in LIMITS.values() for rule in rules):
        assert limits.setdefault(rule.limit.name, rule.limit) == rule.limit, "one name, one limit"


def _sent(browser: Client, path: str, body: dict[str, str] | None = None) -> int:
    return browser.post(path, body or {}, headers=SITE).status_code


def _as_if_tried(times: int) -> None:
    """As if everything that was counted once had been tried so often."""
    Attempt.objects.filter(count=1).update(count=times)


def test_numbers_of_orders_are_not_guessed_from_one_address_nor_one_number_from_many(house: House) -> None:
    browser = Client(REMOTE_ADDR=STRANGER)
    assert _sent(browser, "/suivre/", {"number": "P-22222", "proof": "06 39 98 12 34"}) == 404
    _as_if_tried(59)
    assert _sent(browser, "/suivre/", {"number": "P-33333", "proof": "06 39 98 12 34"}) == 404
    assert _sent(browser, "/suivre/", {"number": "P-44444", "proof": "06 39 98 12 34"}) == 429
    for last in range(20):
        assert _sent(Client(REMOTE_ADDR=f"198.51.100.{last}"), "/suivre/", {"number": " p-4f7k2", "proof": "x"}) == 404
    assert _sent(Client(REMOTE_ADDR="198.51.100.20"), "/suivre/", {"number": "P-4F7K2", "proof": "x"}) == 429


@pytest.mark.parametrize(("path", "frame"), [("/suivre/", "site-header"), ("/equipe/connexion/", "staff-header")])
def test_who_tries_too_often_reads_what_to_do(house: House, path: str, frame: str) -> None:
    browser = Client(REMOTE_ADDR=STRANGER)
    _sent(browser, path)
    _as_if_tried(100)
    answer = browser.post(path, headers=SITE)
    assert answer.status_code == 429
    assert 0 < int(answer["Retry-After"]) <= 900
    assert answer["Cache-Control"] == "no-store"
    page = answer.content.decode()
    assert "Réessayez dans 15 min." in page
    assert frame in page
    assert browser.get(path).status_code == 200


def test_a_hundred_students_behind_one_address_order_three_times_and_no_more(house: House) -> None:
    browser = Client(REMOTE_ADDR=STRANGER)
    assert _sent(browser, "/commander/") == 422
    _as_if_tried(299)
    assert _sent(browser, "/commander/") == 422
    assert _sent(browser, "/commander/") == 429
    refused = browser.post("/api/v1/orders", "{}", "application/json")
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert refused["Content-Type"] == "application/problem+json"
    assert refused.json()["retry_after"] == int(refused["Retry-After"])
    assert browser.put("/api/v1/orders/nobodys", "{}", "application/json").status_code == 429
    assert browser.get("/api/v1/orders/nobodys").status_code == 404
    assert _sent(browser, "/commander/", {"recalculate": "1"}) == 422
    assert Client(REMOTE_ADDR="203.0.113.77").post("/commander/", headers=SITE).status_code == 422


def test_counting_an_order_is_one_statement(house: House) -> None:
    for browser, expected in ((Client(), 0), (Client(REMOTE_ADDR=STRANGER), 1)):
        with CaptureQueriesContext(connection) as asked:
            browser.post("/api/v1/orders", "{}", "application/json")
        assert len([query for query in asked if "accounts_attempt" in query["sql"]]) == expected


def test_codes_of_a_second_factor_are_counted_by_the_account_whichever_browser_tries_them(people: People) -> None:
    TOTP.activate(people.pizzaiolo, "JBSWY3DPEHPK3PXP")
    browsers = [Client(), Client()]
    for browser in browsers:
        reached = browser.post("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
        assert "/second-facteur/verifier/" in reached["Location"]
    for tried in range(10):
        assert _sent(browsers[tried % 2], "/compte/second-facteur/verifier/", {"code": "000000"}) != 429
    for browser in browsers:
        assert _sent(browser, "/compte/second-facteur/verifier/", {"code": "000000"}) == 429
