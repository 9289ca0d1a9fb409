"""B32: money is received once, given back with a cancelled order, and never left in between."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from pizzeria.live.models import LiveEvent
from pizzeria.ordering.errors import TransitionRefused
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Payment
from pizzeria.payments.services import release
from tests.cast import House, People


def _states(order: Order) -> tuple[str, str]:
    return order.payments.get().status, Order.objects.get(pk=order.pk).payment_status


def test_money_is_received_once_and_by_the_first(house: House, people: People) -> None:
    order = house.order()
    receive(order=order, acting_user=people.driver)
    first = order.payments.get()
    receive(order=order, acting_user=people.cashier)
    payment = order.payments.get()
    assert (payment.status, payment.received_by, payment.received_at) == ("paid", people.driver, first.received_at)
    assert order.payment_status == "paid"
    assert _states(order) == ("paid", "paid")


def test_those_who_watch_the_order_hear_that_it_is_paid_once(house: House, people: People) -> None:
    order = house.order()
    LiveEvent.objects.all().delete()
    for _time in range(2):
        receive(order=order, acting_user=people.driver)
    told = {event.topic: event.payload for event in LiveEvent.objects.all()}
    assert set(told) == {f"order:{order.token}", f"store:{house.bastille.pk}"}
    assert LiveEvent.objects.count() == 2
    assert told[f"order:{order.token}"] == {"number": order.number, "payment": "paid"}


def test_money_that_was_taken_stays_on_record_when_the_move_is_refused(house: House, people: People) -> None:
    order = house.order(fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    for step in ("taken", "preparing", "ready"):
        advance(order=order, to_status=step, acting_user=people.pizzaiolo)
    advance(order=order, to_status="delivered", acting_user=people.cashier)
    assert _states(order) == ("paid", "paid")


def test_who_may_not_hand_an_order_over_takes_no_money(house: House, people: People) -> None:
    order = house.order()
    with pytest.raises(TransitionRefused):
        advance(order=order, to_status="delivered", acting_user=people.driver)
    assert _states(order) == ("unpaid", "unpaid")


def test_a_cancelled_order_owes_nothing_and_nothing_is_taken_for_it(house: House, people: People) -> None:
    order = house.order()
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    assert _states(order) == ("failed", "unpaid")
    receive(order=order, acting_user=people.driver)
    assert _states(order) == ("failed", "unpaid")


def test_what_was_paid_at_the_counter_is_given_back_with_the_cancellation(house: House, people: People) -> None:
    order = house.order(fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    assert _states(order) == ("refunded", "refunded")
    release(order=order)
    receive(order=order, acting_user=people.cashier)
    assert _states(order) == ("refunded", "refunded")


def test_the_database_itself_refuses_money_without_a_time_or_below_nothing(house: House) -> None:
    order = house.order()
    for wrong in ({"status": "paid"}, {"amount": Decimal(-1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Payment.objects.filter(order=order).update(**wrong)
