"""Where an account is open, and signing out from afar (C12)."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.devices import in_words, network_of
from tests.cast import People

DEVICES = "/compte/appareils/"
PHONE = "Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"


@pytest.fixture
def phone(people: People) -> Client:
    return _signed_in(people, PHONE)


@pytest.fixture
def desk(people: People) -> Client:
    return _signed_in(people, DESK)


def _signed_in(people: People, browser: str) -> Client:
    client = Client(headers={"User-Agent": browser}, REMOTE_ADDR="203.0.113.77")
    client.post("/compte/connexion/", {"login": "alice@example.org", "password": "une-phrase-pour-les-tests"})
    return client


def _is_open(client: Client) -> bool:
    return client.get("/compte/").status_code == 200


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        (PHONE, "Firefox sur Android"),
        (DESK, "Chrome sur Windows"),
        (DESK + " Edg/142.0", "Edge sur Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Mobile/15E148 Safari/604.1",
            "Safari sur iPhone",
        ),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/18.0 Safari/605.1.15", "Safari sur Mac"),
        ("curl/8.5", "Un navigateur inconnu"),
        ("<img onerror=alert(1)>\x00", "Un navigateur inconnu"),
    ],
)
def test_a_device_is_named_as_people_name_it(browser: str, words: str) -> None:
    assert in_words(browser) == words


def test_an_address_is_shown_shortened() -> None:
    assert network_of("203.0.113.77") == "203.0.113.…"
    assert network_of("2001:db8:1:2::3") == "2001:0db8:0001:…"
    assert network_of("") == ""


def test_alice_sees_where_she_is_signed_in(phone: Client, desk: Client) -> None:
    page = desk.get(DEVICES).content.decode()
    assert page.index("Chrome sur Windows") < page.index("celui-ci") < page.index("Firefox sur Android")
    assert "203.0.113.…" in page
    assert "203.0.113.77" not in page


def test_alice_signs_a_lost_phone_out(phone: Client, desk: Client) -> None:
    lost = UserSession.objects.get(user_agent=PHONE)
    assert "Appareil déconnecté" in desk.post(DEVICES, {"device": lost.pk}, follow=True).content.decode()
    assert not _is_open(phone)
    assert _is_open(desk)


def test_alice_signs_all_others_out_at_once(phone: Client, desk: Client) -> None:
    assert "1 appareil déconnecté" in desk.post(DEVICES, follow=True).content.decode()
    assert not _is_open(phone)
    assert _is_open(desk)


def test_nobody_signs_another_out_and_this_device_stays(people: People, phone: Client) -> None:
    luca = Client()
    luca.force_login(people.pizzaiolo)
    for device in (UserSession.objects.get(user=people.alice).pk, "x", "", "9" * 30, -1):
        assert luca.post(DEVICES, {"device": device}).status_code == 302
    assert _is_open(phone)
    phone.post(DEVICES, {"device": UserSession.objects.get(user=people.alice).pk})
    assert _is_open(phone)


def test_last_seen_follows_within_a_quarter_of_an_hour(phone: Client) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    UserSession.objects.update(last_seen_at=yesterday)
    session = phone.session
    session["seen_at"] = yesterday.timestamp()
    session.save()
    phone.get("/compte/")
    assert UserSession.objects.get().last_seen_at > timezone.now() - timedelta(minutes=1)
