"""Whatever the client, the house, Stripe and the clock do, and in whatever order: the books balance in the end."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pizzeria.errors import BusinessError
from pizzeria.ordering import online
from pizzeria.ordering.letting_go import CLOSING_MINUTES, PATIENCE, let_go
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.payments.models import Payment
from tests import stripe_double as cards
from tests.cast import House, People
from tests.stripe.books import assert_books_balance, cheese_taken, fresh, order_online
from tests.stripe_double import StripeDouble

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

MINUTE = timedelta(minutes=1)


class Life:
    """One order's, step by step. The client's page knows the charges that it was given, all of them."""

    def __init__(self, house: House, people: People, stripe: StripeDouble) -> None:
        self.house, self.people, self.stripe = house, people, stripe
        self.order = order_online(house)
        self.end = self.order.payable_until or self.order.placed_at
        self.charges: list[str] = []

    def begins(self) -> None:
        self.charges.append(online.begin(order=fresh(self.order)).reference)

    def pays(self) -> None:
        if self.charges:
            self.stripe.pay(self.charges[-1])

    def pays_in_the_first_tab(self) -> None:
        if self.charges:
            self.stripe.pay(self.charges[0])

    def is_refused(self) -> None:
        if self.charges:
            self.stripe.pay(self.charges[-1], cards.REFUSED)

    def returns(self) -> None:
        online.look_up(order=fresh(self.order))

    def chooses_the_door(self) -> None:
        online.pay_at_door(order=fresh(self.order), method="cash")

    def gives_up(self) -> None:
        online.give_up(order=fresh(self.order))

    def pays_cash(self) -> None:
        order = fresh(self.order)
        if order.status == Order.Status.TO_PREPARE:
            receive(order=order, acting_user=self.people.cashier)

    def is_cancelled_by_the_house(self) -> None:
        cancel_as_staff(order=fresh(self.order), acting_user=self.people.manager, reason="Four en panne")

    def costs_more(self) -> None:
        self._costs(1)

    def costs_less(self) -> None:
        self._costs(-1)

    def is_told(self) -> None:
        self.stripe.deliver()

    def is_told_twice_and_turned_round(self) -> None:
        self.stripe.deliver(times=2, turned_round=True)

    def a_message_is_lost(self) -> None:
        self.stripe.outbox.clear()

    def a_minute_passes(self) -> None:
        let_go(at=self.order.placed_at + MINUTE)

    def its_time_is_over(self) -> None:
        let_go(at=self.end)

    def patience_is_over(self) -> None:
        let_go(at=self.end + PATIENCE)

    def stripe_goes_down(self) -> None:
        self.stripe.fault("", "500", times=None)

    def stripe_s_answers_are_lost(self) -> None:
        self.stripe.fault("POST", "cut after", times=3)

    def stripe_is_back(self) -> None:
        self.stripe.heal()

    def _costs(self, more: int) -> None:
        if fresh(self.order).status == Order.Status.AWAITING_PAYMENT and not fresh(self.order).sold_at:
            Order.objects.filter(pk=self.order.pk).update(subtotal=F("subtotal") + more, total=F("total") + more)
            Payment.objects.filter(order=self.order, status="unpaid").update(amount=F("amount") + more)


RARE = sorted(name for name, verb in vars(Life).items() if callable(verb) and not name.startswith("_"))
OFTEN = ["begins", "pays", "is_told", "returns", "costs_less", "costs_more", "stripe_is_back"]
"""Half of the steps are of these: most of the others end the order's wait."""
STEP = st.one_of(st.sampled_from(RARE), st.sampled_from(OFTEN))


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(steps=st.lists(STEP, min_size=4, max_size=16))
def test_money_received_is_orders_paid_and_refunds_due(
    house: House, people: People, stripe: StripeDouble, steps: list[str]
) -> None:
    stripe.forget()
    with transaction.atomic():
        life = Life(house, people, stripe)
        for step in ["begins", *steps]:
            verb: Callable[[], None] = getattr(life, step)
            with suppress(BusinessError):
                verb()
        _all_comes_out(life)
        transaction.set_rollback(True)


def _all_comes_out(life: Life) -> None:
    """Stripe is back, says what nobody has heard, and the clock goes on."""
    life.stripe.heal()
    life.stripe.deliver()
    late = life.end + PATIENCE
    let_go(at=late)
    # On the next tenth minute, when what nobody wants any more is closed.
    let_go(at=late + MINUTE * (-late.minute % CLOSING_MINUTES))
    assert_books_balance(life.stripe)
    order = fresh(life.order)
    kept = sum(payment.amount - payment.refunded for payment in order.payments.filter(status="paid"))
    if order.status == Order.Status.CANCELLED:
        assert (kept, order.payment_status) in {(0, "unpaid"), (0, "refunded")}
    else:
        # It stands, is paid once or due at the door, and waits for nothing.
        assert order.status == Order.Status.TO_PREPARE
        due = sum(payment.amount for payment in order.payments.filter(status="unpaid").exclude(method="online"))
        assert (kept, due) in {(order.total, 0), (0, order.total)}
        assert (order.payment_status == "paid") == (kept == order.total)
    assert cheese_taken(life.house) == (0 if order.status == Order.Status.CANCELLED else 100)
