"""A gesture gives back what was paid and no more, and the journal sells so much less."""

from decimal import Decimal

import pytest
from django.utils import timezone

from pizzeria.ledger.models import Reason
from pizzeria.ledger.selectors import turnover_of
from pizzeria.ordering.errors import StillWaits
from pizzeria.ordering.gestures import gesture, give_back_part, still_paid
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.ordering.withdrawing import withdraw
from pizzeria.payments.errors import MoreThanWasPaid, NotToGiveBack, WordsMissing
from pizzeria.payments.models import Payment, Refund
from pizzeria.payments.refunds import hand_back
from pizzeria.payments.services import expect
from pizzeria.rows import insert_all
from tests.cast import House, People
from tests.money import in_journal, pay_online, place_online


def euros(amount: str) -> Decimal:
    return Decimal(amount)


@pytest.fixture
def paid(house: House, people: People) -> Order:
    """Two pizzas of 9 euros, colas of 2.50, taken at the counter in cash."""
    order = house.order(lines=[house.line(), house.line("cola", None, quantity=2)], fulfilment="collection")
    receive(order=order, acting_user=people.cashier)
    return order


def owed(order: Order) -> list[tuple[str, Decimal, str]]:
    refunds = Refund.objects.filter(payment__order=order).select_related("payment")
    return [(refund.payment.method, refund.amount, refund.reason) for refund in refunds]


def test_a_gesture_owes_back_a_part_sells_less_at_every_rate_and_leaves_the_order_paid(
    paid: Order, people: People
) -> None:
    gesture(order=paid, amount=euros("4.00"), words="Livrée froide", acting_user=people.manager)
    assert owed(paid) == [("cash", euros("4.00"), "gesture")]
    assert sum(part.amount for part in turnover_of(order=paid.number)) == paid.total - 4
    assert in_journal(paid)[-1] == ("correction", "gesture", euros("-4.00"))
    refund = Refund.objects.get()
    assert (refund.words, refund.asked_by) == ("Livrée froide", people.manager)
    assert (Order.objects.get().payment_status, Payment.objects.get().status) == ("paid", "paid")


def test_a_gesture_of_everything_leaves_an_order_that_is_refunded_and_nothing_sold(paid: Order, people: People) -> None:
    gesture(order=paid, amount=euros("4.00"), words="Froide", acting_user=people.manager)
    gesture(order=paid, amount=paid.total - 4, words="Et oubliée", acting_user=people.manager)
    for refund in Refund.objects.all():
        hand_back(refund=refund, acting_user=people.cashier)
    assert Order.objects.get().payment_status == "refunded"
    assert not any(part.amount or part.vat for part in turnover_of(order=paid.number))
    assert sum(amount for _kind, _why, amount in in_journal(paid)) == 0


@pytest.mark.parametrize("amount", ["0.00", "-1.00", "14.01", "0.001", "0.005", "99999999999"])
def test_nothing_less_than_a_cent_and_nothing_more_than_was_paid_is_given_back(
    paid: Order, people: People, amount: str
) -> None:
    with pytest.raises(MoreThanWasPaid, match="14,00"):
        gesture(order=paid, amount=euros(amount), words="Froide", acting_user=people.manager)
    assert (owed(paid), len(in_journal(paid))) == ([], 2)


@pytest.mark.parametrize("words", ["", "  ", "\u200b\u2063"])
def test_a_gesture_says_why(paid: Order, people: People, words: str) -> None:
    with pytest.raises(WordsMissing):
        gesture(order=paid, amount=euros("1.00"), words=words, acting_user=people.manager)
    assert owed(paid) == []


def test_of_an_order_that_is_not_paid_nothing_is_given_back(house: House, people: People) -> None:
    order = house.order()
    with pytest.raises(MoreThanWasPaid, match="Rien n’est payé"):
        gesture(order=order, amount=euros("1.00"), words="Froide", acting_user=people.manager)


def test_of_an_order_that_has_not_left_for_the_kitchen_nothing_is_given_back(
    house: House, people: People, online: None
) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    # The process ended before the order moved.
    Order.objects.update(status="awaiting_payment")
    with pytest.raises(StillWaits, match="Attendez une minute"):
        gesture(order=order, amount=order.total, words="Froide", acting_user=people.manager)
    assert owed(order) == []


def test_of_an_order_that_was_paid_before_there_was_a_journal_money_is_owed_back_and_no_sale_corrected(
    house: House, people: People
) -> None:
    order = house.order()
    Payment.objects.filter(order=order).update(status="paid", received_at=timezone.now())
    gesture(order=order, amount=euros("4.00"), words="Froide", acting_user=people.manager)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="")
    assert owed(order) == [("cash", euros("4.00"), "gesture"), ("cash", order.total - 4, "cancelled")]
    assert in_journal(order) == []


def test_of_several_payments_the_one_online_is_given_back_first_then_the_newest(
    house: House, people: People, online: None
) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    whole = order.total
    # As if 10 euros had been paid on the page, the rest by two means at the door.
    Payment.objects.filter(order=order).update(amount=euros("10.00"))
    for method, amount in (("cash", euros("4.00")), ("terminal", whole - 14)):
        insert_all(expect(order=order, method=method, amount=amount))
        receive(order=order, acting_user=people.cashier)
    give_back_part(order=order, amount=whole - 1, reason=Reason.CHANGED, acting_user=people.manager)
    assert owed(order) == [
        ("online", euros("10.00"), "changed"),
        ("terminal", whole - 14, "changed"),
        ("cash", euros("3.00"), "changed"),
    ]
    assert Order.objects.get().payment_status == "paid"


def test_what_is_given_back_of_an_order_that_is_then_cancelled_is_given_back_once(paid: Order, people: People) -> None:
    gesture(order=paid, amount=euros("4.00"), words="En retard", acting_user=people.manager)
    cancel(order=paid, role=CUSTOMER, acting_user=None, reason="")
    assert [amount for _method, amount, _reason in owed(paid)] == [euros("4.00"), paid.total - 4]
    for refund in Refund.objects.all():
        hand_back(refund=refund, acting_user=people.cashier)
    assert sum(amount for _kind, _why, amount in in_journal(paid)) == 0
    assert sum(part.amount for part in turnover_of(order=paid.number)) == 0
    with pytest.raises(MoreThanWasPaid):
        gesture(order=paid, amount=euros("0.01"), words="Encore", acting_user=people.manager)


@pytest.mark.parametrize("amount", ["4.00", "14.00"])
def test_a_gesture_that_was_a_mistake_is_taken_back_once_and_the_order_is_as_it_was(
    paid: Order, people: People, amount: str
) -> None:
    sold = turnover_of(order=paid.number)
    gesture(order=paid, amount=euros(amount), words="Tapé 40 pour 4", acting_user=people.manager)
    refund = Refund.objects.select_related("payment").get()
    withdraw(refund=refund, acting_user=people.manager)
    with pytest.raises(NotToGiveBack, match="n’est plus à rendre"):
        withdraw(refund=refund, acting_user=people.manager)
    assert (owed(paid), turnover_of(order=paid.number)) == ([], sold)
    assert in_journal(paid)[2:] == [("correction", "gesture", -euros(amount)), ("correction", "mistake", euros(amount))]
    payment = Payment.objects.get()
    assert (Order.objects.get().payment_status, payment.status, payment.refunded) == ("paid", "paid", euros("0.00"))
    assert still_paid(order=paid) == paid.total


def test_what_was_given_and_what_a_cancelled_orders_client_is_owed_is_not_taken_back(
    paid: Order, people: People
) -> None:
    gesture(order=paid, amount=euros("4.00"), words="Froide", acting_user=people.manager)
    given = hand_back(refund=Refund.objects.get(), acting_user=people.cashier)
    with pytest.raises(NotToGiveBack, match="déjà rendue"):
        withdraw(refund=given, acting_user=people.manager)
    cancel(order=paid, role=CUSTOMER, acting_user=None, reason="")
    with pytest.raises(NotToGiveBack, match="due au client"):
        withdraw(refund=Refund.objects.get(status="due"), acting_user=people.manager)
    assert len(owed(paid)) == 2
