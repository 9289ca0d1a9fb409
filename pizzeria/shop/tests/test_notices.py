"""What a client is told, and how: their choices, one tap to stop, and the script of the installed page."""

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from pytest_django import Settings

from pizzeria.notifications import pushing, stopping
from pizzeria.notifications.choices import wanted_by, wanted_of
from pizzeria.notifications.models import Stop, Subscription
from pizzeria.ordering.models import Order
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from tests.cast import House, People
from tests.pushed import browsing


@pytest.fixture
def order(house: House) -> Order:
    order = house.order()
    Order.objects.filter(pk=order.pk).update(email="gaspard@example.org")
    order.refresh_from_db()
    return order


def path_of(url: str) -> str:
    return url[url.index("/compte/lien/") :]


def test_a_guest_chooses_what_is_told_of_their_order(shopper: Shopper, order: Order) -> None:
    page = f"/commande/{order.token}/messages/"
    assert 'value="received.mail" checked' in shopper.get(page).content.decode()
    shopper.post(page, {"wanted": ["cancelled.mail", "nonsense.mail"]})
    assert wanted_of(order=order) == {"cancelled.mail"}
    assert 'value="received.mail">' in shopper.get(page).content.decode()


def test_a_client_chooses_for_all_their_orders_and_may_choose_nothing(house: House, people: People) -> None:
    browser = Client()
    browser.force_login(people.alice)
    assert browser.post("/compte/notifications/", {}).status_code == 302
    assert wanted_by(customer=people.alice) == frozenset()
    assert wanted_of(order=house.order(customer=people.alice)) == frozenset()


def test_only_what_the_operator_has_set_up_is_offered(shopper: Shopper, order: Order, settings: Settings) -> None:
    page = f"/commande/{order.token}/messages/"
    assert "received.sms" not in shopper.get(page).content.decode()
    settings.APPRISE_SMS_URL = "json://localhost/{number}"
    settings.VAPID_PRIVATE_KEY = pushing.new_private_key()
    shown = shopper.get(page).content.decode()
    assert 'value="received.sms">' in shown
    assert f'data-push-key="{pushing.public_key()}"' in shown


def test_one_tap_stops_the_mails_without_cookie_or_account(order: Order) -> None:
    link = path_of(stopping.stop_url(order=order, channel="mail"))
    program = Client(enforce_csrf_checks=True)
    answer = program.post(link, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert stopping.is_stopped(order=order, channel="mail")
    assert "C’est arrêté Nous n’écrirons plus à g…@example.org" in words(answer)


def test_whoever_only_looks_at_the_link_stops_nothing(shopper: Shopper, order: Order) -> None:
    page = shopper.get(path_of(stopping.stop_url(order=order, channel="mail")))
    assert "Ne plus recevoir de messages ?" in words(page)
    assert "gaspard@" not in words(page)
    assert not Stop.objects.exists()


def test_who_stopped_may_go_on_from_the_page_of_the_link_that_they_were_sent(shopper: Shopper, order: Order) -> None:
    link = path_of(stopping.stop_url(order=order, channel="mail"))
    shopper.post(link)
    shopper.post(link, {"resume": "1"})
    assert not stopping.is_stopped(order=order, channel="mail")


def test_whoever_orders_with_somebody_elses_address_does_not_lift_their_silence(shopper: Shopper, order: Order) -> None:
    stopping.stop(order=order, channel="mail")
    page = f"/commande/{order.token}/messages/"
    shown = shopper.get(page)
    assert "Vous avez demandé à ne plus recevoir d’e-mails" in words(shown)
    assert 'name="resume"' not in shown.content.decode()
    shopper.post(page, {"resume": "mail"})
    assert stopping.is_stopped(order=order, channel="mail")


@pytest.mark.parametrize("is_proved", [True, False])
def test_an_account_speaks_for_its_address_once_that_is_proved(house: House, people: People, is_proved: object) -> None:
    EmailAddress.objects.filter(user=people.alice).delete()
    EmailAddress.objects.create(user=people.alice, email=people.alice.email, verified=is_proved, primary=True)
    order = house.order(customer=people.alice)
    Order.objects.filter(pk=order.pk).update(email=people.alice.email)
    order.refresh_from_db()
    stopping.stop(order=order, channel="mail")
    browser = Client()
    browser.force_login(people.alice)
    shown = browser.get("/compte/notifications/").content.decode()
    assert ('name="resume" value="mail"' in shown) == is_proved
    browser.post("/compte/notifications/", {"resume": "mail"})
    assert stopping.is_stopped(order=order, channel="mail") != is_proved


@pytest.mark.parametrize("change", [lambda code: code[:-1] + ("A" if code[-1] != "A" else "B"), lambda code: "s" + code[1:],
                                    lambda _code: "m1-" + "A" * 22, lambda _code: "m" + "9" * 18 + "-" + "A" * 22])  # fmt: skip
def test_nobody_stops_the_mails_of_somebody_else(shopper: Shopper, order: Order, change: object) -> None:
    code = stopping.stop_url(order=order, channel="mail").rstrip("/").rpartition("/")[2]
    assert callable(change)
    assert shopper.post(f"/compte/lien/messages/{change(code)}/").status_code == 404
    assert not Stop.objects.exists()


def test_a_browser_that_asks_is_told_and_forgets_by_one_tap(shopper: Shopper, order: Order, settings: Settings) -> None:
    settings.VAPID_PRIVATE_KEY = pushing.new_private_key()
    with browsing() as browser:
        answer = shopper.post(f"/commande/{order.token}/messages/appareil/", browser.subscription, follow=True)
    assert "Cet appareil sera prévenu" in words(answer)
    assert Subscription.objects.get().order_id == order.pk
    Client().post(path_of(stopping.stop_url(order=order, channel="push")))
    assert not Subscription.objects.exists()


def test_a_browser_without_a_key_is_told_why(shopper: Shopper, order: Order) -> None:
    answer = shopper.post(f"/commande/{order.token}/messages/appareil/", {"endpoint": "x"}, follow=True)
    assert "n’a pas donné de clé lisible" in words(answer)


def test_the_script_stands_at_the_root_and_the_page_without_a_network_stands_alone(shopper: Shopper, db: None) -> None:
    script = shopper.get("/service-worker.js")
    assert script["Content-Type"].startswith("text/javascript")
    assert script["Cache-Control"].startswith("max-age=0")
    offline = shopper.get("/hors-ligne/").content.decode()
    assert "Pas de réseau" in offline
    assert "<link" not in offline


def test_the_page_of_choices_asks_as_much_whatever_was_stopped(shopper: Shopper, order: Order) -> None:
    page = f"/commande/{order.token}/messages/"
    before = queries_of(lambda: shopper.get(page))
    for channel in ("mail", "sms"):
        stopping.stop(order=order, channel=channel)
    Subscription.objects.bulk_create(
        Subscription(order=order, endpoint=f"https://p.example/{number}", p256dh="p", auth="a") for number in range(5)
    )
    assert queries_of(lambda: shopper.get(page)) == before
