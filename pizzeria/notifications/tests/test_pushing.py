"""Web push: sealed for one browser, signed by this site, and forgotten when the browser is gone."""

import socket
import time
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from pizzeria.notifications import pushing
from pizzeria.notifications.delivering import send_due
from pizzeria.notifications.models import Notice, Subscription
from pizzeria.notifications.pushing import Asked
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel_as_staff
from tests.cast import House, People
from tests.pushed import Browser, browsing, signed_by

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _key(settings: Settings) -> None:
    settings.VAPID_PRIVATE_KEY = pushing.new_private_key()
    settings.SITE_URL = "https://pizza.example"


@pytest.fixture
def browser() -> Iterator[Browser]:
    with browsing() as there:
        yield there


@pytest.fixture
def order(house: House, browser: Browser) -> Order:
    """Gaspard's, whose telephone asked to be told."""
    placed = house.order()
    pushing.subscribe(asked=Asked(**browser.subscription), order=placed)
    return placed


def cancelled(order: Order, people: People) -> None:
    cancel_as_staff(order=order, acting_user=people.manager, reason="Plus de pâte")


def test_a_browser_that_asked_is_told_in_a_message_that_it_alone_can_open(
    order: Order, people: People, browser: Browser
) -> None:
    cancelled(order, people)
    assert send_due(channel="push") == 1
    (shown,) = browser.shown
    assert (shown["title"], shown["body"]) == (f"Commande {order.number} annulée", "Plus de pâte")
    assert shown["url"] == f"https://pizza.example/commande/{order.token}/"
    assert shown["stop"].startswith("/compte/lien/messages/p")
    assert order.token.encode() not in browser.service.messages[0].body


def test_a_push_service_reads_who_we_are_and_for_how_long_it_helps(
    order: Order, people: People, browser: Browser
) -> None:
    cancelled(order, people)
    send_due(channel="push")
    (message,) = browser.service.messages
    claims = signed_by(message, pushing.public_key())
    assert claims["aud"] == browser.service.url.rstrip("/")
    assert claims["sub"].startswith("mailto:")
    assert time.time() < claims["exp"] <= time.time() + 24 * 3600
    assert (message.headers["ttl"], message.headers["urgency"]) == ("1800", "high")


@pytest.mark.parametrize("status", [401, 403, 404, 410])
def test_a_browser_that_is_gone_is_forgotten(order: Order, people: People, browser: Browser, status: int) -> None:
    browser.service.answers[:] = [status]
    cancelled(order, people)
    assert send_due(channel="push") == 0
    assert not Subscription.objects.exists()
    assert (Notice.objects.get().status, Notice.objects.get().answered) == ("failed", "nobody_there")


def test_a_push_service_that_is_busy_is_asked_again(order: Order, people: People, browser: Browser) -> None:
    browser.service.answers[:] = [503]
    cancelled(order, people)
    assert send_due(channel="push") == 0
    assert (Notice.objects.get().status, Notice.objects.get().answered) == ("due", "http_503")
    assert Subscription.objects.count() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"endpoint": "http://push.example/1"},
        {"endpoint": "https://10.0.0.7/1"},
        {"endpoint": "https://[::ffff:169.254.169.254]/latest"},
        {"endpoint": "https://push.example/" + "x" * 2000},
        {"endpoint": "file:///etc/passwd"},
        {"p256dh": "not-a-key"},
        {"auth": "c2hvcnQ"},
        {"p256dh": "\x00"},
    ],
)
def test_nobody_sends_our_server_where_only_it_can_go(
    house: House, browser: Browser, settings: Settings, changed: dict[str, str]
) -> None:
    settings.WEBHOOK_LOOPBACK = False
    with pytest.raises(pushing.SubscriptionRefused):
        pushing.subscribe(asked=Asked(**browser.subscription | changed), order=house.order())


def test_a_browser_keeps_its_place_and_an_order_has_ten_at_most(house: House, browser: Browser) -> None:
    order = house.order()
    for number in range(12):
        there = Asked(**browser.subscription | {"endpoint": f"{browser.service.url}push/{number}"})
        pushing.subscribe(asked=there, order=order)
        pushing.subscribe(asked=there, order=order)
    assert Subscription.objects.count() == pushing.MOST


def test_a_browser_that_asks_for_a_second_order_is_still_told_of_the_first(
    house: House, people: People, order: Order, browser: Browser
) -> None:
    pushing.subscribe(asked=Asked(**browser.subscription), order=house.order())
    cancelled(order, people)
    assert send_due(channel="push") == 1
    assert len(browser.shown) == 1


def test_a_browser_that_asked_for_an_order_and_for_its_account_is_told_once(
    house: House, people: People, browser: Browser
) -> None:
    order = house.order(customer=people.alice)
    asked = Asked(**browser.subscription)
    pushing.subscribe(asked=asked, customer=people.alice)
    pushing.subscribe(asked=asked, order=order)
    cancelled(order, people)
    send_due(channel="push")
    assert len(browser.shown) == 1


def test_a_shared_computer_tells_of_the_account_that_asked_last(people: People, browser: Browser) -> None:
    for who in (people.alice, people.outsider):
        pushing.subscribe(asked=Asked(**browser.subscription), customer=who)
    assert Subscription.objects.get().customer == people.outsider


def test_nobody_waits_for_a_name_server_with_a_row_in_hand(
    house: House, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, depth, depths = house.order(), len(connection.savepoint_ids), []
    whole = socket.getaddrinfo

    def looked_up(*asked: Any, **more: Any) -> Any:
        depths.append(len(connection.savepoint_ids) - depth)
        return whole(*asked, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    pushing.subscribe(asked=Asked(**browser.subscription), order=order)
    assert depths == [0]


def test_a_key_is_made_by_a_command_and_signs_as_it_is() -> None:
    out = StringIO()
    call_command("vapidkeys", stdout=out)
    assert out.getvalue().startswith('VAPID_PRIVATE_KEY="')
    assert len(out.getvalue().strip()) == len('VAPID_PRIVATE_KEY=""') + 43


def test_without_a_key_no_browser_is_told(order: Order, people: People, settings: Settings) -> None:
    settings.VAPID_PRIVATE_KEY = ""
    cancelled(order, people)
    assert send_due(channel="push") == 0
    assert (pushing.public_key(), Notice.objects.get().answered) == ("", "not_offered")
