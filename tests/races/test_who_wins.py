"""Two who want the opposite of one order: one wins, the other is told. Each race comes in a pair."""

import threading
from datetime import datetime

import pytest

from pizzeria.accounts.models import User
from pizzeria.ordering import services
from pizzeria.ordering.errors import TransitionRefused
from pizzeria.ordering.models import Order, OrderEvent
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments.models import Payment
from pizzeria.stock.models import Movement, StockItem
from tests.cast import GRAMS, House, People
from tests.races.together import books_that_do_not_balance, kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

Status = Order.Status
ROUNDS = 10


def _cancel_and_start(order: Order, people: People) -> list[Order | Exception]:
    """The client cancels while the pizzaiolo starts; each has the order on a screen of their own."""
    theirs = Order.objects.select_related("store").get(pk=order.pk)
    return together(
        [
            lambda: cancel(order=order, role=CUSTOMER, acting_user=None, reason=""),
            lambda: advance(order=theirs, to_status=Status.PREPARING, acting_user=people.pizzaiolo),
        ]
    )


def _taken(house: House, people: People) -> Order:
    order = house.order()
    return advance(order=order, to_status=Status.TAKEN, acting_user=people.pizzaiolo)


def test_a_cancellation_and_a_start_cannot_both_win(house: House, people: People) -> None:
    prepared = 0
    for _round in range(ROUNDS):
        order = _taken(house, people)
        outcomes = _cancel_and_start(order, people)
        assert kinds(outcomes) == {"Order": 1, "TransitionRefused": 1}
        [refusal] = [outcome for outcome in outcomes if isinstance(outcome, TransitionRefused)]
        now = Order.objects.get(pk=order.pk)
        assert now.status == refusal.details["status"] in {Status.CANCELLED, Status.PREPARING}
        assert now.get_status_display() in refusal.message
        assert now.events.count() == 3
        prepared += now.status == Status.PREPARING
        returned = Movement.objects.filter(reason="return", reference=order.token).exists()
        assert returned is (now.status == Status.CANCELLED)
    left = StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available
    assert left == GRAMS - prepared * 100
    assert books_that_do_not_balance() == []


def test_without_comparing_first_both_win(house: House, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_looked = threading.Barrier(2)

    def move(order: Order, *, to_status: str, role: str, acting_user: User | None, reason: str, at: datetime) -> None:
        both_have_looked.wait(10)
        from_status, order.status = order.status, to_status
        order.save()
        OrderEvent.objects.create(
            order=order, from_status=from_status, to_status=to_status, at=at, role=role, acting_user=acting_user
        )

    order = _taken(house, people)
    monkeypatch.setattr(services, "move", move)
    assert kinds(_cancel_and_start(order, people)) == {"Order": 2}
    assert set(order.events.values_list("to_status", flat=True)) >= {Status.CANCELLED, Status.PREPARING}


def test_two_cancellations_give_the_ingredients_back_once(house: House) -> None:
    for _round in range(ROUNDS):
        order = house.order()
        copies = [Order.objects.select_related("store").get(pk=order.pk) for _ in range(4)]
        outcomes = together(
            [lambda copy=copy: cancel(order=copy, role=CUSTOMER, acting_user=None, reason="") for copy in copies]  # type: ignore[misc]
        )
        assert kinds(outcomes) == {"Order": 1, "TransitionRefused": 3}
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available == GRAMS
    assert books_that_do_not_balance() == []


def test_two_pizzaiolos_do_not_take_one_order(house: House, people: People) -> None:
    order = house.order()
    copies = [Order.objects.select_related("store").get(pk=order.pk) for _ in range(6)]
    outcomes = together(
        [lambda copy=copy: advance(order=copy, to_status=Status.TAKEN, acting_user=people.pizzaiolo) for copy in copies]  # type: ignore[misc]
    )
    assert kinds(outcomes) == {"Order": 1, "TransitionRefused": 5}
    assert order.events.count() == 2


def test_money_is_received_once_while_the_order_is_cancelled(house: House, people: People) -> None:
    for _round in range(ROUNDS):
        order = house.order()
        theirs = Order.objects.select_related("store").get(pk=order.pk)
        outcomes = together(
            [
                lambda order=order: cancel(order=order, role=CUSTOMER, acting_user=None, reason=""),  # type: ignore[misc]
                lambda order=theirs: receive(order=order, acting_user=people.cashier),  # type: ignore[misc]
            ]
        )
        assert kinds(outcomes) == {"NoneType": 1, "Order": 1}
        payment, order = Payment.objects.get(order=order), Order.objects.get(pk=order.pk)
        # Taken first, it was given back; given up first, nothing was taken.
        assert (payment.status, order.payment_status) in {("refunded", "refunded"), ("failed", "unpaid")}
