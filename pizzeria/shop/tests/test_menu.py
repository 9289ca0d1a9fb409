"""UC 1.1: the menu, the same bytes for everybody, and what it says of each product."""

import gzip
import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from pizzeria.catalogue.models import Ingredient, Product, Variant
from pizzeria.catalogue.services import set_recipe
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity
from tests.cast import GRAMS, House, People

MENU = "/carte/bastille/"


def leave(house: House, ingredient: str, quantity: int) -> None:
    """Leave this much of an ingredient at Bastille."""
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients[ingredient])
    lower_quantity(item_id=item.pk, quantity=GRAMS - quantity, acting_user=None)


def card(page: str, name: str) -> str:
    cards = page.split('<li class="pizza-card')[1:]
    return next(each for each in cards if f">{name}</a>" in each)


def test_everything_that_is_sold_is_shown_with_price_and_allergens(shopper: Shopper) -> None:
    page = shopper.get(MENU)
    said = words(page)
    for name in ("Margherita", "Reine", "Chèvre", "Cola 33 cl"):
        assert name in said
    assert "dès 7,20 €" in said
    assert "Moyenne 9,00 €" in said
    assert "Allergènes : gluten, lait" in said


def test_a_product_that_has_left_the_menu_is_not_shown(shopper: Shopper) -> None:
    shopper.get(MENU)
    Product.objects.filter(slug="reine").update(is_active=False)
    assert "Reine" not in words(shopper.get(MENU))


def test_the_last_ones_and_what_is_sold_out_are_said(shopper: Shopper, house: House) -> None:
    leave(house, "champignons", 150)
    leave(house, "chevre", 0)
    page = shopper.get(MENU).content.decode()
    # 150 g of mushrooms make three of the medium size, four of the small one.
    assert "Plus que 4" in card(page, "Reine")
    assert "Épuisé" in card(page, "Chèvre")
    assert "disabled" in card(page, "Chèvre")
    assert "disabled" not in card(page, "Margherita")


def test_one_tap_adds_another_size_when_the_usual_one_is_gone(shopper: Shopper, house: House) -> None:
    leave(house, "champignons", 40)
    assert f'name="variant" value="{house.variant("reine", "s").pk}"' in card(
        shopper.get(MENU).content.decode(), "Reine"
    )


def test_a_sale_that_changes_a_count_changes_the_page(shopper: Shopper, house: House) -> None:
    leave(house, "champignons", 150)
    before = shopper.get(MENU).headers["ETag"]
    house.order(lines=[house.line("reine")])
    after = shopper.get(MENU)
    assert after.headers["ETag"] != before
    assert "Plus que 2" in words(after)


def test_a_new_price_shows_at_once(shopper: Shopper) -> None:
    shopper.get(MENU)
    Variant.objects.filter(product__slug="cola").update(price="3.10")
    assert "3,10 €" in words(shopper.get(MENU))


def test_the_menu_is_the_same_bytes_for_everybody(shopper: Shopper, people: People) -> None:
    stranger = Client().get(MENU)
    shopper.get("/?postal_code=75011")
    shopper.add()
    shopper.client.force_login(people.alice)
    known = shopper.get(MENU + "?utm_source=mail", headers={"accept-language": "en"})
    assert known.content == stranger.content
    assert b"csrf" not in known.content
    assert not known.cookies
    assert known.headers["Vary"] == "Accept-Encoding"
    assert "public" in known.headers["Cache-Control"]


def test_a_browser_that_has_the_page_is_not_sent_it_again(shopper: Shopper) -> None:
    page = shopper.get(MENU)
    again = shopper.get(MENU, headers={"if-none-match": page.headers["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["ETag"] == page.headers["ETag"]


def test_the_page_is_sent_compressed_to_who_can_read_it(shopper: Shopper) -> None:
    plain = shopper.get(MENU)
    zipped = shopper.get(MENU, headers={"accept-encoding": "gzip, br"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.content) == plain.content


def test_the_address_says_the_language(shopper: Shopper) -> None:
    page = shopper.get(MENU + "?lang=en").content.decode()
    assert '<html lang="en">' in page
    assert "Margherita, as it should be" in page
    assert "€9.00" in page
    assert f'href="{MENU}margherita/?lang=en"' in page
    assert '<html lang="fr">' in shopper.get(MENU + "?lang=xx").content.decode()


def test_a_menu_that_is_known_costs_one_query(
    shopper: Shopper, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shopper.get(MENU)
    with django_assert_num_queries(1):
        shopper.get(MENU)


def test_under_load_a_menu_costs_no_query_at_all(
    shopper: Shopper, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.MENU_STATE_SECONDS = 60
    shopper.get(MENU)
    with django_assert_num_queries(0):
        shopper.get(MENU)


def test_more_products_cost_no_more_queries(
    shopper: Shopper, house: House, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    shopper.get(MENU)
    Product.objects.filter(slug="cola").update(position=11)
    before = queries_of(lambda: shopper.get(MENU))
    for number in range(10):
        product = Product.objects.create(
            kind="pizza", slug=f"p{number}", name=f"Pizza {number}", vat_category="immediate"
        )
        Variant.objects.create(product=product, size=house.variant("reine").size, price=9)
        set_recipe(product=product, recipe=[(house.ingredients["mozzarella"], 50)])
    with django_assert_num_queries(before):
        assert "Pizza 9" in words(shopper.get(MENU))


@pytest.mark.parametrize("path", ["/carte/nulle-part/", "/carte/bastille/inconnue/", "/carte/nulle-part/restant/"])
def test_what_is_not_there_is_not_found(shopper: Shopper, path: str) -> None:
    page = shopper.get(path)
    assert page.status_code == 404
    assert "n’est pas à la carte" in words(page)


def test_more_ingredients_cost_a_products_page_no_more_queries(shopper: Shopper, house: House) -> None:
    page = MENU + "reine/"
    shopper.get(page)
    Product.objects.filter(slug="cola").update(position=11)
    before = queries_of(lambda: shopper.get(page))
    for number in range(10):
        Ingredient.objects.create(slug=f"i{number}", name=f"Olive {number}", name_en="Olive", unit="g", extra_price=1)
    assert queries_of(lambda: "Olive 9" in words(shopper.get(page))) == before


def test_filters_need_no_script(shopper: Shopper, house: House) -> None:
    Product.objects.filter(slug="margherita").update(tags=["vegetarienne"])
    page = shopper.get(MENU).content.decode()
    assert 'data-filter="vegetarienne"' in page
    assert 'data-is="vegetarienne sans-porc"' in card(page, "Margherita")


def test_pictures_below_the_fold_wait_and_none_moves_the_page(shopper: Shopper) -> None:
    pictures = re.findall(r'<img src="/images/[^>]+>', shopper.get(MENU).content.decode())
    assert pictures
    assert all('width="400" height="400"' in picture for picture in pictures)


def test_the_counts_are_told_to_a_page_that_lost_events(shopper: Shopper, house: House, settings: Settings) -> None:
    settings.MENU_STATE_SECONDS = 60
    path = MENU + "restant/"
    shopper.get(path)
    leave(house, "champignons", 150)
    told = shopper.client.get(path)
    assert told.json()["counts"][str(house.variant("reine").pk)] == 3
    assert told.headers["Cache-Control"] == "no-cache"


def test_a_product_page_offers_sizes_removals_extras_and_halves(shopper: Shopper) -> None:
    said = words(shopper.get(MENU + "reine/"))
    for expected in ("Petite 26 cm 9,60 €", "Moyenne 33 cm 12,00 €", "½ Reine + ½ Margherita", "Sans Jambon blanc",
                     "Chèvre Allergènes : lait + 1,80 €"):  # fmt: skip
        assert expected in said


def test_a_size_that_cannot_be_made_cannot_be_chosen(shopper: Shopper, house: House) -> None:
    leave(house, "champignons", 40)
    page = shopper.get(MENU + "reine/").content.decode()
    medium = re.search(rf'<input type="radio" name="variant" value="{house.variant("reine").pk}"[^>]*>', page)
    assert medium
    assert "disabled" in medium.group()


def test_a_drink_has_neither_removals_nor_halves(shopper: Shopper) -> None:
    said = words(shopper.get(MENU + "cola/"))
    assert "2,50 €" in said
    assert "Moitié" not in said
    assert "Retirer" not in said


def test_a_city_shows_its_own_face_and_one_without_shows_the_houses(shopper: Shopper, house: House) -> None:
    paris = shopper.get(MENU).content.decode()
    assert "city_001/city.css" in paris
    assert "menu-banner__skyline" in paris
    house.paris.code = "city_999"
    house.paris.save()
    plain = shopper.get(MENU).content.decode()
    assert "city.css" not in plain
    assert '<section class="menu-banner">' in plain
