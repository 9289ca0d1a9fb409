"""People at their tablets and phones."""

from collections.abc import Callable

import pytest
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance
from tests.cast import House, People

Status = Order.Status
HTMX = {"HX-Request": "true"}
"""The headers of a part that refreshes itself."""


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    def open_browser(user: User) -> Client:
        browser = Client()
        browser.force_login(user)
        return browser

    return open_browser


def order_in(house: House, people: People, status: str, *, fulfilment: str = Fulfilment.DELIVERY) -> Order:
    """An order of Bastille that its people have moved as far as this status."""
    order = house.order(fulfilment=fulfilment)
    counter = [(Status.DELIVERED, people.cashier)]
    road = [(Status.DELIVERING, people.driver), (Status.DELIVERED, people.driver)]
    way = [(step, people.pizzaiolo) for step in (Status.TAKEN, Status.PREPARING, Status.READY)]
    for step, who in way + (road if fulfilment == Fulfilment.DELIVERY else counter):
        if order.status == status:
            break
        advance(order=order, to_status=step, acting_user=who)
    return order
