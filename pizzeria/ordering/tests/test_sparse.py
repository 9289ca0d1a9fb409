"""An order that is read for its page has all that it has, and asks for nothing that it has not."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pytest_django import DjangoAssertNumQueries

from pizzeria.ordering.changing import change_order
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order, PromiseChange
from pizzeria.ordering.moving import move_promise
from pizzeria.ordering.paying import receive
from pizzeria.ordering.selectors import receipt_by_token
from pizzeria.ordering.sparse import BESIDE
from pizzeria.shop.tests.conftest import queries_of
from tests.cast import GUEST, House, People
from tests.offered import third_free

LATER = timedelta(minutes=7)
Reason = PromiseChange.Reason
Told = dict[str, list[object]]


def told_of(order: Order) -> Told:
    """The keys of all that is beside an order, as whoever has it in hand finds them."""
    lines, payments = order.lines.all(), order.payments.all()
    return {
        "lines": [line.pk for line in lines],
        "lines__changes": [(change.pk, change.ingredient.name) for line in lines for change in line.changes.all()],
        "offers": [row.pk for row in order.offers.all()],
        "events": [row.pk for row in order.events.all()],
        "order_changes": [row.pk for row in order.order_changes.all()],
        "promise_changes": [row.pk for row in order.promise_changes.all()],
        "payments__refunds": [refund.pk for payment in payments for refund in payment.refunds.all()],
    }


def read(order: Order) -> Order:
    found = receipt_by_token(token=order.token)
    assert found
    return found


def an_order_to_which_everything_happened(house: House, people: People) -> Order:
    """Three pizzas for two, one with an extra; changed, paid, some of it given back, and promised for later."""
    third_free()
    asked = [house.line(quantity=2), house.line(extras=(house.ingredients["chevre"].pk,))]
    order = house.order(lines=asked)
    change_order(
        order=order, version=order.version, lines=asked, contact=replace(GUEST, comment="Sonnez deux fois"),
        fulfilment=order.fulfilment, expected_total=order.total,
    )  # fmt: skip
    order = read(order)
    receive(order=order, acting_user=people.cashier)
    gesture(order=order, amount=Decimal("1.00"), words="Attente", acting_user=people.manager)
    move_promise(order=order, to=order.promised_at + LATER, reason=Reason.RUSH, acting_user=people.manager)
    return order


def test_all_that_an_order_has_is_read_as_it_is(house: House, people: People) -> None:
    order = an_order_to_which_everything_happened(house, people)
    told = told_of(read(order))
    assert told == told_of(Order.objects.get(pk=order.pk))
    assert all(told.values()), "and there is something of everything"


def test_an_order_that_has_nothing_beside_it_says_so_without_asking_again(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = read(house.order())
    with django_assert_num_queries(0):
        told = told_of(found)
    assert {name for name, rows in told.items() if not rows} == {sparse.lookup for sparse in BESIDE}


def test_what_is_there_costs_a_question_more_and_what_is_not_there_none(house: House, people: People) -> None:
    plain, full = house.order(), an_order_to_which_everything_happened(house, people)
    assert queries_of(lambda: read(full)) == queries_of(lambda: read(plain)) + len(BESIDE)


def test_what_happens_to_an_order_is_read_the_next_time(house: House, people: People) -> None:
    order = house.order()
    assert not read(order).promise_changes.all()
    move_promise(order=order, to=order.promised_at + LATER, reason=Reason.RUSH, acting_user=people.manager)
    assert [change.reason for change in read(order).promise_changes.all()] == [Reason.RUSH]
