"""Taking money at the door and the counter (B32): what the screen says, what is on record, what a second tap does."""

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.payments.models import CashRound
from pizzeria.payments.rounds import open_round
from tests.cast import House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
Status = Order.Status
DRIVER = "/equipe/bastille/livraisons/"
ROUNDS = "/equipe/bastille/fonds/"


def _words(page: str) -> str:
    """What is read on a page, single-spaced."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("\xa0", " ").split())


def _path(order: Order) -> str:
    return f"/equipe/bastille/commandes/{order.number}/encaisser/"


def _take(browser: Client, order: Order, due: str, **asked: str) -> str:
    return _words(browser.post(_path(order), {"due": due, **asked}, follow=True).content.decode())


def test_the_driver_is_told_the_change_before_and_after(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.DELIVERING)
    Order.objects.update(change_for=Decimal("20.00"))
    browser = signed_in(people.driver)
    card = _words(browser.get(DRIVER).content.decode())
    assert "À encaisser · espèces 11,50 € billet de 20,00 € → rendre 8,50 €" in card
    assert f"Encaisser 11,50 € ({order.number})" in card
    form = browser.get(_path(order)).content.decode()
    assert re.search(r'value="20"\s+checked', form)
    page = _take(browser, order, "11.50", method="cash", amount="11,50", note="20")
    assert "Rendre 8,50 € 11,50 € encaissés sur 20,00 €" in page
    assert "Déjà payée" in page
    assert "Livrée" in page
    payment = order.payments.get()
    assert (payment.received_by, payment.tendered) == (people.driver, Decimal("20.00"))
    assert f"Reçu n° bastille-{payment.entry_number}" in _words(
        browser.get(f"/equipe/bastille/commandes/{order.number}/recus/{payment.pk}/").content.decode()
    )


def test_a_part_by_titre_leaves_the_rest_to_be_taken_and_the_order_shows_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION)
    browser = signed_in(people.cashier)
    version = browser.get("/equipe/bastille/comptoir/").context["version"]
    page = _take(browser, order, "9.00", method="voucher", amount="6.00")
    assert "Reste à encaisser 3,00 €" in page
    counter = browser.get(f"/equipe/bastille/comptoir/?v={version}", headers=HTMX)
    assert "3,00 € reçus" in _words(counter.content.decode())
    assert "encaisser 3,00" in _words(
        browser.get(f"/equipe/bastille/commandes/{order.number}/").content.decode().lower()
    )


def test_a_second_tap_is_told_and_takes_nothing(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.DELIVERING)
    browser = signed_in(people.driver)
    for words in ("11,50 € encaissés", "déjà payée : il n’y a rien à encaisser"):
        assert words in _take(browser, order, "11.50", method="terminal", amount="11,50")
    assert order.payments.filter(status="paid").count() == 1


def test_what_cannot_be_is_said_beside_the_means_and_nothing_is_kept(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.DELIVERING)
    browser = signed_in(people.driver)
    for asked, words in (
        ({"method": "cash", "amount": "11,50", "note": "other", "tendered": "10"}, "Il manque 1,50 €"),
        ({"method": "terminal", "amount": "12"}, "Encaissez au plus ce qui est dû : 11,50 €"),
        ({"method": "terminal", "amount": "onze"}, "Indiquez un montant en euros"),
        ({"method": "terminal", "amount": "9999999"}, "999 999,99 € au plus"),
        ({"method": "cash", "amount": "11,50", "note": "9999999999"}, "999 999,99 € au plus"),
        ({"method": "cash", "amount": "11,50", "note": "beaucoup"}, "Indiquez un montant en euros"),
    ):
        assert words in _take(browser, order, "11.50", **asked)
    online = {"due": "11.50", "method": "online", "amount": "11,50"}
    assert browser.post(_path(order), online).status_code == 422
    assert order.payments.get().status == "unpaid"


def test_titres_above_the_ceiling_lead_from_delivered_to_the_page_that_splits_them(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order(lines=[house.line(quantity=4)])
    order.payments.update(method="voucher")
    Order.objects.update(status=Status.DELIVERING, driver=people.driver, payment_method="voucher")
    browser = signed_in(people.driver)
    advance = f"/equipe/bastille/commandes/{order.number}/avancer/"
    answer = browser.post(advance, {"to": "delivered", "page": "driver"}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == _path(order)
    page = browser.get(_path(order))
    assert "38,50 € ne s’encaissent pas d’un geste" in _words(page.content.decode())
    assert "Au plus 25,00 € par personne" in _words(page.content.decode())
    assert [box.method for box in page.context["boxes"]] == ["voucher", "cash", "terminal"]
    assert "Reste à encaisser 13,50 €" in _take(browser, order, "38.50", method="voucher", amount="25,00")


def test_the_driver_sees_their_float_and_the_cashier_closes_it_with_the_difference_explained(
    house: House, people: People, signed_in: SignedIn
) -> None:
    cashier, driver = signed_in(people.cashier), signed_in(people.driver)
    given = {"driver": people.driver.pk, "opening_amount": "40"}
    assert "Karim a reçu un fond de caisse de 40,00 €" in _words(
        cashier.post(ROUNDS, given, follow=True).content.decode()
    )
    version = driver.get(DRIVER).context["version"]
    order = order_in(house, people, Status.DELIVERED)
    seen = _words(driver.get(f"{DRIVER}?v={version}", headers=HTMX).content.decode())
    assert "Fond 40,00 € encaissé 11,50 € à remettre 51,50 €" in seen
    assert "Fond 40,00 €" in _words(signed_in(people.direction).get(ROUNDS).content.decode())
    here = f"{ROUNDS}{order.payments.get().cash_round_id}/"
    assert "expliquez l’écart de -1,50 €" in _words(cashier.post(here, {"handed_over": "50"}).content.decode())
    told = {"handed_over": "50,00", "explanation": "Une pièce tombée"}
    closed = _words(cashier.post(here, told, follow=True).content.decode())
    assert "51,50 € 50,00 € -1,50 € « Une pièce tombée » Chloé Dupont" in closed
    assert "Clôturé" in _words(cashier.get(here).content.decode())
    assert "déjà été clôturé par Chloé" in _words(cashier.post(here, told, follow=True).content.decode())
    assert "Fond 40,00" not in _words(driver.get(DRIVER).content.decode())


def test_who_only_looks_gives_no_float(house: House, people: People, signed_in: SignedIn) -> None:
    direction = signed_in(people.direction)
    assert "Donner un fond" not in direction.get(ROUNDS).content.decode()
    given = {"driver": people.driver.pk, "opening_amount": "40"}
    assert direction.post(ROUNDS, given).status_code == 403
    assert not CashRound.objects.exists()
    open_round(store=house.bastille, driver=people.driver, opening_amount=Decimal(40), acting_user=people.cashier)
    again = signed_in(people.cashier).post(ROUNDS, given)
    assert again.status_code == 422
