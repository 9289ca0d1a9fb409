"""Accounts that an earlier release has made get an address to confirm: nobody is locked out by the newer door."""

from importlib import import_module

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps

from pizzeria.accounts.models import User
from tests.cast import People

pytestmark = pytest.mark.django_db

migration = import_module("pizzeria.accounts.migrations.0009_addresses_of_before")


def test_a_client_of_before_has_an_address_to_confirm_and_nobody_else_changes(people: People) -> None:
    before = User.objects.create_user("alba@example.org", "x", first_name="Alba", email="Alba@example.org")
    User.objects.filter(pk=people.driver.pk).update(email="karim@example.org")
    migration.write(apps, None)
    migration.write(apps, None)
    told = EmailAddress.objects.values_list("user", "email", "verified", "primary")
    assert set(told) == {
        (before.pk, "alba@example.org", False, True),
        (people.alice.pk, "alice@example.org", True, True),
    }
