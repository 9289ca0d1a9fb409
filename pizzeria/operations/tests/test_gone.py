"""A restore brings back what was sold, and nobody who had left since."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django.test import Client

from pizzeria.accounts.models import ApiToken, User
from pizzeria.accounts.tokens import issue
from pizzeria.operations.backups.gone import keep_gone, read_gone
from pizzeria.ordering.models import Order
from pizzeria.ordering.privacy import delete_account
from tests.cast import House, People

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 29, 15, 0, tzinfo=UTC)


def test_who_left_after_the_backup_does_not_come_back_with_it(people: People, house: House) -> None:
    browser = Client()
    browser.force_login(people.manager)
    issue(user=people.driver, label="Téléphone", scopes=["orders:read"], life=timedelta(days=9))
    waiting = transaction.savepoint()
    delete_account(user=people.alice, at=NOW)
    User.objects.filter(pk=people.driver.pk).update(is_active=False)
    gone = read_gone()
    # The backup: she has an account in it, and an order under way.
    transaction.savepoint_rollback(waiting)
    order = house.order(customer=people.alice)
    keep_gone(gone=gone, at=NOW)
    alice, karim = (User.objects.get(pk=person.pk) for person in (people.alice, people.driver))
    assert (alice.email, alice.is_active, karim.is_active) == ("", False, False)
    assert Order.objects.filter(customer=None, phone=order.phone).get() == order
    assert not ApiToken.objects.exists()
    assert browser.get("/equipe/bastille/cuisine/").status_code == 302
    assert User.objects.get(pk=people.cashier.pk).is_active
