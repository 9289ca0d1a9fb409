"""The demo group: believable, complete, and adding up. Loaded once for all these tests."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import F, Sum
from pytest_django import DjangoDbBlocker

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.catalogue.looks import topping_of, toppings_of, variant_svg
from pizzeria.catalogue.models import Allergen, Ingredient, Product, Variant
from pizzeria.live.models import LiveEvent
from pizzeria.operations.demo import demo_logins
from pizzeria.operations.demo.load import load_demo
from pizzeria.ordering.models import LineChange, Order, OrderLine
from pizzeria.ordering.selectors import KITCHEN
from pizzeria.payments.models import Payment
from pizzeria.stock.models import Makeable, Movement, StockItem
from pizzeria.stores.hours import PARIS, is_open
from pizzeria.stores.identity import is_siret
from pizzeria.stores.models import City, Store

SATURDAY_EVENING = datetime(2026, 3, 14, 22, 25, tzinfo=PARIS)
"""All eight points of sale are open."""
FICTION = re.compile(r"(01 99 00|04 65 71|06 39 98) \d\d \d\d")
"""The telephone numbers that ARCEP keeps for works of fiction."""
FROM_THE_SEA = ("fish", "crustaceans", "molluscs")

pytestmark = [pytest.mark.sweep, pytest.mark.django_db]


@pytest.fixture(scope="module", autouse=True)
def _demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        assert load_demo(days=0, seed="tomato", now=SATURDAY_EVENING, tell=lambda _done, _total: None)
        yield
        transaction.set_rollback(True)


def everything() -> dict[str, int]:
    counts = {model._meta.label: model._default_manager.count() for model in apps.get_models()}
    return counts | {"stock": sum(StockItem.objects.values_list("available", flat=True))}


def test_the_clients_of_a_demo_that_an_earlier_release_loaded_sign_in_without_confirming() -> None:
    written = EmailAddress.objects.count()
    EmailAddress.objects.filter(email__startswith="alice").update(verified=False)
    EmailAddress.objects.exclude(email__startswith="alice").delete()
    assert not load_demo(days=0, seed="tomato", now=SATURDAY_EVENING, tell=lambda _done, _total: None)
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == written


def test_three_cities_have_eight_points_of_sale_each_with_zones_hours_and_a_number_for_fiction() -> None:
    cities = {city.name: city.stores.count() for city in City.objects.all()}
    assert cities == {"Paris": 4, "Lyon": 2, "Marseille": 2}
    for store in Store.objects.all():
        assert store.delivery_zones.count() >= 4
        assert store.opening_hours.exists()
        assert FICTION.fullmatch(store.phone)
        # Delivery is free sooner next door, and nobody’s SIRET holds together all the same.
        assert set(store.delivery_zones.values_list("free_from", flat=True)) == {Decimal(30), Decimal(45)}
        assert is_siret(store.siret)


def test_every_city_has_a_store_that_never_closes() -> None:
    hours = [SATURDAY_EVENING + timedelta(hours=hour) for hour in range(7 * 24)]
    for city in City.objects.all():
        assert any(all(is_open(store=store, at=at) for at in hours) for store in city.stores.all()), city


def test_every_store_has_every_role_and_the_group_has_its_own() -> None:
    for store in Store.objects.all():
        held = set(store.staff.values_list("role", flat=True))
        assert held == {Role.CASHIER, Role.PIZZAIOLO, Role.DRIVER, Role.MANAGER}, store
    assert set(StaffRole.objects.filter(store=None).values_list("role", flat=True)) == {Role.DIRECTION, Role.OPERATOR}


def test_every_printed_login_signs_in() -> None:
    logins = demo_logins()
    assert len(logins) == len(Role.values) + 1
    for _role, identifier, password in logins:
        assert authenticate(username=identifier, password=password) is not None, identifier


def test_a_dozen_clients_have_an_address_and_ordered_before() -> None:
    clients = User.objects.filter(roles=None)
    assert clients.count() == 12
    assert all(client.addresses.exists() and FICTION.fullmatch(client.phone) for client in clients)
    assert Order.objects.filter(customer__in=clients).exists()


def test_the_menu_has_thirty_pizzas_in_three_sizes_and_twelve_drinks_and_desserts() -> None:
    kinds = Counter(Product.objects.values_list("kind", flat=True))
    assert kinds["pizza"] == 30
    assert kinds["drink"] + kinds["dessert"] == 12
    for pizza in Product.objects.filter(kind="pizza"):
        prices = list(pizza.variants.order_by("size__position").values_list("price", flat=True))
        assert len(prices) == 3
        assert prices == sorted(set(prices))
        assert "°C" in pizza.preparation
        assert pizza.description
        assert pizza.description_en


def test_everything_on_the_menu_is_drawn() -> None:
    for variant in Variant.objects.select_related("product", "size").prefetch_related("composition__ingredient"):
        picture = ET.fromstring(variant_svg(variant=variant, title=variant.product.name))
        assert picture.tag.endswith("svg")
        if variant.size:
            assert len(toppings_of(variant=variant)) >= 3, variant


def test_every_ingredient_has_a_look_that_can_be_drawn_and_allergens_of_the_fourteen() -> None:
    ingredients = Ingredient.objects.all()
    assert 55 <= ingredients.exclude(unit="piece").count() <= 70
    for ingredient in ingredients:
        topping_of(ingredient=ingredient)
        assert set(ingredient.allergens) <= set(Allergen.values), ingredient


def test_tags_tell_the_truth_about_meat_and_fish() -> None:
    for pizza in Product.objects.filter(kind="pizza").prefetch_related("variants__composition__ingredient"):
        recipe = [line.ingredient for line in pizza.variants.all()[0].composition.all()]
        meats = [ingredient.meat_origin for ingredient in recipe if ingredient.meat_origin]
        assert ("porc" in pizza.tags) == any("Porc" in meat for meat in meats), pizza
        if "vegetarienne" in pizza.tags:
            assert not meats, pizza
            assert not {code for ingredient in recipe for code in ingredient.allergens} & set(FROM_THE_SEA)


def test_the_movements_of_every_quantity_add_up_to_it() -> None:
    wrong = StockItem.objects.annotate(moved=Sum("movements__change")).exclude(moved=F("available"))
    assert StockItem.objects.count() == Store.objects.count() * Ingredient.objects.count()
    assert not [item for item in wrong if item.available or item.movements.exists()]
    assert not Movement.objects.filter(created_at__gt=SATURDAY_EVENING).exists()


def test_what_was_delivered_was_paid_and_what_was_cancelled_is_not_due() -> None:
    delivered = Order.objects.filter(status=Order.Status.DELIVERED)
    assert delivered.aggregate(sum=Sum("total")) == Payment.objects.filter(status="paid").aggregate(sum=Sum("amount"))
    assert not delivered.exclude(payment_status="paid").exists()
    assert not Payment.objects.filter(order__status=Order.Status.CANCELLED, status="unpaid").exists()


def test_every_past_order_was_placed_at_an_open_store_and_lived_forward_in_time() -> None:
    orders = Order.objects.select_related("store").prefetch_related("events", "store__opening_hours")
    assert orders.filter(status=Order.Status.DELIVERED).count() >= 15
    for order in orders:
        times = [event.at for event in order.events.all()]
        assert is_open(store=order.store, at=order.placed_at)
        assert times == sorted(times)
        assert times[0] == order.placed_at
        assert times[-1] <= SATURDAY_EVENING


def test_orders_are_as_varied_as_people_are() -> None:
    assert Order.objects.filter(status=Order.Status.CANCELLED).exists()
    assert Order.objects.exclude(taken_by=None).exists()
    assert Order.objects.filter(customer=None, taken_by=None).exists()
    assert set(Order.objects.values_list("fulfilment", flat=True)) >= {"delivery", "collection"}
    assert set(LineChange.objects.values_list("kind", flat=True)) == {"removed", "extra"}
    assert OrderLine.objects.exclude(second_half=None).exists()


def test_every_board_is_alive_on_a_saturday_evening() -> None:
    for store in Store.objects.all():
        assert set(store.orders.values_list("status", flat=True)) >= {*KITCHEN, Order.Status.DELIVERING}, store


def test_one_store_says_that_three_are_left_and_that_one_is_sold_out() -> None:
    counts = {
        product: Makeable.objects.get(
            store__slug="bastille", variant__product__slug=product, variant__size__code="m"
        ).count
        for product in ("truffe", "burrata", "margherita")
    }
    assert counts["truffe"] == 3
    assert counts["burrata"] == 0
    assert counts["margherita"] > 5


def test_the_past_is_no_news() -> None:
    assert not LiveEvent.objects.exists()


def test_loading_twice_changes_nothing_and_says_so() -> None:
    before, told = everything(), StringIO()
    call_command("createdemo", days=1, stdout=told)
    assert "déjà chargé" in told.getvalue()
    assert everything() == before


def test_a_number_of_days_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(CommandError, match="--days"):
        call_command("createdemo", days=-1)
