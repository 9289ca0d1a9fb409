"""Two hands at one order's money, and a float that is counted while cash comes in. Each race comes in a pair."""

import threading
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connections, transaction

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Entry
from pizzeria.ordering import paying
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import Means, receive, take
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments import refunds
from pizzeria.payments.models import CashRound, Payment, Refund
from pizzeria.payments.refunds import hand_back
from pizzeria.payments.rounds import close_round, open_round
from tests.cast import House, People
from tests.races.together import kinds, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 10
DUE = Decimal("11.50")
FLOAT = Decimal("40.00")
PART = Means(method="cash", amount=Decimal("5.00"))


def _copies(order: Order, count: int) -> list[Order]:
    return [Order.objects.select_related("store").get(pk=order.pk) for _ in range(count)]


def _all_take(order: Order, who: User, times: int) -> list[list[Payment] | Exception]:
    """The same part of what is due, on as many phones, all of which show the same."""
    return together(
        [
            lambda copy=copy: take(order=copy, means=[PART], expected_due=DUE, acting_user=who)  # type: ignore[misc]
            for copy in _copies(order, times)
        ]
    )


def _money(order: Order) -> list[tuple[str, Decimal]]:
    return sorted(order.payments.values_list("status", "amount"))


def test_of_many_taps_one_takes_and_the_others_are_told(house: House, people: People) -> None:
    for _round in range(ROUNDS):
        order = house.order()
        assert kinds(_all_take(order, people.cashier, 4)) == {"DueChanged": 3, "list": 1}
        assert _money(order) == [("paid", Decimal("5.00")), ("unpaid", Decimal("6.50"))]
        assert list(Entry.objects.filter(order=order.number).values_list("kind", flat=True)) == ["sale", "payment"]


def test_without_the_orders_lock_two_taps_take_twice_what_one_said(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked = threading.Barrier(2)
    real_due = paying._due

    def due(order: Order, locked: Order, expected_due: Decimal) -> Payment:
        found = real_due(order, locked, expected_due)
        both_have_looked.wait(10)
        return found

    monkeypatch.setattr(paying, "lock", lambda order: order)
    monkeypatch.setattr(paying, "_due", due)
    order = house.order()
    assert kinds(_all_take(order, people.cashier, 2)) == {"list": 2}
    assert sum(amount for _status, amount in _money(order)) > order.total


def test_taking_all_in_one_tap_and_a_part_elsewhere_never_takes_more_than_is_due(house: House, people: People) -> None:
    for _round in range(ROUNDS):
        order = house.order()
        mine, theirs = _copies(order, 2)
        together(
            [
                lambda order=mine: receive(order=order, acting_user=people.cashier),  # type: ignore[misc]
                lambda order=theirs: take(  # type: ignore[misc]
                    order=order, means=[PART], expected_due=DUE, acting_user=people.cashier
                ),
            ]
        )
        taken = [amount for status, amount in _money(order) if status == "paid"]
        assert sum(taken) == DUE
        assert Order.objects.get(pk=order.pk).payment_status == "paid"


def _close_while_cash_comes_in(house: House, people: People) -> tuple[CashRound, Payment]:
    cash_round = open_round(
        store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.cashier
    )
    order = house.order()
    outcomes = together(
        [
            lambda: receive(order=order, acting_user=people.driver),
            lambda: close_round(
                cash_round=cash_round, handed_over=FLOAT, explanation="Compté", acting_user=people.manager
            ),
        ]
    )
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    return CashRound.objects.get(pk=cash_round.pk), order.payments.get()


def test_what_comes_in_while_a_float_is_counted_is_counted_or_outside_it(house: House, people: People) -> None:
    for _round in range(ROUNDS):
        closed, payment = _close_while_cash_comes_in(house, people)
        inside = payment.amount if payment.cash_round else Decimal(0)
        assert closed.expected == FLOAT + inside


def test_who_waits_for_the_counting_pays_outside_the_closed_float(house: House, people: People) -> None:
    cash_round = open_round(
        store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.cashier
    )
    order = house.order()

    def pay() -> None:
        receive(order=order, acting_user=people.driver)
        connections.close_all()

    paid = threading.Thread(target=pay)
    with transaction.atomic():
        close_round(cash_round=cash_round, handed_over=FLOAT, explanation="", acting_user=people.cashier)
        paid.start()
        until_somebody_waits()
    paid.join(60)
    assert order.payments.get().status == "paid"
    assert order.payments.get().cash_round is None


def test_without_the_floats_lock_cash_slips_into_what_was_counted(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_looked, was_counted = threading.Event(), threading.Event()

    def unlocked(*, store_id: int, driver: User) -> CashRound | None:
        found = CashRound.objects.filter(store_id=store_id, driver=driver, closed_at__isnull=True).first()
        has_looked.set()
        was_counted.wait(10)
        return found

    monkeypatch.setattr(paying, "open_round_of", unlocked)
    cash_round = open_round(
        store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.cashier
    )
    order = house.order()

    def count() -> CashRound:
        has_looked.wait(10)
        closed = close_round(cash_round=cash_round, handed_over=FLOAT, explanation="", acting_user=people.cashier)
        was_counted.set()
        return closed

    together([lambda: receive(order=order, acting_user=people.driver), count])
    assert CashRound.objects.get(pk=cash_round.pk).expected == FLOAT
    assert order.payments.get().cash_round == cash_round


def _expected_of_who_hands_back(
    house: House, people: People, meanwhile: Callable[[threading.Thread], object]
) -> Decimal | None:
    """What a float is counted to be, of a driver who gives back in cash all that is in it; `meanwhile` is in between."""
    cash_round = open_round(
        store=house.bastille, driver=people.driver, opening_amount=FLOAT, acting_user=people.cashier
    )
    order = house.order()
    receive(order=order, acting_user=people.driver)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")

    def count() -> None:
        close_round(cash_round=cash_round, handed_over=FLOAT, explanation="Compté", acting_user=people.manager)
        connections.close_all()

    counting = threading.Thread(target=count)
    with transaction.atomic():
        hand_back(refund=Refund.objects.get(), acting_user=people.driver)
        counting.start()
        meanwhile(counting)
    counting.join(60)
    return CashRound.objects.get().expected


def test_what_is_handed_back_while_a_float_is_counted_is_counted(house: House, people: People) -> None:
    assert _expected_of_who_hands_back(house, people, lambda _counting: until_somebody_waits()) == FLOAT


def test_without_the_floats_lock_what_is_handed_back_is_missing_from_what_was_counted(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "open_round_of", lambda **_who: None)
    assert _expected_of_who_hands_back(house, people, lambda counting: counting.join(60)) == FLOAT + DUE
