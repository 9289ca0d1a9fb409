"""What stands around the pages: the visitor's corner, the language, errors, robots, pictures."""

import gzip
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.db import InterfaceError, OperationalError
from django.utils import timezone, translation
from django.utils.dates import WEEKDAYS

from pizzeria.catalogue.looks import variant_svg
from pizzeria.catalogue.models import Ingredient
from pizzeria.catalogue.pictures import drink_svg, lines, pizza_svg, toppings
from pizzeria.shop.pictures import drawing_files
from pizzeria.shop.templatetags.shop import opening_words
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.stores.hours import opening_of
from pizzeria.stores.models import SpecialDay
from tests.cast import House, People


def test_the_corner_says_what_is_in_the_cart(shopper: Shopper) -> None:
    assert "article" not in words(shopper.get("/moi/"))
    shopper.add(quantity="2")
    shopper.add("reine")
    assert "Panier 3 articles" in words(shopper.get("/moi/"))


def test_the_corner_tells_a_menu_whether_the_store_is_open(shopper: Shopper) -> None:
    page = shopper.get("/moi/?store=bastille").content.decode()
    assert "Ouvert 24 h/24" in page
    assert 'id="cart-bar"' in page


@pytest.mark.parametrize(
    ("language", "said"), [("fr", "Ouvert jusqu’à {day} à 00:00"), ("en", "Open until {day} at 00:00")]
)
def test_a_store_that_stays_open_for_days_says_until_which(
    shopper: Shopper, house: House, language: str, said: str
) -> None:
    closed = timezone.localdate() + timedelta(days=3)
    SpecialDay.objects.create(store=house.bastille, day=closed, reason="Travaux")
    with translation.override(language):
        day = WEEKDAYS[closed.weekday()]
        expected = said.format(day=day)
        assert opening_words(opening_of(store=house.bastille, at=timezone.now())) == expected
    shopper.get(f"/langue/{language}/")
    assert expected in shopper.get("/moi/?store=bastille").content.decode()


def test_the_corner_knows_who_is_signed_in(shopper: Shopper, people: People) -> None:
    shopper.client.force_login(people.alice)
    assert "Alice" in words(shopper.get("/moi/"))


def test_the_corner_is_kept_by_nobody(shopper: Shopper) -> None:
    assert "no-store" in shopper.get("/moi/").headers["Cache-Control"]


@pytest.mark.parametrize("store", ["nulle-part", "", "\x00", "é", "a" * 300])
def test_the_corner_of_no_store_is_a_corner(shopper: Shopper, store: str) -> None:
    assert shopper.get("/moi/", data={"store": store}).status_code == 200


def test_more_in_the_cart_costs_the_corner_no_more_queries(shopper: Shopper) -> None:
    shopper.add()
    before = queries_of(lambda: shopper.get("/moi/?store=bastille"))
    shopper.add("reine")
    shopper.add("cola", None)
    assert queries_of(lambda: shopper.get("/moi/?store=bastille")) == before


def test_the_language_is_switched_and_the_visitor_comes_back(shopper: Shopper) -> None:
    assert shopper.get("/langue/en/?next=/panier/").headers["Location"] == "/panier/"
    assert '<html lang="en">' in shopper.get("/panier/").content.decode()
    assert shopper.get("/langue/en/?next=/carte/bastille/").headers["Location"] == "/carte/bastille/?lang=en"
    assert shopper.get("/langue/fr/?next=/carte/bastille/?lang=en").headers["Location"] == "/carte/bastille/"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "word", "shop:menu"],
)
def test_the_language_switch_never_leads_to_another_site(shopper: Shopper, target: str) -> None:
    assert shopper.get("/langue/en/", data={"next": target}).headers["Location"] == "/"


def test_an_unknown_language_is_not_found(shopper: Shopper) -> None:
    assert shopper.get("/langue/xx/").status_code == 404


def test_a_browser_in_english_is_answered_in_english(shopper: Shopper) -> None:
    page = shopper.get("/", headers={"accept-language": "en-GB,en;q=0.9"}).content.decode()
    assert '<html lang="en">' in page
    assert "/carte/bastille/?lang=en" in page


def test_a_page_that_is_not_there_says_what_to_do(shopper: Shopper) -> None:
    page = shopper.get("/nulle-part/")
    assert page.status_code == 404
    assert "Choisir une pizzeria" in words(page)


@pytest.mark.parametrize(("failure", "status"), [(OperationalError, 503), (InterfaceError, 503), (KeyError, 500)])
def test_a_page_that_fails_invites_to_try_again(shopper: Shopper, failure: type[Exception], status: int) -> None:
    shopper.client.raise_request_exception = False
    with patch("pizzeria.shop.views.home.active_stores", side_effect=failure("secret")):
        page = shopper.get("/")
    assert (page.status_code, page.headers.get("Retry-After")) == (status, "5" if status == 503 else None)
    assert "Réessayer" in words(page)
    assert "secret" not in words(page)


def test_robots_leave_what_is_personal(shopper: Shopper) -> None:
    robots = shopper.get("/robots.txt").content.decode()
    assert "Disallow: /commande/" in robots
    assert "Disallow: /carte/" not in robots


def test_the_house_parts_are_shown_in_development_only(shopper: Shopper) -> None:
    assert shopper.get("/style/").status_code == 404


def picture(shopper: Shopper, product: str) -> str:
    page = shopper.get(f"/carte/bastille/{product}/").content.decode()
    return page.split('<img src="/images/')[1].split('"')[0]


def test_a_picture_is_served_for_ever_under_a_name_that_changes_with_the_recipe(shopper: Shopper) -> None:
    name = picture(shopper, "reine")
    answer = shopper.get(f"/images/{name}")
    assert answer.headers["Content-Type"] == "image/svg+xml"
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.content.startswith(b"<svg")
    Ingredient.objects.filter(slug="jambon").update(
        look={"shape": "strip", "colour": "#f0a0a0", "edge": "#c07070", "size": 6, "count": 9}
    )
    assert picture(shopper, "reine") != name
    assert shopper.get(f"/images/{name}").status_code == 200, "this process has drawn it: yesterday's page still shows"


def test_the_name_of_a_picture_changes_with_every_file_that_draws_it() -> None:
    drawn_by = {function.__code__.co_filename for function in (pizza_svg, drink_svg, variant_svg)}
    assert drawn_by | {toppings.__file__, lines.__file__} <= {str(path) for path in drawing_files()}


def test_a_picture_is_sent_compressed_to_who_can_read_it(shopper: Shopper) -> None:
    name = picture(shopper, "reine")
    zipped = shopper.get(f"/images/{name}", headers={"accept-encoding": "gzip"})
    assert gzip.decompress(zipped.content) == shopper.get(f"/images/{name}").content


def test_an_old_address_of_a_picture_leads_to_todays(shopper: Shopper) -> None:
    name = picture(shopper, "chevre-miel")
    answer = shopper.get("/images/chevre-miel.000000000000.svg")
    assert answer.headers["Location"] == f"/images/{name}"


def test_a_half_and_half_picture_shows_both_halves(shopper: Shopper, house: House) -> None:
    shopper.add("reine", second_half="margherita")
    page = shopper.get("/panier/").content.decode()
    path = page.split('<img class="line__picture" src="')[1].split('"')[0]
    assert "/images/reine--margherita." in path
    assert "Reine / Margherita" in shopper.get(path).content.decode()


@pytest.mark.parametrize("name", ["rien", "reine--rien", "reine--margherita--reine", "--", "reine--"])
def test_a_picture_of_nothing_is_not_found(shopper: Shopper, name: str) -> None:
    assert shopper.get(f"/images/{name}.000000000000.svg").status_code == 404
