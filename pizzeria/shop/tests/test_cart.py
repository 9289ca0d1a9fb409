"""B1: the cart."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from pizzeria.catalogue.models import Product
from pizzeria.ordering.models import Cart, CartLine
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.shop.tests.test_menu import leave
from tests.cast import House


def test_a_guest_without_a_cart_is_told_that_it_is_empty(shopper: Shopper) -> None:
    page = shopper.get("/panier/")
    assert page.status_code == 200
    assert "Votre panier est vide" in words(page)
    assert not shopper.client.cookies


def test_one_tap_puts_a_pizza_in_the_cart(shopper: Shopper) -> None:
    assert shopper.add().headers["Location"] == "/panier/"
    said = words(shopper.get("/panier/"))
    assert "Margherita" in said
    assert "Total du panier 9,00 €" in said


def test_the_cart_survives_navigation(shopper: Shopper) -> None:
    shopper.add()
    shopper.get("/")
    shopper.get("/carte/croix-rousse/")
    assert "Margherita" in words(shopper.get("/panier/"))


def test_the_same_pizza_twice_is_one_line_of_two(shopper: Shopper) -> None:
    shopper.add()
    shopper.add()
    assert [line.quantity for line in shopper.cart().lines.all()] == [2]


def test_options_reach_the_cart_with_their_price(shopper: Shopper, house: House) -> None:
    ingredients = house.ingredients
    shopper.add(
        "reine",
        removed=[ingredients["jambon"].pk],
        extras=[ingredients["chevre"].pk],
        comment="bien cuite",
        quantity="2",
    )
    said = words(shopper.get("/panier/"))
    assert "Reine Moyenne, 33 cm sans jambon blanc · + chèvre « bien cuite » 27,60 €" in said


def test_half_and_half_takes_the_size_of_the_first_and_the_dearer_price(shopper: Shopper) -> None:
    shopper.add("margherita", "s", second_half="chevre-miel")
    said = words(shopper.get("/panier/"))
    assert "½ Margherita + ½ Chèvre Petite, 26 cm 10,40 €" in said


def test_a_quantity_is_changed_and_a_line_taken_out(shopper: Shopper) -> None:
    shopper.add()
    path = f"/panier/ligne/{shopper.cart().lines.get().pk}/"
    shopper.post(path, {"quantity": "3"})
    assert "27,00 €" in words(shopper.get("/panier/"))
    shopper.post(path, {"quantity": "0"})
    assert "Votre panier est vide" in words(shopper.get("/panier/"))


def test_a_word_to_the_kitchen_is_kept_and_escaped(shopper: Shopper) -> None:
    shopper.add()
    shopper.post(f"/panier/ligne/{shopper.cart().lines.get().pk}/", {"comment": "sans <b>croûte</b> 🍕\x00"})
    page = shopper.get("/panier/").content.decode()
    assert "« sans &lt;b&gt;croûte&lt;/b&gt; 🍕 »" in page


BAD_QUANTITIES = ["-1", "51", "1000000000", "1e3", "٣", "beaucoup", "1.5"]


@pytest.mark.parametrize("quantity", ["0", *BAD_QUANTITIES])
def test_a_quantity_that_cannot_be_is_refused_when_adding(shopper: Shopper, quantity: str) -> None:
    page = shopper.add(quantity=quantity)
    assert page.status_code == 422
    assert "La quantité va de 1 à 50." in words(page)
    assert not CartLine.objects.exists()


@pytest.mark.parametrize("quantity", [*BAD_QUANTITIES, ""])
def test_a_quantity_that_cannot_be_changes_nothing_in_the_cart(shopper: Shopper, quantity: str) -> None:
    shopper.add()
    page = shopper.post(f"/panier/ligne/{shopper.cart().lines.get().pk}/", {"quantity": quantity})
    assert page.status_code == 422
    assert shopper.cart().lines.get().quantity == 1


@pytest.mark.parametrize("variant", ["0", "-5", "999999", "99999999999999999999", "abc", "", "1 OR 1=1", "\x00"])
def test_a_pizza_that_is_not_on_the_menu_is_refused(shopper: Shopper, variant: str) -> None:
    page = shopper.post("/panier/ajouter/", {"store": "bastille", "variant": variant})
    assert page.status_code == 422
    assert "Ce produit n’est plus à la carte." in words(page)


@pytest.mark.parametrize(
    "fields", [{"removed": "999999"}, {"extras": "999999"}, {"extras": "x"}, {"second_half": "nope"}]
)
def test_options_that_are_not_offered_are_refused(shopper: Shopper, fields: dict[str, str]) -> None:
    assert shopper.add(**fields).status_code == 422


def test_a_price_sent_by_the_browser_is_ignored(shopper: Shopper) -> None:
    shopper.add(price="0.01", unit_price="0.01", amount="0.01")
    assert "9,00 €" in words(shopper.get("/panier/"))


def test_a_comment_that_is_too_long_is_refused_and_nothing_is_lost(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.post(f"/panier/ligne/{shopper.cart().lines.get().pk}/", {"comment": "a" * 121})
    assert page.status_code == 422
    assert "au plus 120 caractères" in words(page)


def test_an_unknown_store_is_not_found(shopper: Shopper, house: House) -> None:
    variant = house.variant("reine").pk
    assert shopper.post("/panier/ajouter/", {"store": "nulle-part", "variant": variant}).status_code == 404


def test_adding_at_another_store_moves_the_cart_and_says_so(shopper: Shopper, house: House) -> None:
    shopper.add()
    variant = house.variant("reine").pk
    page = shopper.client.post("/panier/ajouter/", {"store": "croix-rousse", "variant": variant}, follow=True)
    said = words(page)
    assert "Votre panier est maintenant à OC Pizza Croix-Rousse" in said
    assert "Margherita" in said


def test_what_a_store_cannot_make_any_more_is_said_and_keeps_from_ordering(shopper: Shopper, house: House) -> None:
    shopper.add("chevre-miel")
    leave(house, "chevre", 10)
    page = shopper.get("/panier/")
    assert "Il n’y en a plus assez" in words(page)
    assert 'href="/commander/"' not in page.content.decode()


def test_what_has_left_the_menu_is_said_and_can_be_taken_out(shopper: Shopper) -> None:
    shopper.add("reine")
    shopper.add("margherita")
    Product.objects.filter(slug="reine").update(is_active=False)
    said = words(shopper.get("/panier/"))
    assert "Produit retiré de la carte" in said
    assert "Total du panier 9,00 €" in said
    assert shopper.get("/commander/").headers["Location"] == "/panier/"


def test_somebody_elses_cart_cannot_be_changed(shopper: Shopper, house: House) -> None:
    shopper.add()
    line = shopper.cart().lines.get()
    other = Shopper(house)
    other.add()
    other.post(f"/panier/ligne/{line.pk}/", {"quantity": "9"})
    Client().post(f"/panier/ligne/{line.pk}/", {"quantity": "9"})
    line.refresh_from_db()
    assert line.quantity == 1


@pytest.mark.parametrize("token", ["", "x", "a" * 500, "\x00", "' OR 1=1", "é"])
def test_a_forged_cart_cookie_is_no_cart(shopper: Shopper, token: str) -> None:
    shopper.client.cookies["oc_cart"] = token
    assert "Votre panier est vide" in words(shopper.get("/panier/"))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
        {"sec-fetch-site": "none"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {},
    ],
)
def test_another_sites_page_cannot_fill_a_cart(house: House, headers: dict[str, str]) -> None:
    page = Client().post(
        "/panier/ajouter/", {"store": "bastille", "variant": house.variant("reine").pk}, headers=headers
    )
    assert page.status_code == 403
    assert not Cart.objects.exists()


def test_a_browser_that_says_where_it_is_needs_no_origin(house: House) -> None:
    fields = {"store": "bastille", "variant": house.variant("reine").pk}
    page = Client().post("/panier/ajouter/", fields, headers={"sec-fetch-site": "same-origin"})
    assert page.status_code == 302


def test_a_forged_form_gets_a_page_that_says_what_to_do(shopper: Shopper) -> None:
    shopper.add()
    strict = Client(enforce_csrf_checks=True, headers={"origin": "http://testserver"})
    strict.cookies = shopper.client.cookies
    page = strict.post(f"/panier/ligne/{shopper.cart().lines.get().pk}/", {"quantity": "9"})
    assert page.status_code == 403
    assert "restée ouverte trop longtemps" in words(page)
    assert shopper.cart().lines.get().quantity == 1


@pytest.mark.parametrize("path", ["/panier/ajouter/", "/panier/ligne/1/"])
def test_the_cart_is_not_changed_by_a_link(shopper: Shopper, path: str) -> None:
    assert shopper.get(path).status_code == 405


def test_a_ten_megabyte_form_gets_a_page_that_says_so(shopper: Shopper) -> None:
    page = shopper.post("/panier/ajouter/", {"store": "bastille", "comment": "a" * 10_000_000})
    assert page.status_code in (400, 413)
    assert "Nous n’avons pas compris" in words(page)


def test_with_htmx_the_visitor_stays_on_the_menu(shopper: Shopper, house: House) -> None:
    fields = {"store": "bastille", "variant": house.variant("reine").pk}
    page = shopper.post("/panier/ajouter/", fields, headers={"hx-request": "true"})
    said = words(page)
    assert page.status_code == 200
    assert "Panier · 1 article" in said
    assert 'href="/commander/"' in page.content.decode()
    assert "Ajouté au panier." in said


def test_with_htmx_a_refusal_leads_to_the_cart_that_says_it(shopper: Shopper) -> None:
    page = shopper.post("/panier/ajouter/", {"store": "bastille", "variant": "0"}, headers={"hx-request": "true"})
    assert page.headers["HX-Redirect"] == "/panier/"
    assert "Ce produit n’est plus à la carte." in words(shopper.get("/panier/"))


def test_more_lines_cost_no_more_queries(shopper: Shopper, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    shopper.add()
    shopper.get("/panier/")
    before = queries_of(lambda: shopper.get("/panier/"))
    for product, size in (("reine", "m"), ("reine", "s"), ("chevre-miel", "m"), ("cola", None)):
        shopper.add(product, size)
    shopper.get("/panier/")
    with django_assert_num_queries(before):
        assert "Cola" in words(shopper.get("/panier/"))
