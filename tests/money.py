"""Orders that were paid, and the journal that tells of them, as tests need them."""

from decimal import Decimal

import pytest
from django.db import transaction
from pytest_django import Settings

from pizzeria.ledger.models import Entry
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.journal import record_sale
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import lock
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.services import move
from pizzeria.ordering.transitions import SYSTEM
from pizzeria.payments.models import PaymentStatus
from pizzeria.payments.selectors import due_of
from pizzeria.payments.services import mark, record_received
from tests.cast import GUEST, House


@pytest.fixture
def online(settings: Settings) -> None:
    """Keys as the environment would have them; nobody answers to them."""
    settings.STRIPE_SECRET_KEY = "sk_test_of_nobody"
    settings.STRIPE_PUBLISHABLE_KEY = "pk_test_of_nobody"
    settings.STRIPE_WEBHOOK_SECRET = "whsec_of_nobody"


def place_online(house: House, *, contact: Contact = GUEST) -> Order:
    """An order that waits for its payment on the page."""
    lines = [house.line(), house.line("cola", None, quantity=2)]
    priced = quote(store=house.bastille, requests=lines, fulfilment="delivery", postal_code=contact.postal_code)
    return place_order(
        store=house.bastille,
        lines=lines,
        contact=contact,
        fulfilment="delivery",
        payment_method="online",
        expected_total=priced.total,
    )


def pay_online(order: Order, *, reference: str) -> Order:
    """What a provider's word does, without the provider: the money is recorded, then the kitchen gets the order."""
    with transaction.atomic():
        lock(order)
        due = due_of(order=order)
        assert due is not None
        due.reference = reference
        mark(order=order, status=PaymentStatus.PAID)
        record_sale(order=order)
        record_received(payment=due, order=order)
    with transaction.atomic():
        at = order.placed_at
        move(order, to_status=Order.Status.TO_PREPARE, role=SYSTEM, acting_user=None, reason="", at=at)
    return order


def in_journal(order: Order) -> list[tuple[str, str, Decimal]]:
    """What the journal says of an order: kind, why or by which means, and the amount in euros."""
    entries = Entry.objects.filter(order=order.number).order_by("number")
    return [(entry.kind, entry.means or entry.reason, entry.amount) for entry in entries]
