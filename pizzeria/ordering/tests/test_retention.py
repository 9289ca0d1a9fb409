"""Who a client was is forgotten when nobody may know it any more; what was sold is not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.test import Client

from pizzeria.accounts.models import Address, User
from pizzeria.accounts.services import reissue_password
from pizzeria.ordering.cancelling import cancel_as_client
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order, OrderEvent, OrderLine
from pizzeria.ordering.paying import receive
from pizzeria.ordering.retention import _years_before, anonymise_inactive_clients, anonymise_old_orders
from pizzeria.ordering.selectors import order_by_number
from pizzeria.payments.models import Discrepancy, Refund
from tests.cast import PASSWORD, House, People

NOW = datetime(2026, 12, 2, 5, 0, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=3 * 366)


@pytest.fixture
def alice(people: People) -> User:
    """Alice, who came once, more than three years ago."""
    User.objects.update(created_at=LONG_AGO, last_login=LONG_AGO)
    Address.objects.create(user=people.alice, street="1 rue A", postal_code="75011", town="Paris")
    people.alice.phone, people.alice.birthday = "0639981234", date(1990, 1, 1)
    people.alice.save(update_fields=["phone", "birthday"])
    return people.alice


def forget(years: int = 3) -> int:
    return anonymise_inactive_clients(years=years, at=NOW)


def test_nothing_tells_any_more_who_a_client_was_who_did_not_come_for_three_years(alice: User) -> None:
    assert forget() == 1
    alice.refresh_from_db()
    assert (alice.identifier, alice.email, alice.first_name, alice.last_name) == (f"anonyme-{alice.pk}", "", "", "")
    assert (alice.phone, alice.birthday, alice.last_login, alice.is_active) == ("", None, None, False)
    assert not Address.objects.exists()
    assert authenticate(username="alice@example.org", password=PASSWORD) is None
    assert authenticate(username=alice.identifier, password=PASSWORD) is None
    assert forget() == 0


def test_a_session_that_was_left_open_ends(alice: User) -> None:
    browser = Client()
    browser.force_login(alice)
    User.objects.filter(pk=alice.pk).update(last_login=LONG_AGO)
    forget()
    assert browser.get("/equipe/").status_code == 302


@pytest.mark.parametrize("sign", ["last_login", "created_at"])
def test_who_signed_in_or_came_since_is_known(alice: User, sign: str) -> None:
    User.objects.filter(pk=alice.pk).update(**{sign: NOW - timedelta(days=3 * 364)})
    assert forget() == 0


def test_who_ordered_since_is_known_and_who_ordered_before_is_not(house: House, alice: User) -> None:
    order = house.order(customer=alice)
    Order.objects.filter(pk=order.pk).update(placed_at=NOW - timedelta(days=3 * 364))
    assert forget() == 0
    Order.objects.filter(pk=order.pk).update(placed_at=LONG_AGO)
    assert forget() == 1
    order.refresh_from_db()
    # An accounting document of three years ago.
    assert order.last_name == "Visiteur"


def test_staff_stay_who_they_are(people: People, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(created_at=NOW)
    reissue_password(user=people.driver)
    assert forget() == 0


def old_order(house: House, alice: User, year: int) -> Order:
    order = house.order(customer=alice, lines=[house.line(comment="pour Alice")])
    Order.objects.filter(pk=order.pk).update(placed_at=datetime(year, 12, 30, 12, 0, tzinfo=UTC), comment="au 3e")
    return order


def test_an_order_past_the_legal_term_keeps_its_amounts_and_loses_the_person(house: House, alice: User) -> None:
    order = old_order(house, alice, 2015)
    assert anonymise_old_orders(years=10, at=NOW) == 1
    kept = Order.objects.get(pk=order.pk)
    assert (kept.total, kept.subtotal, kept.number) == (order.total, order.subtotal, order.number)
    assert (kept.customer, kept.first_name, kept.last_name, kept.phone, kept.email) == (None, "", "", "", "")
    assert (kept.street, kept.postal_code, kept.town, kept.comment) == ("", "", "", "")
    assert kept.customer_name == "client anonymisé"
    assert OrderLine.objects.get(order=order).comment == ""
    assert kept.events.count() == 1
    assert anonymise_old_orders(years=10, at=NOW) == 0
    assert order_by_number(number=order.number, proof="") is None


def test_what_was_typed_about_an_old_orders_money_goes_with_the_person(
    house: House, people: People, alice: User
) -> None:
    order = old_order(house, alice, 2015)
    receive(order=order, acting_user=people.cashier)
    gesture(order=order, amount=order.total, words="Mme Martin était fâchée", acting_user=people.manager)
    explained = {"explanation": "Vu avec Mme Martin", "explained_by": people.manager, "explained_at": NOW}
    payment = order.payments.get()
    Discrepancy.objects.create(
        day=NOW.date(), kind="amount", reference="pi_1", payment=payment, found_at=NOW, **explained
    )
    anonymise_old_orders(years=10, at=NOW)
    refund = Refund.objects.get()
    assert (refund.amount, refund.words, Discrepancy.objects.get().explanation) == (order.total, "", "…")


def test_why_a_client_cancelled_goes_with_the_person_and_can_be_changed_in_no_other_way(
    house: House, alice: User
) -> None:
    order = old_order(house, alice, 2015)
    cancel_as_client(order=order, reason="Mme Martin accouche")
    events = OrderEvent.objects.filter(order=order)
    for rewritten in ({"reason": "Rien"}, {"reason": "", "role": "system"}):
        with pytest.raises(IntegrityError, match="history"), transaction.atomic():
            events.update(**rewritten)
    anonymise_old_orders(years=10, at=NOW)
    assert [event.reason for event in events] == ["", ""]
    with pytest.raises(IntegrityError, match="history"), transaction.atomic():
        events.filter(pk=events[1].pk).delete()


def test_a_years_documents_are_kept_for_ten_years_from_its_end(house: House, alice: User) -> None:
    old_order(house, alice, 2016)
    assert anonymise_old_orders(years=10, at=NOW) == 0
    assert anonymise_old_orders(years=10, at=datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == 0
    assert anonymise_old_orders(years=10, at=datetime(2026, 12, 31, 23, 1, tzinfo=UTC)) == 1


def test_an_order_that_has_somebody_still_needs_a_way_to_reach_them(house: House) -> None:
    order = house.order()
    for missing in ({"phone": "", "email": ""}, {"street": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Order.objects.filter(pk=order.pk).update(**missing)


def test_the_twenty_ninth_of_february_has_a_day_three_years_before() -> None:
    assert _years_before(date(2028, 2, 29), 3) == date(2025, 2, 28)
