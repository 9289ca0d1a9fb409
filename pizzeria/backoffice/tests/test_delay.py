"""An hour that will not be kept is said before the client notices."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.notifications.models import Notice
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.moving import move_promise
from tests.cast import House, People

pytestmark = pytest.mark.story


@pytest.fixture
def luca(people: People) -> Client:
    browser = Client()
    browser.force_login(people.pizzaiolo)
    return browser


def path_of(order: Order) -> str:
    return f"/equipe/bastille/commandes/{order.number}/retard/"


def shown(order: Order) -> str:
    order.refresh_from_db()
    return str(int(order.promised_at.timestamp()))


def test_the_pizzaiolo_says_ten_minutes_more_and_why(house: House, luca: Client) -> None:
    order = house.order()
    before = order.promised_at
    answer = luca.post(path_of(order), {"shown": shown(order), "minutes": "10", "reason": "oven"}, follow=True)
    order.refresh_from_db()
    assert order.promised_at == before + timedelta(minutes=10)
    assert PromiseChange.objects.get().reason == "oven"
    assert f"lit maintenant {timezone.localtime(order.promised_at):%H:%M}" in answer.content.decode()


def test_of_two_who_say_it_at_once_the_second_is_told_both(house: House, people: People, luca: Client) -> None:
    order = house.order()
    seen = shown(order)
    move_promise(
        order=order,
        to=order.promised_at + timedelta(minutes=5),
        reason=PromiseChange.Reason.RUSH,
        acting_user=people.manager,
    )
    answer = luca.post(path_of(order), {"shown": seen, "minutes": "15", "reason": "oven"})
    assert answer.status_code == 409
    said = answer.content.decode()
    assert f"c’est {timezone.localtime(order.promised_at):%H:%M}. Vous vouliez 15 minutes de plus" in said
    assert 'value="oven" checked' in said
    assert PromiseChange.objects.count() == 1


@pytest.mark.parametrize("sent", [{"minutes": "60"}, {"reason": "early"}, {"minutes": ""}, {"reason": "\x00"}])
def test_only_what_the_page_offers_is_taken(house: House, luca: Client, sent: dict[str, str]) -> None:
    order = house.order()
    assert (
        luca.post(path_of(order), {"shown": shown(order), "minutes": "5", "reason": "kitchen"} | sent).status_code
        == 409
    )
    assert not PromiseChange.objects.exists()


def test_the_page_of_an_order_says_what_its_client_was_told(house: House, people: People) -> None:
    order = house.order()
    Notice.objects.create(kind="moved", source_id=1, order=order, channel="mail", status="failed", answered="smtp_550")
    browser = Client()
    browser.force_login(people.manager)
    said = browser.get(f"/equipe/bastille/commandes/{order.number}/").content.decode()
    assert "Ce qui a été dit au client" in said
    assert "adresse inconnue" in said
