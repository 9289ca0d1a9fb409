"""The order's page as it is followed: the promise, why it moved, and what is left of the time, honestly."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from pizzeria.notifications.news import when
from pizzeria.ordering.models import Fulfilment, Order, PromiseChange
from pizzeria.ordering.moving import move_promise
from pizzeria.ordering.services import advance
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.shop.tracking import late_words, left_words
from pizzeria.stores.hours import PARIS
from tests.cast import House, People

Status = Order.Status
Reason = PromiseChange.Reason


def page_of(order: Order) -> str:
    return f"/commande/{order.token}/"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (3600, "dans 60 minutes"),
        (121, "dans 3 minutes"),
        (120, "dans 2 minutes"),
        (60, "d’une minute à l’autre"),
        (1, "d’une minute à l’autre"),
        (8000, ""),
    ],
)
def test_what_is_left_is_never_less_than_it_says(seconds: int, said: str) -> None:
    now = timezone.now()
    assert left_words(now + timedelta(seconds=seconds), now) == said


@pytest.mark.parametrize(("seconds", "said"), [(1, 1), (119, 1), (120, 2), (400, 6)])
def test_what_is_late_says_by_how_much_and_nothing_negative(seconds: int, said: int) -> None:
    now = timezone.now()
    assert late_words(now - timedelta(seconds=seconds), now) == f"en retard de {said} minute{'s' if said > 1 else ''}"


def test_a_promise_that_moved_says_both_hours_and_why(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    first = order.promised_at
    move_promise(order=order, to=first + timedelta(minutes=12), reason=Reason.OVEN, acting_user=people.pizzaiolo)
    said = words(shopper.get(page_of(order)))
    assert f"{when(order.promised_at)} au lieu de {when(first)} : un four est en panne." in said


def test_a_promise_that_moved_to_another_day_names_the_day(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    there = datetime(2031, 3, 14, 20, 10, tzinfo=PARIS)
    move_promise(order=order, to=there, reason=Reason.OVEN, acting_user=people.pizzaiolo)
    assert "vendredi 14 mars à 20:10 au lieu de" in words(shopper.get(page_of(order)))


def test_who_brings_it_is_named_once_they_are_on_the_road(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    for status in (Status.TAKEN, Status.PREPARING, Status.READY):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    assert "Karim" not in words(shopper.get(page_of(order)))
    advance(order=order, to_status=Status.DELIVERING, acting_user=people.driver)
    said = words(shopper.get(page_of(order)))
    assert "Karim vous l’apporte" in said
    assert "Dupont" not in said


def test_the_tab_says_where_the_order_is(shopper: Shopper, house: House, people: People) -> None:
    order = house.order(fulfilment=Fulfilment.COLLECTION)
    assert f"<title>À réaliser · {order.number} · OC Pizza</title>" in shopper.get(page_of(order)).content.decode()
    for status in (Status.TAKEN, Status.PREPARING, Status.READY):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)
    page = shopper.get(page_of(order))
    assert f"<title>C’est prêt · {order.number} · OC Pizza</title>" in page.content.decode()
    assert "C’est prêt : on vous attend" in words(page)


def test_a_promise_that_moves_makes_the_page_look_again(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    before = shopper.get(page_of(order) + "suivi/").content.decode()
    seen = before[before.index('value="') + 7 :].split('"', 1)[0]
    move_promise(
        order=order, to=order.promised_at + timedelta(minutes=5), reason=Reason.KITCHEN, acting_user=people.pizzaiolo
    )
    assert shopper.get(page_of(order) + f"suivi/?seen={seen}").status_code == 200


def test_the_page_asks_as_much_however_often_the_promise_moved(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    path = page_of(order) + "suivi/"

    def move() -> None:
        later = order.promised_at + timedelta(minutes=6)
        move_promise(order=order, to=later, reason=Reason.RUSH, acting_user=people.manager)

    move()
    shopper.get(path)
    before = queries_of(lambda: shopper.get(path))
    for _each in range(4):
        move()
    assert queries_of(lambda: shopper.get(path)) == before
