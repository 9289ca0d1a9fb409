"""UC 1.4 for the house: a cashier or a manager cancels, and says why."""

import pytest

from pizzeria.ordering.errors import ReasonMissing, TransitionRefused
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import advance, cancel_as_staff
from tests.cast import House, People


def test_the_manager_cancels_with_a_reason_that_the_history_keeps(house: House, people: People) -> None:
    order = house.order()
    cancel_as_staff(order=order, acting_user=people.manager, reason=" Four en panne\x00 ")
    event = order.events.last()
    assert event is not None
    assert (event.to_status, event.role, event.reason) == (Order.Status.CANCELLED, "manager", "Four en panne")


@pytest.mark.parametrize("reason", ["", "  ", "\x00"])
def test_a_cancellation_without_a_reason_is_refused(house: House, people: People, reason: str) -> None:
    with pytest.raises(ReasonMissing):
        cancel_as_staff(order=house.order(), acting_user=people.cashier, reason=reason)


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "direction", "operator", "outsider", "alice"])
def test_nobody_else_cancels_for_the_house(house: House, people: People, who: str) -> None:
    with pytest.raises(TransitionRefused):
        cancel_as_staff(order=house.order(), acting_user=getattr(people, who), reason="Une erreur")


def test_nothing_is_cancelled_once_preparation_started(house: House, people: People) -> None:
    order = house.order()
    for step in (Order.Status.TAKEN, Order.Status.PREPARING):
        advance(order=order, to_status=step, acting_user=people.pizzaiolo)
    with pytest.raises(TransitionRefused):
        cancel_as_staff(order=order, acting_user=people.manager, reason="Trop tard")
