"""What is kept in memory is what the database holds, whoever wrote it."""

from datetime import date

from django.db import connection, transaction
from django.utils import translation
from pytest_django import DjangoAssertNumQueries

from pizzeria.stores.calendar import day_of
from pizzeria.stores.models import DeliveryZone, SpecialDay, Store
from pizzeria.stores.selectors import active_store, menu_version_of
from tests.cast import House


def test_a_store_is_read_once_and_then_costs_one_small_query(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    active_store(slug="bastille")
    with django_assert_num_queries(1):
        store = active_store(slug="bastille")
        assert store
        assert [zone.postal_code for zone in store.delivery_zones.all()] == ["75011"]
        assert store.city.name == "Paris"
        assert len(store.opening_hours.all()) == 7


def test_a_new_zone_is_seen_at_once(house: House) -> None:
    active_store(slug="bastille")
    DeliveryZone.objects.create(store=house.bastille, postal_code="75012")
    store = active_store(slug="bastille")
    assert store
    assert {zone.postal_code for zone in store.delivery_zones.all()} == {"75011", "75012"}


def test_a_change_by_plain_sql_is_seen_at_once(house: House) -> None:
    active_store(slug="bastille")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stores_store SET name = 'Bastoche' WHERE slug = 'bastille'")
    store = active_store(slug="bastille")
    assert store
    assert store.name == "Bastoche"


def test_a_store_that_closes_for_good_is_found_no_more(house: House) -> None:
    assert active_store(slug="bastille")
    Store.objects.filter(slug="bastille").update(is_active=False)
    assert active_store(slug="bastille") is None


def test_a_day_that_was_asked_for_is_told_to_each_reader_and_anew_once_it_changes(house: House) -> None:
    christmas = date(2026, 12, 25)
    Store.objects.filter(slug="bastille").update(on_holidays="closed")
    for language, words in (("fr", "Noël"), ("en", "Christmas Day"), ("fr", "Noël")):
        with translation.override(language):
            store = active_store(slug="bastille")
            assert store
            assert day_of(store=store, day=christmas).reason == words
    SpecialDay.objects.create(store=house.bastille, day=christmas, reason="Nous sommes en montagne")
    store = active_store(slug="bastille")
    assert store
    assert day_of(store=store, day=christmas).reason == "Nous sommes en montagne"


def test_what_was_rolled_back_is_forgotten(house: House) -> None:
    active_store(slug="bastille")
    with transaction.atomic():
        Store.objects.filter(slug="bastille").update(name="Jamais")
        seen = active_store(slug="bastille")
        assert seen
        assert seen.name == "Jamais"
        transaction.set_rollback(True)
    store = active_store(slug="bastille")
    assert store
    assert store.name == "OC Pizza Bastille"


def test_a_menu_version_alone_makes_nobody_read_the_stores_again(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    store = active_store(slug="bastille")
    assert store
    before = menu_version_of(store=store)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE stores_store SET menu_version = menu_version + 1")
    with django_assert_num_queries(1):
        assert active_store(slug="bastille") is store
    assert menu_version_of(store=store) == before + 1
