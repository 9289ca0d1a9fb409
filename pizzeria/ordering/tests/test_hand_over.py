"""Handing an order over takes the money that is due, whoever does it."""

from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance
from pizzeria.payments.models import PaymentStatus
from tests.cast import House, People

Status = Order.Status


def _ready(house: House, people: People, fulfilment: str) -> Order:
    order = house.order(fulfilment=fulfilment)
    for step in (Status.TAKEN, Status.PREPARING, Status.READY):
        advance(order=order, to_status=step, acting_user=people.pizzaiolo)
    return order


def test_a_delivered_order_is_paid_to_the_driver_who_delivered_it(house: House, people: People) -> None:
    order = _ready(house, people, Fulfilment.DELIVERY)
    advance(order=order, to_status=Status.DELIVERING, acting_user=people.driver)
    assert order.payment_status == PaymentStatus.UNPAID
    advance(order=order, to_status=Status.DELIVERED, acting_user=people.driver)
    assert order.payment_status == PaymentStatus.PAID
    payment = order.payments.get()
    assert (payment.status, payment.received_by, payment.amount) == (PaymentStatus.PAID, people.driver, order.total)


def test_an_order_given_over_the_counter_is_paid_to_the_cashier(house: House, people: People) -> None:
    order = _ready(house, people, Fulfilment.COLLECTION)
    advance(order=order, to_status=Status.DELIVERED, acting_user=people.cashier)
    assert order.payments.get().received_by == people.cashier
