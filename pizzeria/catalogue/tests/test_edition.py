"""The catalogue in memory is the one in the database, whoever wrote it."""

from decimal import Decimal

from pytest_django import DjangoAssertNumQueries

from pizzeria.catalogue.models import Product, Variant
from pizzeria.catalogue.selectors import EDITION, edition, offer
from pizzeria.catalogue.services import set_recipe
from pizzeria.kept import just_seen
from tests.cast import House


def test_the_catalogue_is_read_once_and_then_costs_one_small_query(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    offer()
    pk = house.variant("margherita").pk
    with django_assert_num_queries(1):
        variant = offer().variants[pk]
        assert variant.product.name == "Margherita"
        assert [line.ingredient.slug for line in variant.composition.all()] == ["pate", "sauce-tomate", "mozzarella"]


def test_a_new_price_is_seen_at_once(house: House) -> None:
    variant = house.variant("margherita")
    assert offer().variants[variant.pk].price == Decimal("9.00")
    Variant.objects.filter(pk=variant.pk).update(price=Decimal("9.90"))
    assert offer().variants[variant.pk].price == Decimal("9.90")


def test_a_new_recipe_is_seen_at_once(house: House) -> None:
    variant = house.variant("margherita")
    offer()
    set_recipe(product=variant.product, recipe=[(house.ingredients["chevre"], 50)])
    assert [line.ingredient.slug for line in offer().variants[variant.pk].composition.all()] == ["pate", "chevre"]


def test_what_is_taken_off_the_menu_is_on_offer_no_more(house: House) -> None:
    variant = house.variant("margherita")
    assert variant.pk in offer().variants
    Product.objects.filter(slug="margherita").update(is_active=False)
    assert variant.pk not in offer().variants


def test_what_a_statement_has_just_seen_is_not_asked_again(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    pk = house.variant("margherita").pk
    offer()
    with just_seen({EDITION: edition()}), django_assert_num_queries(0):
        assert pk in offer().variants


def test_a_price_that_was_just_seen_to_have_changed_is_read(house: House) -> None:
    variant = house.variant("margherita")
    offer()
    Variant.objects.filter(pk=variant.pk).update(price=Decimal("9.90"))
    with just_seen({EDITION: edition()}):
        assert offer().variants[variant.pk].price == Decimal("9.90")


def test_who_has_seen_an_older_edition_takes_what_another_has_read_since(
    house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Else a page that was begun just before a change would read the whole catalogue at each of its looks."""
    variant = house.variant("margherita")
    older = edition()
    Variant.objects.filter(pk=variant.pk).update(price=Decimal("9.90"))
    offer()
    with just_seen({EDITION: older}), django_assert_num_queries(1):
        assert offer().variants[variant.pk].price == Decimal("9.90")


def test_an_order_changes_nothing_of_the_catalogue(house: House) -> None:
    before = edition()
    house.order()
    assert edition() == before
