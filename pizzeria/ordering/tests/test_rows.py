"""Rows written by one statement are those that the ORM would have written."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.forms import model_to_dict
from django.utils import timezone

from pizzeria.live.models import LiveEvent
from pizzeria.ordering.models import Cart, CartLine
from pizzeria.payments.models import Payment
from pizzeria.rows import insert, insert_all, insert_rows, row
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
    payment = Payment(order=order, method="cash", status="failed", amount=Decimal("1.005"), created_at=now)
    insert_all(payment, LiveEvent(topic="menu:0", kind="order", payload=PAYLOAD, created_at=now))
    event = LiveEvent.objects.get(topic="menu:0")
    assert event.payload == PAYLOAD
    assert event.xact > 0
    written = order.payments.latest("pk")
    assert (written.amount, written.status, written.received_at) == (Decimal("1.01"), "failed", None)


def test_a_row_that_is_no_object_has_the_defaults_of_its_model(house: House) -> None:
    one, other, now = house.order(), house.order(), timezone.now()
    Payment.objects.all().delete()
    [key] = insert_rows(row(Payment, order_id=one.pk, method="voucher", amount=Decimal("3.10"), created_at=now))
    ours = Payment.objects.get(pk=key)
    theirs = Payment.objects.create(order=other, method="voucher", amount=Decimal("3.10"))
    compared = [model_to_dict(payment, exclude=["id", "order"]) for payment in (ours, theirs)]
    assert compared[0] == compared[1]
    assert ours.created_at == now


def test_a_column_that_is_forgotten_or_misspelt_is_refused_before_anything_is_written(house: House) -> None:
    order, now = house.order(), timezone.now()
    with pytest.raises(TypeError, match="amount"):
        row(Payment, order_id=order.pk, method="cash", created_at=now)
    with pytest.raises(TypeError, match="amuont"):
        row(Payment, order_id=order.pk, method="cash", amount=Decimal(3), amuont=Decimal(3), created_at=now)


def test_a_row_that_has_its_key_keeps_it_and_is_stored_with_what_belongs_to_it(house: House) -> None:
    cart = Cart(pk=987_654, store=house.bastille, token="unguessable", updated_at=timezone.now())
    insert_all(cart, _line(cart, house), _line(cart, house))
    assert Cart.objects.get(pk=987_654).lines.count() == 2
    cart.comment = "au bureau"
    cart.save()
    assert Cart.objects.get().comment == "au bureau"


@pytest.mark.django_db
def test_an_object_keeps_its_key_beside_a_plain_row_of_its_model() -> None:
    now = timezone.now()
    mine = LiveEvent(pk=987_654, topic="menu:2", kind="order", payload=PAYLOAD, created_at=now)
    insert_all(row(LiveEvent, topic="menu:1", kind="order", payload=PAYLOAD, created_at=now), mine)
    assert LiveEvent.objects.get(pk=987_654).topic == "menu:2"
    assert LiveEvent.objects.filter(topic="menu:1").exists()


def test_what_the_database_refuses_is_told_and_nothing_is_written(house: House) -> None:
    order = house.order()
    due = Payment(order=order, method="cash", amount=Decimal(-1), created_at=timezone.now())
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all(LiveEvent(topic="menu:0", kind="order", payload=PAYLOAD, created_at=timezone.now()), due)
    assert not LiveEvent.objects.filter(topic="menu:0").exists()
