"""An order that is paid on the page is nobody's business until it is."""

import logging
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.live.models import LiveEvent
from pizzeria.measures import IN_MEMORY
from pizzeria.ordering.closing import close_left_open
from pizzeria.ordering.errors import InvalidChoice
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.online import settle
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.selectors import KITCHEN, OPEN, ROAD
from pizzeria.ordering.staff_selectors import figures_of
from pizzeria.ordering.telling import tell_late
from pizzeria.payments.models import Payment
from pizzeria.payments.providers import Charge, State
from pizzeria.payments.refusal_words import refusal_words
from pizzeria.stock.models import StockItem
from tests.cast import GRAMS, GUEST, House, People

Committing = Callable[..., Any]
NAME = "pi_of_a_test"


@pytest.fixture(autouse=True)
def _keys(settings: Settings) -> None:
    settings.STRIPE_SECRET_KEY, settings.STRIPE_PUBLISHABLE_KEY = "sk_test_1", "pk_test_1"
    settings.STRIPE_WEBHOOK_SECRET = "whsec_1"


def _order(house: House, *, acting_user: User | None = None) -> Order:
    priced = quote(store=house.bastille, requests=[house.line()], fulfilment=Fulfilment.COLLECTION)
    return place_order(
        store=house.bastille,
        lines=[house.line()],
        contact=GUEST,
        fulfilment=Fulfilment.COLLECTION,
        payment_method="online",
        expected_total=priced.total,
        acting_user=acting_user,
    )


def _pay(order: Order) -> None:
    Payment.objects.filter(order=order).update(reference=NAME)
    settle(charge=Charge(reference=NAME, state=State.PAID, amount=order.total, order=order.number))
    order.refresh_from_db()


def test_the_kitchen_and_the_figures_do_not_know_of_it_until_it_is_paid(house: House) -> None:
    order = _order(house)
    assert order.status not in {*KITCHEN, *ROAD, *OPEN}
    now = timezone.now()
    assert tell_late(since=order.promised_at - timedelta(minutes=1), until=order.promised_at) == 0
    figures = figures_of(store_ids=[house.bastille.pk], at=now)[house.bastille.pk]
    assert (figures.today, figures.open, figures.turnover) == (0, 0, Decimal(0))
    _pay(order)
    figures = figures_of(store_ids=[house.bastille.pk], at=now)[house.bastille.pk]
    assert (figures.today, figures.open, figures.turnover) == (1, 1, order.total)


def test_its_ingredients_are_kept_for_it_all_the_while(house: House) -> None:
    _order(house)
    assert StockItem.objects.get(store=house.bastille, ingredient__slug="mozzarella").available == GRAMS - 100


def test_it_counts_as_placed_when_it_is_paid(house: House, django_capture_on_commit_callbacks: Committing) -> None:
    def placed() -> float:
        labels = {"store": "bastille", "channel": "online"}
        return IN_MEMORY.get_sample_value("oc_pizza_orders_placed_total", labels) or 0.0

    before = placed()
    with django_capture_on_commit_callbacks(execute=True):
        order = _order(house)
    assert placed() == before
    with django_capture_on_commit_callbacks(execute=True):
        _pay(order)
        _pay(order)
    assert placed() == before + 1


def test_the_log_tells_that_it_waits_and_that_it_was_paid(
    house: House, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Committing
) -> None:
    with caplog.at_level(logging.INFO), django_capture_on_commit_callbacks(execute=True):
        order = _order(house)
        _pay(order)
    told = [line for line in caplog.messages if line.startswith(order.number)]
    assert told == [f"{order.number}: awaiting_payment", f"{order.number}: to_prepare"]


def test_the_order_s_page_and_the_board_hear_that_it_goes_on(house: House) -> None:
    order = _order(house)
    LiveEvent.objects.all().delete()
    _pay(order)
    told = [(event.topic.partition(":")[0], event.payload.get("to", "paid")) for event in LiveEvent.objects.all()]
    assert sorted(told) == [("order", "paid"), ("order", "to_prepare"), ("store", "paid"), ("store", "to_prepare")]


def test_who_orders_with_the_cashier_pays_at_the_counter(house: House, people: People) -> None:
    with pytest.raises(InvalidChoice, match="paie à la remise") as refused:
        _order(house, acting_user=people.cashier)
    assert refused.value.details == {"field": "payment_method"}


def test_one_that_still_waits_in_the_morning_is_cancelled_and_a_late_payment_is_owed_back(house: House) -> None:
    order = _order(house)
    yesterday = timezone.now() - timedelta(days=1)
    Order.objects.update(placed_at=yesterday, promised_at=yesterday)
    assert close_left_open(city=house.paris, at=timezone.now()) == {"cancelled": 1}
    _pay(order)
    assert (order.status, order.payment_status) == ("cancelled", "refunded")
    assert Payment.objects.get().refunds.get().amount == order.total


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("insufficient_funds", "La provision de cette carte ne suffit pas"),
        ("expired_card", "a expiré"),
        ("incorrect_cvc", "cryptogramme"),
        ("payment_intent_authentication_failure", "vérifier que c’est vous"),
        ("stolen_card", "Le paiement n’a pas abouti"),
    ],
)
def test_a_refusal_says_in_plain_words_what_to_do(code: str, words: str) -> None:
    assert words in refusal_words(code=code)
