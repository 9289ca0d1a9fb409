"""The driver's phone and the counter (UC 4.1): where orders leave the house and money comes in."""

from collections.abc import Callable

import pytest
from django.test import Client

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.payments.models import PaymentStatus
from tests.cast import GUEST, PASSWORD, House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
Status = Order.Status
DRIVER = "/equipe/bastille/livraisons/"
COUNTER = "/equipe/bastille/comptoir/"


def _move(browser: Client, order: Order, to: str, page: str) -> str:
    path = f"/equipe/bastille/commandes/{order.number}/avancer/"
    return browser.post(path, {"to": to, "page": page}, headers=HTMX).content.decode()


def test_the_driver_sees_where_to_go_whom_to_call_and_what_to_collect(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order_in(house, people, Status.DELIVERING)
    page = signed_in(people.driver).get(DRIVER).content.decode()
    assert "destination=3+rue+de+la+Roquette%2C+75011+Paris" in page
    assert 'href="tel:0639981234"' in page
    assert "À encaisser · espèces" in page
    assert "11,50" in page


def test_somebody_without_a_phone_is_written_to(house: House, people: People, signed_in: SignedIn) -> None:
    order_in(house, people, Status.DELIVERING)
    Order.objects.update(phone="", email="gaspard@example.org")
    page = signed_in(people.driver).get(DRIVER).content.decode()
    assert 'href="mailto:gaspard@example.org"' in page
    assert "tel:" not in page


def test_the_driver_takes_an_order_delivers_it_and_the_money_is_recorded(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.READY)
    browser = signed_in(people.driver)
    assert "Avec moi" in _move(browser, order, "delivering", "driver")
    assert "Rien n’est prêt" in _move(browser, order, "delivered", "driver")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    assert order.payments.get().received_by == people.driver


def test_a_second_tap_on_delivered_takes_no_money_twice(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.DELIVERING)
    browser = signed_in(people.driver)
    _move(browser, order, "delivered", "driver")
    assert "C’est déjà fait" in _move(browser, order, "delivered", "driver")
    assert order.payments.filter(status=PaymentStatus.PAID).count() == 1
    assert order.events.filter(to_status=Status.DELIVERED).count() == 1


def test_a_paid_order_asks_for_nothing_at_the_door(house: House, people: People, signed_in: SignedIn) -> None:
    order_in(house, people, Status.DELIVERING)
    Order.objects.update(payment_status=PaymentStatus.PAID)
    page = signed_in(people.driver).get(DRIVER).content.decode()
    assert "Déjà payée" in page
    assert "reçus" not in page


def test_the_driver_sees_who_has_what_and_moves_only_their_own(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.DELIVERING)
    lea = User.objects.create_user("lea", PASSWORD, first_name="Léa", last_name="Roux")
    StaffRole.objects.create(user=lea, role=Role.DRIVER, store=house.bastille)
    browser = signed_in(lea)
    page = browser.get(DRIVER).content.decode()
    assert order.number in page
    assert "Karim" in page
    assert "Livrée" not in page
    # An old screen, or a request written by hand: the money at the door would be Léa's on record, and in Karim's bag.
    assert "Karim s’occupe déjà de la commande" in _move(browser, order, "delivered", "driver")
    assert (order.payments.get().status, Order.objects.get().status) == (PaymentStatus.UNPAID, Status.DELIVERING)


def test_the_driver_sees_no_collection_and_nothing_that_is_not_ready(
    house: House, people: People, signed_in: SignedIn
) -> None:
    orders = [
        order_in(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION),
        order_in(house, people, Status.PREPARING),
        order_in(house, people, Status.DELIVERED),
    ]
    page = signed_in(people.driver).get(DRIVER).content.decode()
    assert not [order.number for order in orders if order.number in page]


def test_what_a_client_typed_is_never_markup(house: House, people: People, signed_in: SignedIn) -> None:
    contact = Contact(
        first_name="<script>alert(1)</script>",
        last_name='"><img src=x>',
        phone="06 39 98 12 34",
        street='3 rue "><b>de la Roquette',
        postal_code="75011",
        town="Paris",
        complement="</address><h1>",
        comment="<i>vite</i>",
    )
    order = house.order(contact=contact)
    assert GUEST.street != order.street
    for who, status, page in (
        ("pizzaiolo", Status.TO_PREPARE, "/equipe/bastille/cuisine/"),
        ("driver", Status.READY, DRIVER),
        ("manager", Status.READY, f"/equipe/bastille/commandes/{order.number}/"),
    ):
        Order.objects.update(status=status)
        shown = signed_in(getattr(people, who)).get(page).content.decode()
        for piece in ("<script>alert", "<img", "<b>de", "</address><h1>", "<i>"):
            assert piece not in shown


def test_the_cashier_hands_a_collection_over_and_takes_the_money(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.READY, fulfilment=Fulfilment.COLLECTION)
    browser = signed_in(people.cashier)
    assert "Remise" in browser.get(COUNTER).content.decode()
    _move(browser, order, "delivered", "counter")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == (Status.DELIVERED, PaymentStatus.PAID)
    assert order.number not in browser.get(COUNTER).content.decode()


def test_the_counter_shows_no_delivery_and_moves_none(house: House, people: People, signed_in: SignedIn) -> None:
    order = order_in(house, people, Status.READY)
    browser = signed_in(people.cashier)
    assert order.number not in browser.get(COUNTER).content.decode()
    _move(browser, order, "delivered", "counter")
    order.refresh_from_db()
    assert (order.status, order.payment_status) == (Status.READY, PaymentStatus.UNPAID)


def test_the_cashier_may_cancel_until_preparation_starts(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.cashier)
    order = order_in(house, people, Status.TAKEN, fulfilment=Fulfilment.ON_SITE)
    assert f"{order.number}/annuler/" in browser.get(COUNTER).content.decode()
    Order.objects.update(status=Status.PREPARING)
    assert f"{order.number}/annuler/" not in browser.get(COUNTER).content.decode()


def test_both_pages_answer_nothing_new_until_something_changes(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order_in(house, people, Status.READY)
    for who, page in (("driver", DRIVER), ("cashier", COUNTER)):
        browser = signed_in(getattr(people, who))
        version = browser.get(page).context["version"]
        assert browser.get(f"{page}?v={version}", headers=HTMX).status_code == 204
    version = signed_in(people.driver).get(DRIVER).context["version"]
    order_in(house, people, Status.READY)
    assert signed_in(people.driver).get(f"{DRIVER}?v={version}", headers=HTMX).status_code == 200
