"""What the site asks of Stripe, and what it makes of the answers: the real library against the double."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from pizzeria.payments.providers import ForgedEvent, ProviderError, State, Told
from pizzeria.payments.providers.stripe import API_VERSION, Stripe
from tests import stripe_double as cards
from tests.stripe_double import StripeDouble

pytestmark = pytest.mark.machine

TWELVE = Decimal("12.50")


@pytest.fixture
def provider(stripe: StripeDouble) -> Stripe:
    return Stripe.from_settings()


def test_a_card_pays_what_was_asked_to_the_cent(provider: Stripe, stripe: StripeDouble) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    assert (charge.state, charge.amount, charge.order) == (State.OPEN, TWELVE, "P-2345A")
    stripe.pay(charge.reference)
    paid = provider.confirm(reference=charge.reference)
    assert (paid.state, paid.amount, stripe.received()) == (State.PAID, TWELVE, TWELVE)


def test_every_request_names_the_version_of_the_api_that_we_know(provider: Stripe, stripe: StripeDouble) -> None:
    provider.charge(amount=TWELVE, order="P-2345A", key="k")
    assert {asked.version for asked in stripe.requests} == {API_VERSION}


def test_only_cards_are_asked_for(provider: Stripe, stripe: StripeDouble) -> None:
    provider.charge(amount=TWELVE, order="P-2345A", key="k")
    assert stripe.requests[0].form["allowed_payment_method_types"] == ["card"]


def test_the_same_key_makes_the_same_charge(provider: Stripe, stripe: StripeDouble) -> None:
    first, again = (provider.charge(amount=TWELVE, order="P-2345A", key="k") for _time in range(2))
    assert (again.reference, len(stripe.intents())) == (first.reference, 1)


def test_an_answer_that_was_lost_is_asked_for_again_with_the_same_key(provider: Stripe, stripe: StripeDouble) -> None:
    stripe.fault("POST /v1/payment_intents", "cut after", times=2)
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    assert [intent["id"] for intent in stripe.intents()] == [charge.reference]
    assert {asked.key for asked in stripe.requests} == {"k"}


@pytest.mark.parametrize("kind", ["500", "cut"])
def test_a_provider_that_is_down_may_be_asked_again(provider: Stripe, stripe: StripeDouble, kind: str) -> None:
    stripe.fault("POST /v1/payment_intents", kind, times=None)
    with pytest.raises(ProviderError) as refused:
        provider.charge(amount=TWELVE, order="P-2345A", key="k")
    assert refused.value.can_retry
    stripe.heal()
    # What it answered, it answers again; a connection that was cut is no answer.
    key = "another" if refused.value.is_kept else "k"
    assert provider.charge(amount=TWELVE, order="P-2345A", key=key).state == State.OPEN
    assert refused.value.is_kept == (kind == "500")


def test_what_stripe_refuses_need_not_be_asked_again(provider: Stripe) -> None:
    with pytest.raises(ProviderError) as refused:
        provider.confirm(reference="pi_nobody")
    assert not refused.value.can_retry


@pytest.mark.parametrize(
    ("card", "refusal"),
    [
        (cards.REFUSED, "generic_decline"),
        (cards.NO_FUNDS, "insufficient_funds"),
        (cards.EXPIRED, "expired_card"),
        (cards.WRONG_CVC, "incorrect_cvc"),
    ],
)
def test_a_refused_card_says_why_and_another_may_pay(
    provider: Stripe, stripe: StripeDouble, card: str, refusal: str
) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    stripe.pay(charge.reference, card)
    refused = provider.confirm(reference=charge.reference)
    assert (refused.state, refused.refusal, stripe.received()) == (State.OPEN, refusal, Decimal(0))
    stripe.pay(charge.reference)
    paid = provider.confirm(reference=charge.reference)
    assert (paid.state, paid.refusal) == (State.PAID, "")


def test_the_bank_may_say_no_to_its_own_question_and_to_the_card_after_it(
    provider: Stripe, stripe: StripeDouble
) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    stripe.pay(charge.reference, cards.ASKS_3DS)
    assert provider.confirm(reference=charge.reference).state == State.OPEN
    stripe.authenticate(charge.reference, ok=False)
    assert provider.confirm(reference=charge.reference).refusal == "payment_intent_authentication_failure"
    stripe.pay(charge.reference, cards.ASKS_3DS_THEN_REFUSED)
    stripe.authenticate(charge.reference, ok=True)
    assert provider.confirm(reference=charge.reference).refusal == "generic_decline"
    stripe.pay(charge.reference, cards.ASKS_3DS)
    stripe.authenticate(charge.reference, ok=True)
    assert provider.confirm(reference=charge.reference).state == State.PAID


def test_what_is_cancelled_can_not_be_paid_and_what_is_paid_is_not_cancelled(
    provider: Stripe, stripe: StripeDouble
) -> None:
    gone, kept = (provider.charge(amount=TWELVE, order="P-2345A", key=key) for key in "ab")
    assert [provider.cancel(reference=gone.reference).state for _time in range(2)] == [State.CANCELLED] * 2
    stripe.pay(gone.reference)
    stripe.pay(kept.reference)
    assert provider.cancel(reference=kept.reference).state == State.PAID
    assert stripe.received() == TWELVE


def test_the_amount_follows_what_is_due_until_it_is_paid(provider: Stripe, stripe: StripeDouble) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    changed = provider.change(reference=charge.reference, amount=Decimal("9.99"))
    stripe.pay(charge.reference)
    assert (changed.amount, stripe.received()) == (Decimal("9.99"), Decimal("9.99"))
    with pytest.raises(ProviderError):
        provider.change(reference=charge.reference, amount=TWELVE)


def test_money_goes_back_in_parts_and_never_more_than_came(provider: Stripe, stripe: StripeDouble) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    stripe.pay(charge.reference)
    for _time in range(2):
        given = provider.refund(reference=charge.reference, amount=Decimal("2.50"), key="r")
    assert (given.is_done, given.charge, stripe.given_back()) == (True, charge.reference, Decimal("2.50"))
    with pytest.raises(ProviderError):
        provider.refund(reference=charge.reference, amount=TWELVE, key="s")
    assert stripe.given_back() == Decimal("2.50")


def test_a_refund_that_fails_later_is_told(provider: Stripe, stripe: StripeDouble) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    stripe.pay(charge.reference)
    given = provider.refund(reference=charge.reference, amount=TWELVE, key="r")
    stripe.refund_goes_on(given.reference, "failed")
    told = _read(provider, *stripe.signed(stripe.outbox[-1]))
    assert told.kind == "refund.failed"
    assert told.refund
    assert (told.refund.reference, told.refund.is_failed, told.refund.is_done) == (given.reference, True, False)


def test_a_day_s_list_is_from_midnight_to_midnight_in_paris(provider: Stripe, stripe: StripeDouble) -> None:
    charges = [provider.charge(amount=TWELVE, order="P-2345A", key=str(number)) for number in range(3)]
    for charge in charges:
        stripe.pay(charge.reference)
    refund = provider.refund(reference=charges[0].reference, amount=TWELVE, key="r")
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    before, first = int(midnight.timestamp()) - 1, int(midnight.timestamp())
    for charge, created in zip(charges, (before, first, first), strict=True):
        stripe.backdate(f"charges/{stripe.charges(charge.reference)[0]['id']}", created)
    stripe.backdate(f"refunds/{refund.reference}", before)
    today, yesterday = midnight.date(), (midnight - timedelta(hours=1)).date()
    assert {charge.reference for charge in provider.charges_of(day=today)} == {c.reference for c in charges[1:]}
    assert [(c.reference, c.amount, c.order) for c in provider.charges_of(day=yesterday)] == [
        (charges[0].reference, TWELVE, "P-2345A")
    ]
    assert [given.reference for given in provider.refunds_of(day=yesterday)] == [refund.reference]
    assert [*provider.refunds_of(day=today)] == []


def test_a_long_list_is_read_to_its_end(
    provider: Stripe, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizzeria.payments.providers.stripe.PAGE", 2)
    for number in range(5):
        stripe.pay(provider.charge(amount=TWELVE, order="P-2345A", key=str(number)).reference)
    assert len({charge.reference for charge in provider.charges_of(day=timezone.localdate())}) == 5


def test_a_client_s_cards_are_shown_by_a_secret_for_this_page(provider: Stripe) -> None:
    first, again = (provider.customer(name="7", key="c") for _time in range(2))
    assert first == again
    assert provider.customer_session(customer=first).startswith("cuss_secret_")
    assert provider.charge(amount=TWELVE, order="P-2345A", key="k", customer=first).state == State.OPEN


def test_only_stripe_tells_us_something_and_only_of_now(provider: Stripe, stripe: StripeDouble) -> None:
    charge = provider.charge(amount=TWELVE, order="P-2345A", key="k")
    stripe.pay(charge.reference)
    event = stripe.outbox[-1]
    told = _read(provider, *stripe.signed(event))
    assert told.charge
    assert (told.kind, told.charge.state, told.charge.amount) == ("payment_intent.succeeded", State.PAID, TWELVE)
    body, signature = stripe.signed(event)
    old, forged = stripe.signed(event, at=event["created"] - 301), stripe.signed(event, secret="whsec_of_somebody")
    for wrong in (old, forged, (body + b" ", signature), (body, ""), (b"{", signature), (b"\xff", signature)):
        with pytest.raises(ForgedEvent):
            _read(provider, *wrong)


def _read(provider: Stripe, body: bytes, signature: str) -> Told:
    return provider.read_event(body=body, signature=signature)
