"""Choosing a point of sale."""

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.stores.models import DeliveryZone, OpeningHours, Store
from tests.cast import House


def test_the_pizzerias_are_listed_by_city(shopper: Shopper) -> None:
    said = words(shopper.get("/"))
    assert said.index("Paris") < said.index("OC Pizza Bastille") < said.index("OC Pizza Croix-Rousse")


def test_a_postal_code_shows_who_delivers_there_at_what_price_and_how_fast(shopper: Shopper) -> None:
    said = words(shopper.get("/?postal_code=75011"))
    assert "Livraison au 75011" in said
    assert "Livraison 2,50 € · environ 30 min à partir de 5,00 € de commande" in said


def test_the_cheapest_delivery_comes_first(shopper: Shopper, house: House) -> None:
    DeliveryZone.objects.create(store=house.croix_rousse, postal_code="75011", fee=Decimal(0))
    said = words(shopper.get("/?postal_code=75011"))
    assert said.index("Croix-Rousse") < said.index("Bastille")
    assert "Livraison offerte" in said


def test_where_nobody_delivers_collecting_is_proposed(shopper: Shopper) -> None:
    page = shopper.get("/?postal_code=01000")
    assert page.status_code == 200
    assert "Aucune pizzeria ne livre encore au 01000. Vous pouvez commander à emporter" in words(page)
    assert "OC Pizza Bastille" in words(page)


@pytest.mark.parametrize("code", ["7501", "750111", "abcde", "75 11", "🍕🍕🍕🍕🍕", "7501\x00", "٧٥٠١١", "<script>"])
def test_what_is_no_postal_code_is_said_so_and_kept(shopper: Shopper, code: str) -> None:
    page = shopper.get("/", data={"postal_code": code})
    assert page.status_code == 422
    assert "Un code postal a cinq chiffres" in words(page)
    assert "<script>&" not in page.content.decode()


def test_the_postal_code_is_remembered(shopper: Shopper) -> None:
    shopper.get("/?postal_code=75011")
    assert "Livraison au 75011" in words(shopper.get("/"))


def test_nothing_is_remembered_of_somebody_who_only_looks(shopper: Shopper) -> None:
    shopper.get("/")
    shopper.get("/?postal_code=99999")
    assert not shopper.client.cookies


def test_a_cookie_that_is_not_ours_remembers_nothing(shopper: Shopper) -> None:
    shopper.client.cookies["oc_usual"] = "forged:nonsense"
    assert shopper.get("/").status_code == 200


def test_the_store_of_the_cart_is_one_tap_away(shopper: Shopper) -> None:
    shopper.add()
    assert "Retour à la carte de OC Pizza Bastille" in words(shopper.get("/"))


def test_a_closed_store_says_when_it_opens(shopper: Shopper, house: House) -> None:
    OpeningHours.objects.filter(store=house.bastille).delete()
    assert "Fermé pour le moment" in words(shopper.get("/"))


def test_a_store_that_is_not_public_is_not_shown(shopper: Shopper, house: House) -> None:
    Store.objects.filter(pk=house.bastille.pk).update(is_active=False)
    assert "Bastille" not in words(shopper.get("/?postal_code=75011"))


def test_more_stores_cost_no_more_queries(
    shopper: Shopper, house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    before = queries_of(lambda: shopper.get("/?postal_code=75011"))
    for number in range(10):
        store = Store.objects.create(
            city=house.paris, slug=f"paris-{number}", name=f"Paris {number}", street="1 rue", postal_code="75011",
            town="Paris", phone="0199001234", email="x@example.org",
        )  # fmt: skip
        DeliveryZone.objects.create(store=store, postal_code="75011")
    with django_assert_num_queries(before):
        shopper.get("/?postal_code=75011")
