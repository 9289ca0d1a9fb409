"""Refunds of what was paid on the page: given back once, whatever happens to Stripe, to us or to the network between us."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.payments import refunds
from pizzeria.payments.errors import NotToGiveBack
from pizzeria.payments.models import Refund
from pizzeria.payments.providers.stripe import Stripe
from pizzeria.payments.refunds import PAUSES, key_of, retry, send_due, settle_by_hand
from tests.cast import House, People
from tests.money import in_journal, pay_online, place_online
from tests.races.together import money_that_does_not_balance, together
from tests.stripe_double import Asked, StripeDouble

pytestmark = pytest.mark.machine

REFUNDING = "POST /v1/refunds"


@pytest.fixture
def paid(house: House, stripe: StripeDouble) -> Order:
    """An order whose card was charged at Stripe."""
    order = place_online(house)
    charge = Stripe.from_settings().charge(amount=order.total, order=order.number, key="k")
    stripe.pay(charge.reference)
    return pay_online(order, reference=charge.reference)


@pytest.fixture
def refund(paid: Order) -> Refund:
    cancel(order=paid, role=CUSTOMER, acting_user=None, reason="")
    return Refund.objects.select_related("payment__order").get()


def state(refund: Refund) -> tuple[str, int]:
    refund.refresh_from_db()
    return refund.status, refund.attempts


def refund_keys(stripe: StripeDouble) -> set[str]:
    """Under which keys refunds were asked for."""
    return {asked.key for asked in stripe.requests if asked.path == "/v1/refunds" and asked.method == "POST"}


def given_back(refund: Refund) -> list[Decimal]:
    return [-amount for kind, _why, amount in in_journal(refund.payment.order) if kind == "refund"]


def test_a_cancelled_order_is_given_back_whole_and_once(refund: Refund, stripe: StripeDouble) -> None:
    assert [send_due(at=timezone.now()) for _time in range(2)] == [1, 0]
    assert (state(refund), stripe.given_back()) == (("done", 1), refund.amount)
    assert given_back(refund) == [refund.amount]
    assert money_that_does_not_balance() == []


def test_a_gesture_gives_back_its_part(paid: Order, people: People, stripe: StripeDouble) -> None:
    gesture(order=paid, amount=Decimal("3.20"), words="Livrée froide", acting_user=people.manager)
    send_due(at=timezone.now())
    assert (stripe.given_back(), Refund.objects.get().status) == (Decimal("3.20"), "done")
    assert money_that_does_not_balance() == []


def test_an_answer_that_never_came_is_asked_for_again_after_a_pause_and_gives_back_once(
    refund: Refund, stripe: StripeDouble
) -> None:
    stripe.fault(REFUNDING, "cut after", times=None)
    now = timezone.now()
    assert send_due(at=now) == 0
    assert (state(refund), stripe.given_back(), given_back(refund)) == (("due", 1), refund.amount, [])
    stripe.heal()
    assert send_due(at=now + PAUSES[0] - timedelta(seconds=1)) == 0
    assert send_due(at=now + PAUSES[0]) == 1
    assert (state(refund), stripe.given_back(), given_back(refund)) == (("done", 2), refund.amount, [refund.amount])


def test_a_stripe_that_stays_down_leaves_the_refund_to_a_person_who_sends_it_again(
    refund: Refund, people: People, stripe: StripeDouble
) -> None:
    stripe.fault(REFUNDING, "500", times=None)
    now = timezone.now()
    send_due(at=now)
    assert refund_keys(stripe) == {f"refund-{refund.pk}"}
    # As if all pauses but the last were over.
    Refund.objects.update(attempts=len(PAUSES), next_attempt_at=now)
    send_due(at=now)
    assert (state(refund)[0], refund.next_attempt_at) == ("failed", None)
    assert refund.problem
    stripe.heal()
    retry(refund=refund, acting_user=people.manager)
    assert send_due(at=timezone.now()) == 1
    assert (state(refund)[0], stripe.given_back()) == ("done", refund.amount)
    assert money_that_does_not_balance() == []


@pytest.mark.parametrize("has_done_it", [False, True])
def test_a_stripe_that_said_that_it_was_broken_is_asked_by_another_key_and_gives_back_once(
    paid: Order, people: People, stripe: StripeDouble, *, has_done_it: bool
) -> None:
    gesture(order=paid, amount=Decimal("3.20"), words="Livrée froide", acting_user=people.manager)
    refund, now = Refund.objects.select_related("payment").get(), timezone.now()
    if has_done_it:
        reference = refund.payment.reference or ""
        Stripe.from_settings().refund(reference=reference, amount=refund.amount, key=key_of(refund))
    stripe.fault(REFUNDING, "500", times=None)
    send_due(at=now)
    stripe.heal()
    assert send_due(at=now + PAUSES[0]) == 1
    # To the first one it would say for a day that it is broken.
    assert refund_keys(stripe) == {f"refund-{refund.pk}", *(() if has_done_it else (f"refund-{refund.pk}-1",))}
    assert (stripe.given_back(), Refund.objects.get().status) == (Decimal("3.20"), "done")


def test_a_part_whose_last_answer_was_lost_is_not_given_back_again_when_a_person_sends_it_again(
    paid: Order, people: People, stripe: StripeDouble
) -> None:
    gesture(order=paid, amount=Decimal("3.20"), words="Livrée froide", acting_user=people.manager)
    now = timezone.now()
    Refund.objects.update(attempts=len(PAUSES), next_attempt_at=now)
    stripe.fault(REFUNDING, "cut after", times=None)
    send_due(at=now)
    stripe.heal()
    retry(refund=Refund.objects.get(), acting_user=people.manager)
    send_due(at=timezone.now())
    assert (stripe.given_back(), Refund.objects.get().status) == (Decimal("3.20"), "done")
    assert money_that_does_not_balance() == []


def test_a_part_whose_answer_was_lost_is_not_given_back_again_once_stripe_has_forgotten_the_key(
    paid: Order, people: People, stripe: StripeDouble
) -> None:
    gesture(order=paid, amount=Decimal("3.20"), words="Livrée froide", acting_user=people.manager)
    stripe.fault(REFUNDING, "cut after", times=None)
    now = timezone.now()
    send_due(at=now)
    stripe.heal()
    stripe.forget_keys()
    # As if nobody had sent anything for a day.
    Refund.objects.update(asked_at=now - timedelta(days=1))
    assert send_due(at=now + PAUSES[0]) == 1
    assert (stripe.given_back(), Refund.objects.get().status) == (Decimal("3.20"), "done")


def test_what_no_retry_helps_is_a_persons_at_once(refund: Refund, stripe: StripeDouble) -> None:
    Stripe.from_settings().refund(reference=refund.payment.reference or "", amount=refund.amount, key="by hand")
    send_due(at=timezone.now())
    assert state(refund) == ("failed", 1)
    assert "greater than unrefunded" in refund.problem


def test_a_refund_that_stripe_is_still_at_is_on_its_way(refund: Refund, stripe: StripeDouble) -> None:
    stripe.refunds_become = "pending"
    send_due(at=timezone.now())
    assert (state(refund)[0], given_back(refund)) == ("sent", [refund.amount])
    [there] = Stripe.from_settings().refunds_of(day=timezone.localdate())
    assert there.key == key_of(refund)


@pytest.mark.django_db(transaction=True)
def test_a_message_that_comes_before_the_answer_is_the_answer(refund: Refund, stripe: StripeDouble) -> None:
    def tell_first(asked: Asked) -> None:
        if asked.path == "/v1/refunds":
            stripe.deliver(times=2, turned_round=True)
            connections.close_all()

    stripe.before_answering = tell_first
    stripe.fault(REFUNDING, "cut after", times=None)
    send_due(at=timezone.now())
    assert (state(refund), given_back(refund)) == (("done", 1), [refund.amount])
    stripe.heal()
    assert send_due(at=timezone.now() + PAUSES[0]) == 0
    assert money_that_does_not_balance() == []


@pytest.mark.django_db(transaction=True)
def test_workers_that_send_at_once_send_once(refund: Refund, stripe: StripeDouble) -> None:
    now = timezone.now()
    assert sorted(together([lambda: send_due(at=now)] * 4)) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert len([asked for asked in stripe.requests if asked.path == "/v1/refunds"]) == 1
    assert given_back(refund) == [refund.amount]


@pytest.mark.django_db(transaction=True)
def test_without_claiming_their_attempt_workers_all_send_and_only_the_key_gives_back_once(
    refund: Refund, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refunds, "_claim", lambda *_attempt: True)
    all_have_asked = threading.Barrier(4)

    def wait_for_all(_asked: Asked) -> None:
        all_have_asked.wait(30)

    stripe.before_answering = wait_for_all
    now = timezone.now()
    together([lambda: send_due(at=now)] * 4)
    assert len([asked for asked in stripe.requests if asked.path == "/v1/refunds"]) == 4
    assert stripe.given_back() == refund.amount


@pytest.mark.django_db(transaction=True)
def test_a_refund_that_is_being_sent_at_last_is_not_settled_by_hand(
    refund: Refund, people: People, stripe: StripeDouble
) -> None:
    Refund.objects.update(next_attempt_at=timezone.now() - timedelta(days=1))
    refused: list[object] = []

    def settle(_asked: Asked) -> None:
        refused.extend(
            together([lambda: settle_by_hand(refund=refund, acting_user=people.manager, words="Virement du 29")])
        )

    stripe.before_answering = settle
    send_due(at=timezone.now())
    assert [type(outcome) for outcome in refused] == [NotToGiveBack]
    assert (state(refund)[0], given_back(refund)) == ("done", [refund.amount])
