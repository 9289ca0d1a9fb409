"""A client's change against the pizzaiolo's start, and against another change: one wins, the other is told (UC 1.3)."""

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from pizzeria.ordering import changing
from pizzeria.ordering.changing import change_order
from pizzeria.ordering.errors import OrderChanged
from pizzeria.ordering.models import Order, OrderChange
from pizzeria.ordering.services import advance
from pizzeria.ordering.sold_lines import lines_of
from pizzeria.rows import insert_all
from pizzeria.stock.models import StockItem
from tests.cast import GRAMS, GUEST, House, People
from tests.races.together import books_that_do_not_balance, kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

Status = Order.Status
ROUNDS = 8
REINE_TOO = Decimal("23.50")


def _taken(house: House, people: People) -> Order:
    return advance(order=house.order(), to_status=Status.TAKEN, acting_user=people.pizzaiolo)


def _add_a_reine(house: House, order: Order, *, street: str = GUEST.street) -> Callable[[], Order]:
    """A change from a page that shows the order as it is now."""
    lines = [house.line(), house.line("reine")]
    return lambda: change_order(
        order=order,
        version=order.version,
        lines=lines,
        contact=replace(GUEST, street=street),
        fulfilment="delivery",
        expected_total=REINE_TOO,
    )


def _change_and_start(house: House, order: Order, people: People) -> list[Order | Exception]:
    theirs = Order.objects.select_related("store").get(pk=order.pk)
    return together(
        [
            _add_a_reine(house, order),
            lambda: advance(order=theirs, to_status=Status.PREPARING, acting_user=people.pizzaiolo),
        ]
    )


def test_a_change_and_a_start_cannot_both_win(house: House, people: People) -> None:
    changed = 0
    for _round in range(ROUNDS):
        order = _taken(house, people)
        assert kinds(_change_and_start(house, order, people)) == {"Order": 1, "TransitionRefused": 1}
        now = Order.objects.get(pk=order.pk)
        is_changed = now.lines.count() == 2
        assert (now.status == Status.TAKEN) is is_changed
        assert now.total == (REINE_TOO if is_changed else order.total)
        assert now.payments.get().amount == now.total
        assert now.order_changes.count() == is_changed
        changed += is_changed
    left = StockItem.objects.get(store=house.bastille, ingredient__slug="jambon").available
    assert left == GRAMS - 60 * changed
    assert books_that_do_not_balance() == []


def test_without_the_comparison_a_pizza_is_changed_in_the_oven(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_looked, has_started = threading.Event(), threading.Event()

    def look(order: Order) -> Order:
        found = Order.objects.select_related("store", "customer").get(pk=order.pk)
        has_looked.set()
        assert has_started.wait(10)
        return found

    def replace_all(order: Order, plan: changing.Plan, promise: object) -> None:
        order.total, order.subtotal = plan.quote.total, plan.quote.subtotal
        order.save()
        order.lines.all().delete()
        insert_all(*lines_of(order=order, priced=plan.quote))

    def start() -> Order:
        assert has_looked.wait(10)
        theirs = Order.objects.select_related("store").get(pk=order.pk)
        started = advance(order=theirs, to_status=Status.PREPARING, acting_user=people.pizzaiolo)
        has_started.set()
        return started

    order = _taken(house, people)
    monkeypatch.setattr(changing, "_locked", look)
    monkeypatch.setattr(changing, "_replace", replace_all)
    assert kinds(together([_add_a_reine(house, order), start])) == {"Order": 2}
    now = Order.objects.get(pk=order.pk)
    # Somebody is at work on it, and it says that nobody is.
    assert (now.status, now.lines.count()) == (Status.TAKEN, 2)
    assert now.events.filter(to_status=Status.PREPARING).exists()


def test_of_two_changes_the_second_is_told_with_both_values(house: House) -> None:
    for _round in range(ROUNDS):
        order = house.order()
        streets = ["8 rue de Charonne", "1 rue Amelot"]
        outcomes = together([_add_a_reine(house, order, street=street) for street in streets])
        assert kinds(outcomes) == {"Order": 1, "OrderChanged": 1}
        [told] = [outcome for outcome in outcomes if isinstance(outcome, OrderChanged)]
        now = Order.objects.get(pk=order.pk)
        [other] = [street for street in streets if street != now.street]
        assert told.details["standing"] == {"contact": {"street": now.street}}
        assert told.details["asked"] == {"contact": {"street": other}}
        assert now.order_changes.count() == 1
    assert books_that_do_not_balance() == []


def test_one_change_sent_several_times_is_made_once(house: House) -> None:
    order = house.order()
    outcomes = together([_add_a_reine(house, order) for _tap in range(6)])
    assert kinds(outcomes) == {"Order": 6}
    assert OrderChange.objects.count() == 1
    assert books_that_do_not_balance() == []


def test_of_two_changes_that_want_the_last_ham_one_gets_it(house: House) -> None:
    orders = [house.order(), house.order()]
    StockItem.objects.filter(store=house.bastille, ingredient__slug="jambon").update(available=60)
    outcomes = together([_add_a_reine(house, order) for order in orders])
    assert kinds(outcomes) == {"Order": 1, "OutOfStock": 1}
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="jambon").available == 0
