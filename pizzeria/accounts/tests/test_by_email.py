"""Whose an e-mail address is: looked up at every sign-in, however many accounts there are."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.db.models import QuerySet

from pizzeria.accounts.clients import accounts_at, reachable_at
from pizzeria.accounts.models import User
from tests.cast import People


@pytest.mark.parametrize("whose", [accounts_at, reachable_at])
def test_an_address_is_found_by_an_index_and_not_by_reading_every_account(
    people: People, whose: Callable[..., QuerySet[User]]
) -> None:
    assert whose(email="alice@example.org").get() == people.alice
    with connection.cursor() as cursor:
        # On so few rows it would read them all: what is asked here is whether it has to.
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = whose(email="alice@example.org").explain()
    assert "Seq Scan on accounts_user" not in plan
    assert "Seq Scan on account_emailaddress" not in plan
