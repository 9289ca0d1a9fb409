"""UC 1.2: placing an order."""

from pizzeria.ordering.models import Order
from tests.cast import House


def test_a_guest_places_an_order_that_ends_to_prepare(house: House) -> None:
    order = house.order()
    assert order.status == Order.Status.TO_PREPARE
    assert str(order.total) == "11.50"
