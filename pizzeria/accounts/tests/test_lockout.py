"""Ten wrong passwords, and the account takes none from strangers; its owner comes in all the same (C11, A1)."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import authenticate
from django.core import signing
from django.core.mail import EmailMultiAlternatives
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pizzeria.accounts import lockout, unlocking
from pizzeria.accounts.lockout import AccountLocked
from pizzeria.accounts.models import Attempt, Mail, User
from pizzeria.accounts.sending import send
from pizzeria.accounts.services import reissue_password
from tests.cast import PASSWORD, People
from tests.races.together import together

pytestmark = pytest.mark.story

STAFF_DOOR = "/equipe/connexion/"
DOOR = "/compte/connexion/"


@pytest.fixture
def alice(people: People) -> User:
    EmailAddress.objects.update_or_create(user=people.alice, email=people.alice.email, defaults={"verified": True})
    return people.alice


def _staff_tries(browser: Client, password: str, identifier: str = "luca") -> int:
    return browser.post(STAFF_DOOR, {"identifier": identifier, "password": password}).status_code


def _client_tries(browser: Client, password: str, email: str = "alice@example.org") -> int:
    return browser.post(DOOR, {"login": email, "password": password}).status_code


def _addresses(count: int) -> Iterator[str]:
    return (f"198.{18 + number // 65536}.{number // 256 % 256}.{number % 256}" for number in range(count))


def _attacked(identifier: str = "luca", times: int = 11) -> list[int]:
    return [_staff_tries(Client(REMOTE_ADDR=address), "wrong-password", identifier) for address in _addresses(times)]


@pytest.mark.parametrize("identifier", ["luca", "nobody-of-this-name"])
def test_the_eleventh_wrong_password_is_not_looked_at_whether_there_is_an_account_or_not(
    people: People, identifier: str
) -> None:
    assert _attacked(identifier) == [422] * 10 + [429]
    page = Client().post(STAFF_DOOR, {"identifier": identifier.upper(), "password": PASSWORD})
    assert page.status_code == 429
    assert "/compte/bloque/" in page.content.decode()


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_ten_thousand_wrong_passwords_from_ten_thousand_addresses_and_the_owner_still_comes_in(people: People) -> None:
    known = Client()
    assert _staff_tries(known, PASSWORD) == 302
    known.post("/equipe/deconnexion/")
    tries = [RequestFactory().post(STAFF_DOOR, REMOTE_ADDR=address) for address in _addresses(10_000)]

    def attack(part: int) -> dict[str, int]:
        outcomes = {"looked at": 0, "refused": 0}
        for number, request in enumerate(tries[part::8]):
            try:
                assert authenticate(request, username="luca", password=f"wrong-{part}-{number}") is None
                outcomes["looked at"] += 1
            except AccountLocked:
                outcomes["refused"] += 1
        return outcomes

    outcomes = together([partial(attack, part) for part in range(8)])
    assert sum((Counter(outcome) for outcome in outcomes), Counter()) == {"looked at": 10, "refused": 9_990}  # type: ignore[arg-type]
    assert _staff_tries(Client(), PASSWORD) == 429
    assert _staff_tries(known, PASSWORD) == 302
    link = Client()
    link.post(f"/compte/lien/navigateur/{unlocking.link_secret(user=people.pizzaiolo)}/")
    assert _staff_tries(link, PASSWORD) == 302


def test_whoever_holds_a_first_password_comes_in_and_their_browser_is_known(people: People) -> None:
    """A colleague without an address: the way out of a lock is their responsable's sheet."""
    issued = reissue_password(user=people.pizzaiolo)
    assert _attacked()[-2:] == [422, 429]
    browser, own = Client(), {"password": "le chat de la voisine", "again": "le chat de la voisine"}
    assert _staff_tries(browser, issued) == 302
    browser.post("/equipe/mot-de-passe/", own)
    browser.post("/equipe/deconnexion/")
    assert _staff_tries(Client(), own["password"]) == 429
    assert _staff_tries(browser, own["password"]) == 302


def test_a_browser_that_knows_one_account_is_a_stranger_to_another(people: People) -> None:
    browser = Client()
    _staff_tries(browser, PASSWORD, "chloe")
    browser.post("/equipe/deconnexion/")
    _attacked("luca")
    assert _staff_tries(browser, PASSWORD, "luca") == 429


def test_a_known_browser_has_ten_tries_too_and_its_cookie_cannot_be_made(people: People) -> None:
    browser = Client()
    _staff_tries(browser, PASSWORD)
    cookie = browser.cookies["oc_known"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    stolen = Client()
    stolen.cookies["oc_known"] = cookie.value
    assert [_staff_tries(stolen, "wrong") for _try in range(11)] == [422] * 10 + [429]
    _attacked()
    forged = Client()
    forged.cookies["oc_known"] = signing.dumps(["name", [people.pizzaiolo.pk]], key="another key")
    assert _staff_tries(forged, PASSWORD) == 429


def test_a_right_password_begins_the_count_anew(people: People) -> None:
    for _round in range(3):
        assert [_staff_tries(Client(), "wrong") for _try in range(9)] == [422] * 9
        assert _staff_tries(Client(), PASSWORD) == 302


def test_a_quarter_of_an_hour_later_strangers_may_try_again(people: People) -> None:
    _attacked()
    Attempt.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert _staff_tries(Client(), PASSWORD) == 302


def test_an_account_is_one_account_at_either_door(alice: User) -> None:
    for address in _addresses(5):
        assert _client_tries(Client(REMOTE_ADDR=address), "wrong") in (200, 422)
    assert _attacked(alice.identifier, 6) == [422] * 5 + [429]
    assert _client_tries(Client(), PASSWORD) == 429
    assert _client_tries(Client(), PASSWORD, "ALICE@example.org ") == 429


def test_the_link_of_a_mail_lets_its_browser_in_once_and_for_an_hour(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    _attacked()
    secret = unlocking.link_secret(user=people.pizzaiolo)
    browser, other = Client(), Client()
    path = f"/compte/lien/navigateur/{secret}/"
    assert browser.get(path).status_code == 200
    assert browser.post(path)["Location"] == STAFF_DOOR
    assert other.post(path).status_code == 410
    assert _staff_tries(other, PASSWORD) == 429
    assert _staff_tries(browser, "wrong") == 422
    assert _staff_tries(browser, PASSWORD) == 302
    monkeypatch.setattr(unlocking, "LINK_LIFE", timedelta(seconds=-1))
    assert other.get(f"/compte/lien/navigateur/{unlocking.link_secret(user=people.cashier)}/").status_code == 410


def test_a_link_is_worth_nothing_after_the_password_has_changed_nor_for_whoever_has_left(people: People) -> None:
    luca, secret = people.pizzaiolo, unlocking.link_secret(user=people.pizzaiolo)
    luca.is_active = False
    luca.save()
    assert unlocking.owner_of_link(secret) is None
    luca.is_active = True
    luca.set_password("another-passphrase")
    luca.save()
    assert unlocking.owner_of_link(secret) is None
    assert unlocking.owner_of_link("x:y:z") is None


def test_a_password_that_is_right_too_late_takes_no_longer_than_a_wrong_one(people: People) -> None:
    """The same statements, and one hash or none, for an account that is there and for one that is not."""
    statements = {}
    for identifier in ("luca", "nobody-of-this-name"):
        with CaptureQueriesContext(connection) as asked:
            _staff_tries(Client(), "wrong", identifier)
        statements[identifier] = [query["sql"].split()[0] for query in asked]
    assert statements["luca"] == statements["nobody-of-this-name"]


def test_a_new_password_from_the_responsable_opens_the_account(people: People) -> None:
    _attacked()
    lockout.release(user=people.pizzaiolo)
    assert _staff_tries(Client(), PASSWORD) == 302


def _asked(email: str) -> str:
    return Client().post("/compte/bloque/", {"email": email}).content.decode().replace(email, "…")


def test_whoever_asks_for_a_link_reads_the_same_and_only_the_owner_of_an_account_is_written_to(
    people: People, mailoutbox: list[EmailMultiAlternatives]
) -> None:
    User.objects.filter(pk=people.pizzaiolo.pk).update(email="luca@example.org")
    EmailAddress.objects.create(user=people.pizzaiolo, email="luca@example.org", verified=True, primary=True)
    assert _asked("luca@example.org") == _asked("nobody@example.org")
    assert [mail.to for mail in Mail.objects.all()] == ["luca@example.org"]
    send(mail_id=Mail.objects.get().pk)
    [mail] = mailoutbox
    [path] = re.findall(r"http://testserver(/compte/lien/navigateur/\S+)", str(mail.body))
    _attacked()
    browser = Client()
    assert browser.post(path).status_code == 302
    assert _staff_tries(browser, PASSWORD) == 302


def test_nobody_fills_a_mailbox_with_links_and_one_that_works_is_always_in_it(alice: User) -> None:
    for _time in range(8):
        _asked("alice@example.org")
    assert Mail.objects.count() == 5
    assert unlocking.LINKS_SENT.window <= unlocking.LINK_LIFE


def test_what_is_no_address_is_asked_for_again(db: None) -> None:
    for typed in ("", "luca", "@" * 300):
        assert Client().post("/compte/bloque/", {"email": typed}).status_code == 422


def test_two_who_share_an_address_are_counted_each_for_themselves(people: People) -> None:
    """A colleague's right password does not let the guessing of the other's begin anew."""
    for colleague in (people.cashier, people.driver):
        User.objects.filter(pk=colleague.pk).update(email="boutique@example.org")
    people.driver.set_password("celui-de-karim")
    people.driver.save()
    guesses = ["wrong"] * 8 + ["celui-de-karim"] + ["wrong"] * 4
    met = [_client_tries(Client(), guess, "boutique@example.org") for guess in guesses]
    assert met[-1] == 429
    assert _staff_tries(Client(), PASSWORD, "chloe") == 429


def test_an_address_that_somebody_only_asked_for_opens_nothing_of_theirs(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="nina@example.org", verified=False, primary=False)
    assert _client_tries(Client(), PASSWORD, "nina@example.org") in (200, 422)


def test_one_mail_lets_in_who_is_client_and_colleague_at_one_address(alice: User, people: People) -> None:
    EmailAddress.objects.create(user=people.cashier, email="chloe@example.org", verified=True, primary=True)
    User.objects.filter(pk=people.cashier.pk).update(email="chloe@example.org")
    client = User.objects.create_user(
        "client-1", PASSWORD, email="chloe@example.org", first_name="Chloé", last_name="A"
    )
    _attacked("chloe")
    browser = Client()
    for user in (people.cashier, client):
        assert unlocking.owner_of_link(unlocking.link_secret(user=user)) == user
    browser.post(f"/compte/lien/navigateur/{unlocking.link_secret(user=client)}/")
    assert _staff_tries(browser, PASSWORD, "chloe") == 302


def test_a_thousand_tries_from_the_customers_wifi_do_not_shut_out_the_shops_own_browser(people: People) -> None:
    wifi = "198.51.100.7"
    browser = Client(REMOTE_ADDR=wifi)
    assert _staff_tries(browser, PASSWORD, "renata") == 302
    browser.post("/equipe/deconnexion/")
    for number in range(101):
        _staff_tries(Client(REMOTE_ADDR=wifi), "wrong", f"somebody-{number}")
    assert _staff_tries(Client(REMOTE_ADDR=wifi), PASSWORD, "chloe") == 429
    assert _staff_tries(browser, PASSWORD, "renata") == 302
