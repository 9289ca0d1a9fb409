"""Money that is given back, by several at once. In pairs: with the order's lock, and without it."""

import threading
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import partial

import pytest
from django.db import transaction

from pizzeria.ledger.models import Entry
from pizzeria.ledger.verification import extent, verify
from pizzeria.ordering import gestures, withdrawing
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.ordering.withdrawing import withdraw
from pizzeria.payments import refunds
from pizzeria.payments.models import Payment, Refund
from pizzeria.payments.refunds import hand_back, told
from pizzeria.payments.tests.test_refunds import said
from tests.cast import House, People
from tests.money import pay_online, place_online
from tests.races.together import PATIENCE, books_that_do_not_balance, kinds, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def paid(house: House, people: People) -> Order:
    """11.50 euros in cash."""
    order = house.order()
    receive(order=order, acting_user=people.cashier)
    return order


def gestures_of(order: Order, people: People, amount: str) -> list[Callable[[], object]]:
    def one() -> object:
        mine = Order.objects.select_related("store").get(pk=order.pk)
        return gesture(order=mine, amount=Decimal(amount), words="Froide", acting_user=people.manager)

    return [one] * 6


def test_gestures_at_once_never_give_back_more_than_was_paid(paid: Order, people: People) -> None:
    outcomes = together(gestures_of(paid, people, "3.00"))
    assert kinds(outcomes) == {"MoreThanWasPaid": 3, "Order": 3}
    assert Payment.objects.get().refunded == Decimal("9.00")
    assert books_that_do_not_balance() == []


def test_without_the_orders_lock_only_the_database_refuses_and_nobody_is_told_why(
    paid: Order, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_read, shares = threading.Barrier(6), gestures._shares

    def read(still_paid: Sequence[Payment], amount: Decimal) -> list[tuple[Payment, Decimal]]:
        all_have_read.wait(PATIENCE)
        return shares(still_paid, amount)

    monkeypatch.setattr(gestures, "lock", lambda order: order)
    monkeypatch.setattr(gestures, "_shares", read)
    outcomes = together(gestures_of(paid, people, "3.00"))
    assert kinds(outcomes).get("IntegrityError", 0) > 0
    assert Payment.objects.get().refunded <= Payment.objects.get().amount


def test_a_gesture_and_a_cancellation_at_once_give_back_what_was_paid_once(paid: Order, people: People) -> None:
    def call_off() -> object:
        mine = Order.objects.select_related("store").get(pk=paid.pk)
        return cancel(order=mine, role=CUSTOMER, acting_user=None, reason="")

    outcomes = together([call_off, *gestures_of(paid, people, "11.50")])
    assert kinds(outcomes)["Order"] >= 1
    assert sum(Refund.objects.values_list("amount", flat=True)) == paid.total
    assert books_that_do_not_balance() == []


def taps(refund: Refund, people: People) -> Sequence[Callable[[], object]]:
    return [partial(hand_back, refund=refund, acting_user=who) for who in (people.cashier, people.manager)] * 4


def unlocked(times: int) -> Callable[[int], Refund]:
    """What reads a refund without its locks, at the same time as so many others: none goes on before all have read."""
    all_have_read = threading.Barrier(times)

    def read(pk: int) -> Refund:
        found = Refund.objects.select_related("payment__order__store", "done_by").get(pk=pk)
        all_have_read.wait(PATIENCE)
        return found

    return read


def cancelled(order: Order) -> Refund:
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    return Refund.objects.get(payment__order=order)


def test_money_that_many_hand_back_is_handed_back_by_one(paid: Order, people: People) -> None:
    refund = cancelled(paid)
    assert kinds(together(taps(refund, people))) == {"NotToGiveBack": 7, "Refund": 1}
    assert Entry.objects.filter(kind="refund").count() == 1
    assert books_that_do_not_balance() == []


def test_without_the_orders_lock_money_is_handed_back_more_than_once(
    paid: Order, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = cancelled(paid)
    monkeypatch.setattr(refunds, "_locked", unlocked(8))
    assert kinds(together(taps(refund, people)))["Refund"] > 1
    assert books_that_do_not_balance() != []


def withdrawn_while_it_is_handed_back(order: Order, people: People) -> list[object]:
    """What came of a gesture's withdrawal that begins while a hand gives it, before that is committed."""
    gesture(order=order, amount=Decimal("4.00"), words="Froide", acting_user=people.manager)
    outcomes: list[object] = []
    refund = Refund.objects.select_related("payment").get()

    def take_back() -> None:
        outcomes.extend(together([lambda: withdraw(refund=refund, acting_user=people.manager)]))

    taker = threading.Thread(target=take_back)
    with transaction.atomic():
        hand_back(refund=refund, acting_user=people.cashier)
        taker.start()
        until_somebody_waits()
    taker.join(60)
    return outcomes


def test_a_gesture_that_is_being_handed_back_is_not_withdrawn(paid: Order, people: People) -> None:
    assert kinds(withdrawn_while_it_is_handed_back(paid, people)) == {"NotToGiveBack": 1}
    assert books_that_do_not_balance() == []


def test_without_the_orders_lock_a_gesture_is_withdrawn_that_was_handed_back(
    paid: Order, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawing, "lock", lambda order: order)
    assert kinds(withdrawn_while_it_is_handed_back(paid, people)) == {"Order": 1}
    assert books_that_do_not_balance() != []


def test_what_the_provider_says_of_a_refund_many_times_at_once_is_in_the_journal_once(
    house: House, online: None
) -> None:
    refund = cancelled(pay_online(place_online(house), reference="pi_1"))
    news = [partial(told, given_back=said(refund, is_done=done)) for done in (False, True)] * 6
    assert kinds(together(news)) == {"NoneType": 12}
    refund.refresh_from_db()
    assert refund.status == "done"
    assert books_that_do_not_balance() == []


def test_without_the_orders_lock_what_the_provider_says_is_in_the_journal_more_than_once(
    house: House, online: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    refund = cancelled(pay_online(place_online(house), reference="pi_1"))
    monkeypatch.setattr(refunds, "_locked", unlocked(12))
    together([partial(told, given_back=said(refund, is_done=True))] * 12)
    assert Entry.objects.filter(kind="refund").count() > 1
    assert books_that_do_not_balance() != []


SALES = 100


def test_a_hundred_orders_of_one_shop_that_are_placed_and_paid_at_once_leave_a_whole_journal(
    house: House, people: People
) -> None:
    lines = [house.line(), house.line("cola", None)]

    def sell() -> object:
        order = house.order(lines=lines)
        receive(order=order, acting_user=people.cashier)
        return order

    assert kinds(together([sell] * SALES)) == {"Order": SALES}
    numbers = list(Entry.objects.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 2 * SALES + 1))
    assert list(verify(store=house.bastille, extent=extent(store=house.bastille))) == []
    assert books_that_do_not_balance() == []
