"""A process is killed, or the database goes, between "pay" and "paid": what Stripe took is found again."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection, connections, transaction

from pizzeria.ordering import online
from pizzeria.ordering.letting_go import let_go
from pizzeria.ordering.models import Order
from pizzeria.payments.models import Payment, ProviderEvent
from tests.cast import House
from tests.races.together import until_somebody_waits
from tests.reported.processes import environment
from tests.running import CHECKOUT
from tests.stripe.books import assert_books_balance, fresh, order_online, stands
from tests.stripe_double import Asked, StripeDouble

pytestmark = [pytest.mark.machine, pytest.mark.django_db(transaction=True)]

WAITS = ("awaiting_payment", "unpaid")
PAID = ("to_prepare", "paid")
MINUTE = timedelta(minutes=1)

PROGRAM = """
import sys, django
django.setup()
from pizzeria.ordering import online
from pizzeria.ordering.models import Order
getattr(online, sys.argv[1])(order=Order.objects.get(number=sys.argv[2]))
"""


def _process(stripe: StripeDouble, verb: str, order: Order) -> "subprocess.Popen[bytes]":
    """Another process of the site does it, on the database of this test."""
    settings = {"DJANGO_SETTINGS_MODULE": "OC_PIZZA.settings"} | stripe.keys
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, verb, order.number], cwd=CHECKOUT, env=environment(**settings)
    )


def _killed_at(stripe: StripeDouble, moment: str, verb: str, order: Order) -> None:
    """Kill that process when Stripe has done what it asked, and before it is answered."""
    processes: list[subprocess.Popen[bytes]] = []

    def kill(asked: Asked) -> None:
        if f"{asked.method} {asked.path}".startswith(moment):
            processes[0].kill()
            processes[0].wait(10)

    stripe.before_answering = kill
    processes.append(_process(stripe, verb, order))
    assert processes[0].wait(30) == -signal.SIGKILL
    stripe.before_answering = None


def test_killed_when_stripe_had_made_the_charge_the_next_try_finds_it(house: House, stripe: StripeDouble) -> None:
    order = order_online(house)
    _killed_at(stripe, "POST /v1/payment_intents", "begin", order)
    assert Payment.objects.get().reference is None
    charge = online.begin(order=order)
    assert [intent["id"] for intent in stripe.intents()] == [charge.reference]
    stripe.pay(charge.reference)
    stripe.deliver()
    assert stands(order) == PAID
    assert_books_balance(stripe)


def test_killed_when_stripe_had_taken_the_money_and_nothing_was_recorded(house: House, stripe: StripeDouble) -> None:
    order = order_online(house)
    stripe.pay(online.begin(order=order).reference)
    _killed_at(stripe, "GET /v1/payment_intents", "look_up", order)
    assert stands(order) == WAITS
    let_go(at=order.placed_at + MINUTE)
    assert stands(order) == PAID
    assert_books_balance(stripe)


@contextmanager
def _nobody_moves() -> Iterator[None]:
    """Whoever writes into an order's history waits."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE ordering_orderevent IN EXCLUSIVE MODE")
        yield


def test_killed_when_the_money_was_recorded_and_the_order_had_not_moved(house: House, stripe: StripeDouble) -> None:
    order = order_online(house)
    stripe.pay(online.begin(order=order).reference)
    with _nobody_moves():
        process = _process(stripe, "look_up", order)
        until_somebody_waits()
        assert stands(order) == ("awaiting_payment", "paid")
        process.kill()
        process.wait(10)
    assert let_go(at=order.placed_at + MINUTE) == 0
    assert stands(order) == PAID
    assert fresh(order).events.count() == 2
    assert_books_balance(stripe)


@contextmanager
def _no_database() -> Iterator[None]:
    """PostgreSQL serves nobody this database: as when it restarts, for as long as this lasts."""
    name = connection.settings_dict["NAME"]
    connections.close_all()
    address = environment()["DATABASE_URL"].rpartition("/")[0] + "/postgres"
    with psycopg.connect(address, autocommit=True) as elsewhere:
        elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
        elsewhere.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
        try:
            yield
        finally:
            elsewhere.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')


def test_without_our_database_stripe_is_asked_to_tell_it_again(house: House, stripe: StripeDouble) -> None:
    order = order_online(house)
    stripe.pay(online.begin(order=order).reference)
    with _no_database():
        assert stripe.deliver(times=2) == [503, 503]
    assert (stands(order), ProviderEvent.objects.count()) == (WAITS, 0)
    assert stripe.deliver() == [200]
    assert stands(order) == PAID
    assert_books_balance(stripe)
