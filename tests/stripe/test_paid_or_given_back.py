"""A fault at every point between "pay" and "paid": after each, money received = orders paid + refunds due."""

import time
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.db import transaction
from django.db.models import F
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.retention import anonymise
from pizzeria.ledger.models import Entry
from pizzeria.ordering import online
from pizzeria.ordering.errors import NotPayable, PaymentUnavailable
from pizzeria.ordering.letting_go import CLOSING_MINUTES, PATIENCE, let_go
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.saved_cards import forget_cards_of_the_forgotten, saved_cards_secret
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.payments.models import Payment, ProviderCustomer, ProviderEvent, Refund
from pizzeria.payments.providers import ProviderError
from pizzeria.payments.providers.stripe import ANSWER_SECONDS, CONNECT_SECONDS
from tests import stripe_double as cards
from tests.cast import House, People
from tests.stripe.books import assert_books_balance, cheese_taken, fresh, order_online, stands
from tests.stripe_double import StripeDouble

pytestmark = [pytest.mark.machine, pytest.mark.django_db]

WAITS = ("awaiting_payment", "unpaid")
PAID = ("to_prepare", "paid")
CANCELLED = ("cancelled", "unpaid")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def order(stripe: StripeDouble, house: House) -> Order:
    return order_online(house)


@pytest.fixture
def reference(order: Order) -> str:
    """The charge that the client's page has begun."""
    return online.begin(order=order).reference


def _owed() -> list[tuple[Decimal, str]]:
    return list(Refund.objects.values_list("amount", "reason"))


# --- All goes well.


def test_an_order_that_was_paid_goes_to_the_kitchen(order: Order, reference: str, stripe: StripeDouble) -> None:
    assert stands(order) == WAITS
    stripe.pay(reference)
    assert stands(online.look_up(order=order).order) == PAID
    kinds = Entry.objects.filter(order=order.number).order_by("number").values_list("kind", "amount")
    assert list(kinds) == [("sale", Decimal("9.00")), ("payment", Decimal("9.00"))]
    assert_books_balance(stripe)


def test_it_is_promised_from_when_it_was_paid(order: Order, reference: str, stripe: StripeDouble) -> None:
    Order.objects.filter(pk=order.pk).update(
        placed_at=order.placed_at - 10 * MINUTE,
        start_at=order.placed_at - 10 * MINUTE,
        promised_at=order.promised_at - 10 * MINUTE,
    )
    stripe.pay(reference)
    paid = online.look_up(order=order).order
    assert timezone.now() - paid.placed_at < MINUTE
    usual = timedelta(minutes=paid.store.preparation_minutes)
    assert usual <= paid.promised_at - paid.placed_at <= usual + 2 * MINUTE
    assert [change.reason for change in paid.promise_changes.all()] == ["paid"]
    history = list(paid.events.values_list("from_status", "to_status", "role"))
    assert history == [("", "awaiting_payment", "customer"), ("awaiting_payment", "to_prepare", "system")]


def test_the_bank_s_question_answered_well_pays(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference, cards.ASKS_3DS)
    assert stands(online.look_up(order=order).order) == WAITS
    stripe.authenticate(reference, ok=True)
    assert stripe.deliver() == [200, 200]
    assert stands(order) == PAID
    assert_books_balance(stripe)


# --- What Stripe tells, and when.


def test_the_webhook_comes_before_the_browser_returns(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    assert stripe.deliver() == [200]
    assert stands(order) == PAID
    assert stands(online.look_up(order=order).order) == PAID
    assert_books_balance(stripe)


def test_the_webhook_comes_twice_and_once_more_later(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    event = stripe.outbox[0]
    assert stripe.deliver(times=2) == [200, 200]
    assert stripe.send(*stripe.signed(event)) == 200
    assert ProviderEvent.objects.get().reference == event["id"]
    assert_books_balance(stripe)


def test_the_webhook_never_comes_and_nobody_reopens_the_page(
    order: Order, reference: str, stripe: StripeDouble
) -> None:
    stripe.pay(reference)
    assert let_go(at=order.placed_at + MINUTE) == 0
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_in_whatever_order_it_is_heard_it_ends_the_same(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference, cards.REFUSED)
    stripe.pay(reference, cards.ASKS_3DS)
    stripe.authenticate(reference, ok=True)
    refused, _asked, paid = (stripe.signed(event) for event in stripe.outbox)

    def heard(message: tuple[bytes, str]) -> Callable[[], object]:
        return lambda: stripe.send(*message)

    steps: list[Callable[[], object]] = [
        heard(refused),
        heard(paid),
        heard(paid),
        lambda: online.look_up(order=order),
        lambda: let_go(at=order.placed_at + MINUTE),
    ]
    for sequence in permutations(range(len(steps))):
        if sequence.index(1) > sequence.index(2):
            continue  # The same event: one order of the two says it.
        with transaction.atomic():
            for step in sequence:
                steps[step]()
            assert stands(order) == PAID, sequence
            assert Payment.objects.get().status == "paid"
            assert Entry.objects.filter(order=order.number).count() == 2
            transaction.set_rollback(True)
    stripe.deliver(turned_round=True)
    assert_books_balance(stripe)


def test_what_stripe_has_not_signed_lately_changes_nothing(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    event = stripe.outbox[0]
    body, signature = stripe.signed(event)
    assert stripe.send(*stripe.signed(event, at=timezone.now().timestamp() - 301)) == 400
    assert stripe.send(*stripe.signed(event, secret="whsec_of_somebody")) == 400
    assert stripe.send(body.replace(b"9", b"8"), signature) == 400
    assert stripe.send(body, "") == 400
    assert stripe.send(b" " * 300_000, signature) == 413
    assert (stands(order), ProviderEvent.objects.count()) == (WAITS, 0)


def test_what_concerns_nobody_is_heard_and_left_and_a_dispute_is_told_to_the_operator(
    stripe: StripeDouble, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    dispute = stripe.tell("charge.dispute.created", {"id": "dp_1", "object": "dispute"})
    stripe.tell("customer.created", {"id": "cus_1", "object": "customer"})
    stripe.tell(
        "payment_intent.succeeded",
        {"id": "pi_of_another_site", "object": "payment_intent", "status": "succeeded", "amount": 900}
        | {"amount_received": 900, "metadata": {}, "client_secret": None, "last_payment_error": None},
    )
    assert stripe.deliver() == [200, 200, 200]
    assert Payment.objects.count() == 0
    warnings = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert warnings == [f"a client disputes a payment: {dispute['id']}"]


# --- Cards that are refused.


def test_a_refused_card_leaves_the_order_waiting_and_says_why(
    order: Order, reference: str, stripe: StripeDouble, house: House
) -> None:
    stripe.pay(reference, cards.NO_FUNDS)
    stripe.deliver()
    assert stands(online.look_up(order=order).order) == WAITS
    assert "La provision de cette carte ne suffit pas" in online.look_up(order=order).why_refused
    assert cheese_taken(house) == 100
    assert online.begin(order=order).reference == reference
    stripe.pay(reference)
    assert stands(online.look_up(order=order).order) == PAID
    assert online.look_up(order=order).why_refused == ""
    assert_books_balance(stripe)


@pytest.mark.parametrize("is_it_them", [False, True])
def test_a_card_refused_after_the_bank_s_question_takes_nothing(
    order: Order, reference: str, stripe: StripeDouble, *, is_it_them: bool
) -> None:
    stripe.pay(reference, cards.ASKS_3DS_THEN_REFUSED)
    stripe.authenticate(reference, ok=is_it_them)
    assert stripe.deliver() == [200, 200]
    assert stands(online.look_up(order=order).order) == WAITS
    assert online.look_up(order=order).why_refused.startswith("Votre banque")
    assert_books_balance(stripe)


# --- The amount changes meanwhile.


def _make_it(order: Order, *, more: str) -> None:
    difference = Decimal(more)
    Order.objects.filter(pk=order.pk).update(subtotal=F("subtotal") + difference, total=F("total") + difference)
    Payment.objects.filter(order=order, status="unpaid").update(amount=F("amount") + difference)


def test_the_page_asks_for_what_is_due_now(order: Order, reference: str, stripe: StripeDouble) -> None:
    _make_it(order, more="1.50")
    charge = online.begin(order=order)
    assert (charge.reference, charge.amount) == (reference, Decimal("10.50"))
    stripe.pay(reference)
    assert stands(online.look_up(order=order).order) == PAID
    assert_books_balance(stripe)


def test_an_amount_that_comes_back_is_asked_for_again(order: Order, reference: str, stripe: StripeDouble) -> None:
    for more in ("1.50", "-1.50", "1.50"):
        _make_it(order, more=more)
        online.begin(order=order)
    stripe.pay(reference)
    assert stripe.received() == Decimal("10.50")
    assert stands(online.look_up(order=order).order) == PAID
    assert_books_balance(stripe)


def test_what_was_paid_too_much_is_owed_back(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    _make_it(order, more="-1.50")
    assert stands(online.look_up(order=order).order) == PAID
    assert _owed() == [(Decimal("1.50"), "overpaid")]
    assert_books_balance(stripe)


def test_what_does_not_suffice_is_owed_back_and_the_order_still_waits(
    order: Order, reference: str, stripe: StripeDouble
) -> None:
    stripe.pay(reference)
    _make_it(order, more="1.50")
    assert stands(online.look_up(order=order).order) == WAITS
    assert _owed() == [(Decimal("9.00"), "changed")]
    assert_books_balance(stripe)
    again = online.begin(order=order)
    assert (again.reference != reference, again.amount) == (True, Decimal("10.50"))
    stripe.pay(again.reference)
    assert stands(online.look_up(order=order).order) == PAID
    assert_books_balance(stripe)


# --- Stripe is slow, or down.


@pytest.mark.parametrize("kind", ["500", "cut", "cut after", "hang", "hang after"])
def test_a_stripe_that_does_not_answer_is_said_and_the_next_try_is_the_same_charge(
    order: Order, stripe: StripeDouble, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    stripe.fault("POST /v1/payment_intents", kind, times=3)
    with monkeypatch.context() as patched:
        if kind.startswith("hang"):
            # For the one that never answers alone: a machine that is busy may need longer for an answer that comes.
            patched.setattr("pizzeria.payments.providers.stripe.ANSWER_SECONDS", 0.2)
        with pytest.raises(PaymentUnavailable, match="Réessayez"):
            online.begin(order=order)
    assert stands(order) == WAITS
    stripe.heal()
    charge = online.begin(order=order)
    assert [intent["id"] for intent in stripe.intents()] == [charge.reference]
    stripe.pay(charge.reference)
    assert stands(online.look_up(order=order).order) == PAID
    assert_books_balance(stripe)


def test_who_waits_at_a_page_waits_for_one_answer_and_not_for_a_second(
    order: Order, stripe: StripeDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pizzeria.payments.providers.stripe.ANSWER_SECONDS", 0.2)
    stripe.fault("", "hang", times=None)
    with pytest.raises(PaymentUnavailable):
        online.begin(order=order)
    # The wait may be over before the other side has read what was asked.
    end = time.monotonic() + 30
    while not stripe.requests and time.monotonic() < end:
        time.sleep(0.01)
    assert len(stripe.requests) == 1
    assert CONNECT_SECONDS + ANSWER_SECONDS <= 4


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("is left open", ""),
        ("takes its time", "Nous attendons la réponse de votre banque"),
        ("is not heard of", "Nous attendons la réponse de votre banque"),
        ("says no", "Paiement refusé"),
    ],
)
def test_who_comes_back_from_the_bank_reads_how_it_stands_from_one_question_to_stripe(
    order: Order, reference: str, stripe: StripeDouble, client: Client, *, what: str, said: str
) -> None:
    stripe.pay(reference, cards.NO_FUNDS if what == "says no" else cards.ASKS_3DS)
    if what == "takes its time":
        stripe.begin_processing(reference)
    if what == "is not heard of":
        stripe.fault("GET", "500", times=None)
    stripe.requests.clear()
    page = client.get(f"/commande/{order.token}/payer/retour/").content.decode()
    assert len(stripe.requests) == 1
    assert "Payer 9,00" in page.replace("\u202f", " ").replace("\xa0", " ")
    told = [words for words in ("Nous attendons la réponse de votre banque", "Paiement refusé") if f">{words}<" in page]
    assert told == ([said] if said else [])


def test_a_stripe_that_does_not_answer_at_the_return_is_asked_again_each_minute(
    order: Order, reference: str, stripe: StripeDouble
) -> None:
    stripe.pay(reference)
    stripe.fault("GET /v1/payment_intents", "500", times=4)
    assert stands(online.look_up(order=order).order) == WAITS
    let_go(at=order.placed_at + MINUTE)
    assert stands(order) == WAITS
    let_go(at=order.placed_at + 2 * MINUTE)
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_a_stripe_that_is_down_is_not_waited_for_once_an_order(house: House, stripe: StripeDouble) -> None:
    orders = [order_online(house) for _number in range(3)]
    for order in orders:
        online.begin(order=order)
    stripe.fault("GET /v1/payment_intents", "500", times=None)
    stripe.requests.clear()
    let_go(at=orders[-1].placed_at + MINUTE)
    assert len(stripe.requests) == 3  # one order's, and the library's two attempts more


def test_without_the_keys_nothing_is_begun(order: Order, settings: pytest.FixtureRequest) -> None:
    settings.STRIPE_SECRET_KEY = ""  # type: ignore[attr-defined]
    with pytest.raises(PaymentUnavailable):
        online.begin(order=order)
    assert let_go(at=(order.payable_until or order.placed_at)) == 1


# --- The time is over.


def test_an_order_that_nobody_pays_lets_its_ingredients_go(
    order: Order, reference: str, stripe: StripeDouble, house: House
) -> None:
    assert order.payable_until
    assert let_go(at=order.payable_until - MINUTE) == 0
    assert cheese_taken(house) == 100
    assert let_go(at=order.payable_until) == 1
    assert (stands(order), cheese_taken(house)) == (CANCELLED, 0)
    assert fresh(order).events.last().reason == "Le paiement n’est pas arrivé à temps."  # type: ignore[union-attr]
    # The page that is still open can pay nothing any more.
    assert stripe.pay(reference)["status"] == "canceled"
    with pytest.raises(NotPayable) as refused:
        online.begin(order=order)
    assert refused.value.details["status"] == "cancelled"
    assert_books_balance(stripe)


def test_an_order_whose_page_was_never_reached_is_let_go_too(order: Order, house: House) -> None:
    assert order.payable_until
    assert (let_go(at=order.payable_until), cheese_taken(house)) == (1, 0)


def test_after_its_time_nothing_is_begun(order: Order, stripe: StripeDouble) -> None:
    Order.objects.filter(pk=order.pk).update(payable_until=timezone.now())
    with pytest.raises(NotPayable) as refused:
        online.begin(order=order)
    assert refused.value.details["status"] == "expired"
    assert stripe.requests == []


def test_what_was_paid_in_the_last_second_stands(order: Order, reference: str, stripe: StripeDouble) -> None:
    assert order.payable_until
    stripe.pay(reference)
    assert let_go(at=order.payable_until) == 0
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_a_bank_that_takes_its_time_is_waited_for(order: Order, reference: str, stripe: StripeDouble) -> None:
    assert order.payable_until
    stripe.begin_processing(reference)
    assert let_go(at=order.payable_until) == 0
    with pytest.raises(NotPayable) as refused:
        online.pay_at_door(order=order, method="cash")
    assert refused.value.details["status"] == "processing"
    stripe.end_processing(reference)
    assert let_go(at=order.payable_until + MINUTE) == 0
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_a_bank_that_never_answers_is_not_waited_for_for_ever_and_its_money_is_owed_back(
    order: Order, reference: str, stripe: StripeDouble, house: House
) -> None:
    assert order.payable_until
    stripe.begin_processing(reference)
    assert let_go(at=order.payable_until + PATIENCE) == 1
    assert cheese_taken(house) == 0
    stripe.end_processing(reference)
    stripe.deliver()
    assert stands(order) == ("cancelled", "refunded")
    assert _owed() == [(Decimal("9.00"), "cancelled")]
    assert_books_balance(stripe)


def test_a_stripe_that_is_down_at_the_end_is_tried_again_and_what_comes_too_late_is_owed_back(
    order: Order, reference: str, stripe: StripeDouble
) -> None:
    assert order.payable_until
    stripe.fault("POST /v1/payment_intents/pi_", "500", times=None)
    assert let_go(at=order.payable_until) == 0
    assert let_go(at=order.payable_until + PATIENCE - MINUTE) == 0
    assert let_go(at=order.payable_until + PATIENCE) == 1
    stripe.heal()
    stripe.pay(reference)
    # No webhook: what nobody wants any more is looked at for two hours.
    for minute in range(CLOSING_MINUTES):
        let_go(at=order.payable_until + PATIENCE + minute * MINUTE)
    assert stands(order) == ("cancelled", "refunded")
    assert _owed() == [(Decimal("9.00"), "cancelled")]
    assert_books_balance(stripe)


# --- The client, or the house, changes their mind meanwhile.


def test_back_to_the_cart_nothing_can_be_paid_any_more(
    order: Order, reference: str, stripe: StripeDouble, house: House
) -> None:
    online.give_up(order=order)
    assert (stands(order), cheese_taken(house)) == (CANCELLED, 0)
    assert stripe.pay(reference)["status"] == "canceled"
    assert_books_balance(stripe)


def test_going_back_after_having_paid_keeps_the_order(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    assert stands(online.give_up(order=order)) == PAID
    with pytest.raises(NotPayable) as refused:
        online.give_up(order=order)
    assert refused.value.details["status"] == "paid"
    assert_books_balance(stripe)


def test_at_the_door_instead_the_card_can_not_pay_any_more(
    order: Order, reference: str, stripe: StripeDouble, people: People
) -> None:
    online.pay_at_door(order=order, method="cash")
    assert (stands(order), fresh(order).payment_method) == (("to_prepare", "unpaid"), "cash")
    assert stripe.pay(reference)["status"] == "canceled"
    receive(order=order, acting_user=people.cashier)
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_at_the_door_before_any_card_was_tried_asks_nothing_of_stripe(order: Order, stripe: StripeDouble) -> None:
    online.pay_at_door(order=order, method="voucher")
    assert [payment.method for payment in order.payments.all()] == ["voucher"]
    assert stripe.requests == []
    with pytest.raises(NotPayable) as refused:
        online.pay_at_door(order=order, method="cash")
    assert refused.value.details["status"] == "door"


def test_at_the_door_after_having_paid_keeps_what_was_paid(order: Order, reference: str, stripe: StripeDouble) -> None:
    stripe.pay(reference)
    assert stands(online.pay_at_door(order=order, method="cash")) == PAID
    assert fresh(order).payment_method == "online"
    assert_books_balance(stripe)


@pytest.mark.parametrize("was_taken", [False, True])
def test_with_stripe_down_the_door_is_open_and_a_card_that_paid_counts_or_is_owed_back(
    order: Order, reference: str, stripe: StripeDouble, people: People, *, was_taken: bool
) -> None:
    stripe.fault("POST", "500", times=None)
    online.pay_at_door(order=order, method="cash")
    stripe.heal()
    stripe.pay(reference)
    if was_taken:
        receive(order=order, acting_user=people.cashier)
    stripe.deliver()
    assert stands(order) == PAID
    taken = {payment.method: payment.status for payment in order.payments.all()}
    assert taken == ({"cash": "paid", "online": "refunded"} if was_taken else {"cash": "failed", "online": "paid"})
    assert_books_balance(stripe)


def test_an_order_that_the_house_cancels_while_it_is_paid_is_owed_back_whole(
    order: Order, reference: str, stripe: StripeDouble, people: People
) -> None:
    cancel_as_staff(order=order, acting_user=people.manager, reason="Four en panne")
    stripe.pay(reference)
    stripe.deliver()
    assert stands(order) == ("cancelled", "refunded")
    assert _owed() == [(Decimal("9.00"), "cancelled")]
    assert_books_balance(stripe)


# --- Who pays, and what they keep.


def test_a_client_s_cards_are_theirs_and_a_guest_has_none(house: House, people: People, stripe: StripeDouble) -> None:
    hers, a_guest_s = order_online(house, customer=people.alice), order_online(house)
    assert saved_cards_secret(order=hers, user=people.alice).startswith("cuss_secret_")
    for order in (hers, a_guest_s):
        online.begin(order=order)
    customers = [intent["customer"] for intent in stripe.intents()]
    assert sorted(customer is None for customer in customers) == [False, True]
    for order, user in ((hers, None), (hers, people.outsider), (a_guest_s, people.alice)):
        assert saved_cards_secret(order=order, user=user) == ""
    # Who she is, is none of Stripe's business.
    told = [asked.form for asked in stripe.requests if asked.path == "/v1/customers"]
    assert told == [{"name": f"client {people.alice.pk}"}]


def test_a_stripe_that_keeps_no_cards_takes_the_one_that_is_typed(
    house: House, people: People, stripe: StripeDouble
) -> None:
    order = order_online(house, customer=people.alice)
    stripe.fault("POST /v1/customer", "500", times=None)
    assert saved_cards_secret(order=order, user=people.alice) == ""
    stripe.pay(online.begin(order=order).reference)
    assert stands(online.look_up(order=order).order) == PAID


def test_a_client_whom_stripe_has_lost_pays_as_a_guest_and_is_told_to_it_anew(
    house: House, people: People, stripe: StripeDouble
) -> None:
    order = order_online(house, customer=people.alice)

    def lost() -> str:
        assert saved_cards_secret(order=order, user=people.alice)
        reference = ProviderCustomer.objects.get().reference
        stripe.answer("DELETE", f"/v1/customers/{reference}", {})
        return reference

    first, second = lost(), lost()
    stripe.pay(online.begin(order=order).reference)
    assert stands(online.look_up(order=order).order) == PAID
    assert (first != second, ProviderCustomer.objects.count()) == (True, 0)


def test_the_cards_of_a_client_whom_we_forget_are_forgotten_at_stripe_too(
    house: House, people: People, stripe: StripeDouble
) -> None:
    assert saved_cards_secret(order=order_online(house, customer=people.alice), user=people.alice)
    assert forget_cards_of_the_forgotten() == 0
    anonymise(user_ids=[people.alice.pk], at=timezone.now())
    stripe.fault("DELETE /v1/customers", "500", times=3)
    with pytest.raises(ProviderError):
        forget_cards_of_the_forgotten()
    assert ProviderCustomer.objects.count() == 1
    assert forget_cards_of_the_forgotten() == 1
    assert ProviderCustomer.objects.count() == 0
    assert [asked.method for asked in stripe.requests[-4:]] == ["DELETE"] * 4
