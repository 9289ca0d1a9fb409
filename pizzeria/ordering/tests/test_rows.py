"""Rows written by one statement are those that the ORM would have written."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.forms import model_to_dict
from django.utils import timezone

from pizzeria.live.models import LiveEvent
from pizzeria.ordering.models import Cart, CartLine, IdempotencyKey
from pizzeria.payments.models import Payment
from pizzeria.rows import insert, insert_all
from tests.cast import House

PAYLOAD = {"counts": {"1": 2}, "words": "½ Reine", "nothing": None}


def _line(cart: Cart, house: House) -> CartLine:
    return CartLine(cart=cart, variant=house.variant("reine"), quantity=2, removed=[3, 1], extras=[], comment="é ½")


def test_values_are_what_the_orm_stores_lists_and_documents_included(house: House) -> None:
    cart = Cart.objects.create(store=house.bastille)
    ours, theirs = _line(cart, house), _line(cart, house)
    insert(ours)
    theirs.save()
    assert ours.pk != theirs.pk
    stored = [model_to_dict(CartLine.objects.get(pk=line.pk), exclude=["id"]) for line in (ours, theirs)]
    assert stored[0] == stored[1]
    assert stored[0]["removed"] == [3, 1]


def test_keys_come_back_in_the_order_of_the_rows(house: House) -> None:
    cart = Cart.objects.create(store=house.bastille)
    lines = [_line(cart, house) for _ in range(20)]
    for quantity, line in enumerate(lines, start=1):
        line.quantity = quantity
    insert(*lines)
    assert [CartLine.objects.get(pk=line.pk).quantity for line in lines] == list(range(1, 21))


def test_several_models_go_together_and_the_database_fills_in_its_own(house: House) -> None:
    order, now = house.order(), timezone.now()
    payment = Payment(order=order, method="cash", amount=Decimal("1.005"), created_at=now)
    insert_all(payment, LiveEvent(topic="menu:1", kind="order", payload=PAYLOAD, created_at=now))
    event = LiveEvent.objects.get(topic="menu:1")
    assert event.payload == PAYLOAD
    assert event.xact > 0
    written = order.payments.latest("pk")
    assert (written.amount, written.status, written.received_at) == (Decimal("1.01"), "unpaid", None)


def test_a_row_whose_place_is_taken_is_not_written_and_says_so(house: House) -> None:
    first, second = house.order(), house.order()
    known = IdempotencyKey(key="one", request_digest="a", order=first, created_at=timezone.now())
    assert insert(known, unless_taken="key")
    again = IdempotencyKey(key="one", request_digest="b", order=second, created_at=timezone.now())
    assert not insert(again, unless_taken="key")
    assert not again.pk
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(again)
