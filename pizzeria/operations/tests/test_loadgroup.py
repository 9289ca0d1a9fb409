"""The group without people: all that a shop needs to sell, and nobody whose password everybody knows."""

from datetime import datetime, timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db.models import F, Sum
from django.test import Client

from pizzeria.accounts.models import StaffRole, User
from pizzeria.catalogue.models import Product, VatRate
from pizzeria.operations.demo import demo_logins
from pizzeria.operations.demo.load import load_demo
from pizzeria.ordering.models import Order
from pizzeria.stock.models import Makeable, StockItem
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import City, Store
from tests.cast import House

pytestmark = pytest.mark.sweep

MORNING = datetime(2026, 3, 12, 10, 0, tzinfo=PARIS)


def load() -> str:
    told = StringIO()
    call_command("loadgroup", stdout=told)
    return told.getvalue()


def everything() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_an_empty_database_gets_a_group_that_can_sell_and_no_people(db: None) -> None:
    assert "est chargé" in load()
    assert (City.objects.count(), Store.objects.count(), Product.objects.count()) == (3, 8, 42)
    assert VatRate.objects.exists()
    assert not User.objects.exists()
    assert not Order.objects.exists()
    assert StockItem.objects.filter(available__gt=0).count() == StockItem.objects.count() > 0
    assert Makeable.objects.filter(store__slug="bastille", variant__product__slug="reine", count__gt=5).exists()
    assert "Reine" in Client().get("/carte/bastille/").content.decode()


def test_loading_twice_changes_nothing_and_says_so(db: None) -> None:
    load()
    before = everything()
    assert "déjà chargé" in load()
    assert everything() == before


def test_another_group_is_left_alone(house: House) -> None:
    before = everything()
    with pytest.raises(CommandError, match="autre groupe"):
        load()
    assert everything() == before


def test_the_demo_afterwards_brings_people_and_orders_to_the_same_stores(db: None) -> None:
    load()
    stores = set(Store.objects.values_list("pk", flat=True))
    assert load_demo(days=0, seed="later", now=MORNING + timedelta(hours=12), tell=lambda _done, _total: None)
    assert set(Store.objects.values_list("pk", flat=True)) == stores
    assert Order.objects.exists()
    assert StaffRole.objects.exists()
    assert {identifier for _role, identifier, _password in demo_logins()} <= set(
        User.objects.values_list("identifier", flat=True)
    )
    moved = StockItem.objects.annotate(moved=Sum("movements__change"))
    assert not moved.exclude(moved=F("available")).exists()
    assert "déjà chargé" in load()
