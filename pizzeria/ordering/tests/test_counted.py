"""What the supervision counts of orders."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from pizzeria.measures import IN_MEMORY
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.counted import REFUSALS
from pizzeria.ordering.errors import EmptyCart, TotalChanged
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.placing import place_order, place_order_once
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.services import advance
from tests.cast import GUEST, House, People

Committing = Callable[..., Any]


@pytest.fixture
def committing(django_capture_on_commit_callbacks: Committing) -> Committing:
    """A block whose transaction commits, as far as who waits for it can tell."""
    return lambda: django_capture_on_commit_callbacks(execute=True)


def counted(name: str, **labels: str) -> float:
    return IN_MEMORY.get_sample_value(name, labels) or 0.0


def placed(store: str = "bastille", channel: str = "online") -> float:
    return counted("oc_pizza_orders_placed_total", store=store, channel=channel)


def test_an_order_is_counted_at_its_store_when_it_is_committed(house: House, committing: Committing) -> None:
    before, elsewhere = placed(), placed("croix-rousse")
    with committing():
        house.order()
        assert placed() == before
    assert (placed(), placed("croix-rousse")) == (before + 1, elsewhere)


def test_an_order_that_a_cashier_takes_is_another_channels(
    house: House, people: People, committing: Committing
) -> None:
    before, online = placed(channel="counter"), placed()
    priced = quote(store=house.bastille, requests=[house.line()], fulfilment=Fulfilment.COLLECTION)
    with committing():
        place_order(
            store=house.bastille,
            lines=[house.line()],
            contact=GUEST,
            fulfilment=Fulfilment.COLLECTION,
            payment_method="cash",
            expected_total=priced.total,
            acting_user=people.cashier,
        )
    assert (placed(channel="counter"), placed()) == (before + 1, online)


def test_a_refusal_is_counted_by_its_code_and_is_no_order(house: House, committing: Committing) -> None:
    codes = {refusal: counted("oc_pizza_orders_refused_total", code=refusal.code) for refusal in REFUSALS}
    before, asked = placed(), _asked(house) | {"expected_total": 1}
    with committing():
        with pytest.raises(TotalChanged):
            place_order(**asked)
        with pytest.raises(TotalChanged):
            place_order_once(key="k", digest="d", **asked)
        with pytest.raises(EmptyCart):
            place_order(**asked | {"lines": []})
    grown = {refusal: counted("oc_pizza_orders_refused_total", code=refusal.code) - codes[refusal] for refusal in codes}
    assert {refusal: count for refusal, count in grown.items() if count} == {TotalChanged: 2, EmptyCart: 1}
    assert placed() == before


def test_history_that_is_written_is_not_counted(house: House, people: People, committing: Committing) -> None:
    then = timezone.now() - timedelta(days=3)
    before = placed(), _ready(), counted("oc_pizza_orders_refused_total", code="total_changed")
    with committing():
        order = place_order(**_asked(house), at=then)
        for status in ("taken", "preparing", "ready"):
            advance(order=order, to_status=status, acting_user=people.pizzaiolo, at=then)
        with pytest.raises(TotalChanged):
            place_order(**_asked(house) | {"expected_total": 1}, at=then)
    assert before == (placed(), _ready(), counted("oc_pizza_orders_refused_total", code="total_changed"))


def test_how_long_an_order_took_to_the_oven_and_to_the_door_is_counted(
    house: House, people: People, committing: Committing
) -> None:
    ready, door, late = _ready(), _door(), counted("oc_pizza_orders_late_total", store="bastille")
    order = _aged(house.order(), minutes=22)
    with committing():
        _to_ready(order, people)
        _to_the_door(order, people)
    assert (_ready(), _door()) == (ready + 1, door + 1)
    assert counted("oc_pizza_orders_late_total", store="bastille") == late
    assert counted("oc_pizza_order_ready_seconds_sum", store="bastille") >= 22 * 60


def test_an_order_that_is_handed_over_after_its_promise_is_late_once(
    house: House, people: People, committing: Committing
) -> None:
    late = counted("oc_pizza_orders_late_total", store="bastille")
    order = _aged(house.order(), minutes=22)
    Order.objects.filter(pk=order.pk).update(promised_at=timezone.now() - timedelta(minutes=1))
    order.refresh_from_db()
    with committing():
        _to_ready(order, people)
        assert counted("oc_pizza_orders_late_total", store="bastille") == late
        _to_the_door(order, people)
    assert counted("oc_pizza_orders_late_total", store="bastille") == late + 1


def test_what_is_fetched_at_the_counter_went_to_no_door(house: House, people: People, committing: Committing) -> None:
    door = _door()
    order = house.order(fulfilment=Fulfilment.COLLECTION)
    with committing():
        _to_ready(order, people)
        advance(order=order, to_status="delivered", acting_user=people.cashier)
    assert _door() == door


def _asked(house: House, contact: Contact = GUEST) -> dict[str, Any]:
    lines = [house.line()]
    priced = quote(
        store=house.bastille, requests=lines, fulfilment=Fulfilment.DELIVERY, postal_code=contact.postal_code
    )
    return {
        "store": house.bastille,
        "lines": lines,
        "contact": contact,
        "fulfilment": Fulfilment.DELIVERY,
        "payment_method": "cash",
        "expected_total": priced.total,
    }


def _aged(order: Order, *, minutes: int) -> Order:
    Order.objects.filter(pk=order.pk).update(placed_at=order.placed_at - timedelta(minutes=minutes))
    order.refresh_from_db()
    return order


def _to_ready(order: Order, people: People) -> None:
    for status in ("taken", "preparing", "ready"):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo)


def _to_the_door(order: Order, people: People) -> None:
    for status in ("delivering", "delivered"):
        advance(order=order, to_status=status, acting_user=people.driver)


def _ready() -> float:
    return counted("oc_pizza_order_ready_seconds_count", store="bastille")


def _door() -> float:
    return counted("oc_pizza_order_door_seconds_count", store="bastille")
