"""UC 1.3 by the cashier, and what the kitchen sees of a change."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.ordering.models import Order, OrderChange
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import advance
from pizzeria.shop.tests.conftest import queries_of, words
from tests.cast import House, People

from .conftest import order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
HIDDEN = re.compile(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"')
SHOWN = re.compile(r'<input id="(quantity-\d+)" name="quantity-\d+" type="number" min="0" max="50" value="(\d+)"')


def page_of(order: Order) -> str:
    return f"/equipe/bastille/commandes/{order.number}/modifier/"


def filled(answer: Any, order: Order) -> dict[str, str]:
    """The form as its page shows it."""
    text = answer.content.decode()
    names = ("first_name", "last_name", "phone", "email", "street", "complement", "postal_code", "town", "fulfilment")
    return {name: getattr(order, name) for name in names} | dict(HIDDEN.findall(text)) | dict(SHOWN.findall(text))


def test_chloe_adds_a_pizza_for_who_is_on_the_phone(house: House, people: People, signed_in: SignedIn) -> None:
    order, browser = house.order(), signed_in(people.cashier)
    found = browser.get(f"/equipe/bastille/commandes/{order.number}/")
    assert page_of(order) in found.content.decode()
    form = filled(browser.get(page_of(order)), order)
    added = {"variant-1": house.variant("reine").pk, "quantity-1": "1", "removed-1": house.ingredients["jambon"].pk}
    compared = browser.post(page_of(order), form | added | {"compare": "1"})
    assert "1 × Reine — Moyenne, sans jambon blanc" in words(compared)
    assert "Total : 23,50 €" in words(compared)
    answer = browser.post(page_of(order), filled(compared, order) | {"confirm": "1"})
    assert answer.headers["Location"] == f"/equipe/bastille/commandes/{order.number}/"
    said = words(browser.get(answer.headers["Location"]))
    assert "Commande modifiée Articles : rien → 1 × Reine — Moyenne, sans jambon blanc" in said
    assert OrderChange.objects.get().acting_user == people.cashier


def test_confirming_what_was_not_compared_shows_it_first(house: House, people: People, signed_in: SignedIn) -> None:
    order, browser = house.order(), signed_in(people.cashier)
    form = filled(browser.get(page_of(order)), order) | {"quantity-0": "3", "confirm": "1"}
    told = browser.post(page_of(order), form)
    assert "Le total est maintenant de 29,50 €" in words(told)
    assert browser.post(page_of(order), filled(told, order) | {"confirm": "1"}).status_code == 302
    assert Order.objects.get().total == 29.5


def test_an_hour_that_moved_while_chloe_was_on_the_phone_is_said_before_it_is_promised(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order, browser = house.order(), signed_in(people.cashier)
    moved = {"street": "8 rue de Charonne", "confirm": "1"}
    form = filled(browser.get(page_of(order)), order) | moved
    seen = order.promised_at - timedelta(minutes=20)
    told = browser.post(page_of(order), form | {"expected_promise": seen.isoformat()})
    assert told.status_code == 409
    assert not OrderChange.objects.exists()
    assert browser.post(page_of(order), filled(told, order) | moved).status_code == 302
    assert OrderChange.objects.exists()


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "manager", "direction"])
def test_other_roles_have_no_such_page(house: House, people: People, signed_in: SignedIn, who: str) -> None:
    assert signed_in(getattr(people, who)).get(page_of(house.order())).status_code == 403


def test_the_second_of_two_cashiers_is_told_and_loses_nothing(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order, browser = house.order(), signed_in(people.cashier)
    first, second = filled(browser.get(page_of(order)), order), filled(browser.get(page_of(order)), order)
    browser.post(page_of(order), first | {"street": "8 rue de Charonne", "confirm": "1"})
    told = browser.post(page_of(order), second | {"street": "1 rue Amelot", "comment-0": "Bien cuite", "confirm": "1"})
    assert told.status_code == 409
    assert re.search(r"8 rue de Charonne Après : .*1 rue Amelot", words(told))
    assert 'value="Bien cuite"' in told.content.decode()


def test_once_preparation_has_begun_the_page_says_so(house: House, people: People, signed_in: SignedIn) -> None:
    answer = signed_in(people.cashier).get(page_of(order_in(house, people, "preparing")))
    assert "a commencé : elle ne peut plus être modifiée" in words(answer)
    assert "Confirmer" not in words(answer)


def test_what_is_paid_already_and_too_much_is_to_be_handed_back(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order, browser = house.order(lines=[house.line(quantity=2)], fulfilment="collection"), signed_in(people.cashier)
    receive(order=order, acting_user=people.cashier)
    form = filled(browser.get(page_of(order)), order) | {"quantity-0": "1", "compare": "1"}
    assert "À rendre au client : 9,00 €" in words(browser.post(page_of(order), form))


def test_a_changed_ticket_is_unmistakable_and_is_not_started_unread(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order, luca, chloe = house.order(), signed_in(people.pizzaiolo), signed_in(people.cashier)
    advance(order=order, to_status="taken", acting_user=people.pizzaiolo)
    form = filled(chloe.get(page_of(order)), order) | {"quantity-0": "2"}
    form = filled(chloe.post(page_of(order), form | {"compare": "1"}), order)
    assert chloe.post(page_of(order), form | {"confirm": "1"}).status_code == 302
    assert re.search(
        r"Modifiée à \d\d:\d\d 1 × Margherita — Moyenne → 2 × Margherita", words(luca.get("/equipe/bastille/cuisine/"))
    )
    start = f"/equipe/bastille/commandes/{order.number}/avancer/"
    told = luca.post(start, {"to": "preparing", "page": "board", "seen": "2"}, follow=True)
    assert "vient d’être modifiée : relisez-la" in words(told)
    assert Order.objects.get().status == "taken"
    luca.post(start, {"to": "preparing", "page": "board", "seen": "3"})
    assert Order.objects.get().status == "preparing"


def test_the_page_asks_no_more_of_the_database_with_more_lines(
    house: House, people: People, signed_in: SignedIn
) -> None:
    few, many = house.order(), house.order(lines=[house.line(comment=str(number)) for number in range(8)])
    browser = signed_in(people.cashier)
    browser.get(page_of(few))
    assert queries_of(lambda: browser.get(page_of(few))) == queries_of(lambda: browser.get(page_of(many)))
