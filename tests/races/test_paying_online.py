"""Two tabs, a double click, the clock and the card: one charge, and money is taken once. Each race comes in a pair."""

import threading
import time
from functools import partial

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from pizzeria.ordering import asking, letting_go, online
from pizzeria.ordering.errors import PaymentUnavailable
from pizzeria.ordering.letting_go import let_go
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import lock
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import SYSTEM
from pizzeria.payments.models import Method, Payment, Refund
from pizzeria.payments.providers import Charge, State
from pizzeria.payments.providers.stripe import Stripe
from pizzeria.payments.services import record_received
from tests.cast import House
from tests.races.together import kinds, together, until_somebody_waits
from tests.stripe.books import assert_books_balance, books_of, fresh, order_online, stands
from tests.stripe_double import StripeDouble

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PAID = ("to_prepare", "paid")
TABS = 4
ROUNDS = 6


def _begun_by_tabs(order: Order) -> set[str]:
    """The charges that the tabs of a client show, each begun at the same moment."""
    tabs = [fresh(order) for _tab in range(TABS)]
    outcomes = together([lambda tab=tab: online.begin(order=tab) for tab in tabs])  # type: ignore[misc]
    assert kinds(outcomes) == {"Charge": TABS}
    return {charge.reference for charge in outcomes if isinstance(charge, Charge)}


def test_a_double_click_and_two_tabs_are_one_charge(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They ask one after the other: on a busy machine the last would be told to try again.
    monkeypatch.setattr(asking, "QUEUE_SECONDS", 60.0)
    order = order_online(house)
    [reference] = _begun_by_tabs(order)
    together([lambda: stripe.pay(reference)] * TABS)
    together([lambda: stripe.send(*stripe.signed(stripe.outbox[0]))] * TABS)
    assert [len(stripe.charges(reference)), len(stripe.intents())] == [1, 1]
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_without_the_idempotency_key_and_the_comparison_each_tab_pays(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    all_have_asked = threading.Barrier(TABS)
    charge = Stripe.charge

    def without_key(self: Stripe, *, amount: object, order: str, key: str, customer: str = "") -> Charge:
        all_have_asked.wait(10)
        own = f"{key}{threading.get_ident()}"
        return charge(self, amount=amount, order=order, key=own, customer=customer)  # type: ignore[arg-type]

    def keep(order: Order, due: Payment, charge: Charge) -> bool:
        Payment.objects.filter(pk=due.pk).update(reference=charge.reference)
        return True

    monkeypatch.setattr(asking, "LINES", threading.BoundedSemaphore(TABS))
    monkeypatch.setattr(Stripe, "charge", without_key)
    monkeypatch.setattr(online, "_keep", keep)
    order = order_online(house)
    references = _begun_by_tabs(order)
    for reference in references:
        stripe.pay(reference)
    assert len(references) == TABS
    assert stripe.received() == TABS * order.total


def _waiting_for_a_stripe_that_hangs(house: House, stripe: StripeDouble) -> list[float]:
    """How long each of eight clients waits for an answer, in seconds."""
    orders = [order_online(house) for _client in range(8)]
    stripe.fault("POST /v1/payment_intents", "hang", times=None)

    def begin(order: Order) -> float:
        connection.ensure_connection()
        began = time.monotonic()
        with pytest.raises(PaymentUnavailable):
            online.begin(order=order)
        return time.monotonic() - began

    outcomes = together([partial(begin, order) for order in orders])
    return sorted(seconds for seconds in outcomes if isinstance(seconds, float))


def test_a_stripe_that_hangs_keeps_one_thread_of_a_process_and_no_more(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizzeria.payments.providers.stripe.ANSWER_SECONDS", 5.0)
    monkeypatch.setattr(asking, "QUEUE_SECONDS", 0.2)
    waited = _waiting_for_a_stripe_that_hangs(house, stripe)
    assert [seconds < 5 for seconds in waited] == [True] * 7 + [False]


def test_without_counting_them_it_keeps_all(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizzeria.payments.providers.stripe.ANSWER_SECONDS", 1.0)
    monkeypatch.setattr(asking, "LINES", threading.BoundedSemaphore(100))
    assert min(_waiting_for_a_stripe_that_hangs(house, stripe)) > 1


def test_what_is_told_by_many_at_once_is_recorded_once(house: House, stripe: StripeDouble) -> None:
    order = order_online(house)
    reference = online.begin(order=order).reference
    stripe.pay(reference)
    at = order.payable_until or timezone.now()
    outcomes = together(
        [
            lambda: online.look_up(order=fresh(order)),
            lambda: online.look_up(order=fresh(order)),
            lambda: stripe.send(*stripe.signed(stripe.outbox[0])),
            lambda: let_go(at=at),
        ]
    )
    assert kinds(outcomes) == {"Seen": 2, "int": 2}
    assert stands(order) == PAID
    assert fresh(order).events.count() == 2
    assert_books_balance(stripe)


def test_without_the_order_s_lock_money_is_recorded_twice(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    both_have_looked = threading.Barrier(2)
    order = order_online(house)
    reference = online.begin(order=order).reference
    stripe.pay(reference)
    recorded = []

    def record(charge: Charge, at: object) -> Order:
        payment = Payment.objects.select_related("order__store").get(reference=charge.reference)
        unpaid = payment.status == "unpaid"
        both_have_looked.wait(10)
        if unpaid:
            record_received(payment=payment, order=payment.order)
            recorded.append(payment.entry_number)
        return payment.order

    monkeypatch.setattr(online, "_record", record)
    together([lambda: online.look_up(order=fresh(order))] * 2)
    assert len(set(recorded)) == 2


def _somebody_holds_the_order_while_money_comes_under_a_lost_reference(house: House) -> None:
    """As when a client chooses the door, after a restore. Raises OperationalError if they keep each other waiting."""
    order = order_online(house)
    charge = Charge(reference="pi_lost", state=State.PAID, amount=order.total, order=order.number)
    comes = threading.Thread(target=together, args=([lambda: online.settle(charge=charge)],))
    try:
        with transaction.atomic():
            lock(order)
            comes.start()
            until_somebody_waits()
            Payment.objects.select_for_update(nowait=True).get(order=order)
    finally:
        comes.join(10)
    assert stands(order) == PAID


def test_money_under_a_lost_reference_waits_for_whoever_holds_its_order(house: House, stripe: StripeDouble) -> None:
    _somebody_holds_the_order_while_money_comes_under_a_lost_reference(house)


def test_without_the_order_s_lock_first_the_two_wait_for_each_other(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    order_of = online._order_of

    def written_first(charge: Charge) -> Order | None:
        found = order_of(charge)
        assert found
        online._payment_of(charge, found)
        return found

    monkeypatch.setattr(online, "_order_of", written_first)
    with pytest.raises(OperationalError, match="could not obtain lock"):
        _somebody_holds_the_order_while_money_comes_under_a_lost_reference(house)


def _expires_while_it_is_paid(stripe: StripeDouble, order: Order, reference: str) -> None:
    """The job and the client's bank are at it at the same moment."""
    at = order.payable_until or timezone.now()
    together([lambda: let_go(at=at), lambda: stripe.pay(reference)])
    stripe.deliver()


def test_the_end_of_its_time_and_the_card_never_both_win(house: House, stripe: StripeDouble) -> None:
    for _round in range(ROUNDS):
        order = order_online(house)
        _expires_while_it_is_paid(stripe, order, online.begin(order=order).reference)
        assert stands(order) in {PAID, ("cancelled", "unpaid")}
        assert stripe.received() == books_of(stripe)[2]
    assert Refund.objects.count() == 0
    assert_books_balance(stripe)


def test_without_asking_stripe_first_a_paid_order_is_cancelled(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_paid = threading.Event()

    def look_after(order: Order, *_line_and_moments: object) -> bool:
        is_paid.wait(10)
        cancel(order=order, role=SYSTEM, acting_user=None, reason="late")
        return True

    monkeypatch.setattr(letting_go, "_look_after", look_after)
    order = order_online(house)
    reference = online.begin(order=order).reference
    stripe.pay(reference)
    is_paid.set()
    let_go(at=order.payable_until or timezone.now())
    stripe.deliver()
    # The money is not lost even so: it is owed back.
    assert stands(order) == ("cancelled", "refunded")
    assert_books_balance(stripe)


def _expires_while_it_is_begun(order: Order) -> None:
    at = order.payable_until or timezone.now()
    together([lambda: let_go(at=at), lambda: online.begin(order=fresh(order))])
    let_go(at=at)


def test_a_charge_that_is_begun_while_the_order_is_let_go_is_not_left_open(house: House, stripe: StripeDouble) -> None:
    for _round in range(ROUNDS):
        order = order_online(house)
        _expires_while_it_is_begun(order)
        assert stands(order) == ("cancelled", "unpaid")
    assert {intent["status"] for intent in stripe.intents()} <= {"canceled"}


def test_without_comparing_a_charge_stays_open_for_an_order_that_is_cancelled(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_online(house)
    at = order.payable_until or timezone.now()

    def keep(order: Order, due: Payment, charge: Charge) -> bool:
        let_go(at=at)
        Payment.objects.filter(pk=due.pk).update(reference=charge.reference)
        return True

    monkeypatch.setattr(online, "_keep", keep)
    charge = online.begin(order=fresh(order))
    assert (stands(order)[0], stripe.pay(charge.reference)["status"]) == ("cancelled", "succeeded")


def _at_the_door_while_it_is_paid(stripe: StripeDouble, order: Order, reference: str) -> None:
    outcomes = together(
        [lambda: online.pay_at_door(order=fresh(order), method=Method.CASH), lambda: stripe.pay(reference)]
    )
    assert isinstance(outcomes[0], Order)


def test_the_door_and_the_card_at_once_take_money_once(house: House, stripe: StripeDouble) -> None:
    for _round in range(ROUNDS):
        order = order_online(house)
        reference = online.begin(order=order).reference
        _at_the_door_while_it_is_paid(stripe, order, reference)
        stripe.deliver()
        paid = stripe.charges(reference) != []
        assert stands(order) == (PAID if paid else ("to_prepare", "unpaid"))
        due = list(order.payments.filter(status="unpaid").values_list("method", flat=True))
        assert due == ([] if paid else ["cash"])
    assert_books_balance(stripe)


def test_without_closing_the_charge_both_are_due(
    house: House, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(online, "_was_paid_when_closed", lambda order: bool(order.refresh_from_db()))
    order = order_online(house)
    reference = online.begin(order=order).reference
    online.pay_at_door(order=order, method=Method.CASH)
    with transaction.atomic():
        assert stripe.pay(reference)["status"] == "succeeded"
    assert order.payments.filter(status="unpaid", method="cash").exists()
    assert stripe.received() == order.total
    assert asking.ask(lambda it: it.confirm(reference=reference)).state == State.PAID
