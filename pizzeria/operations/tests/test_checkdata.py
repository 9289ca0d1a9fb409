"""Whether the data add up, asked by the operator and by the engine that recovers a moment."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from tests.cast import House

pytestmark = pytest.mark.django_db(transaction=True)


def test_data_that_add_up_are_said_to(house: House) -> None:
    house.order()
    told = StringIO()
    call_command("checkdata", stdout=told)
    assert "Le stock et l’argent tombent juste" in told.getvalue()


def test_a_sum_that_somebody_changed_by_hand_is_named(house: House) -> None:
    order = house.order()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ordering_order SET subtotal = subtotal + 1, total = total + 1 WHERE id = %s", [order.pk])
    with pytest.raises(CommandError, match=r"1 ligne.*« argent »"):
        call_command("checkdata")
