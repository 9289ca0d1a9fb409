"""UC 1.2 and B32: from the cart to the order, paid at the door."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from pizzeria.catalogue.models import Variant
from pizzeria.ordering.models import Order
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, HIDDEN, Shopper, queries_of, words
from pizzeria.shop.tests.test_menu import leave
from pizzeria.stock.models import StockItem
from pizzeria.stores.models import DeliveryZone, OpeningHours
from tests.cast import House, People

pytestmark = pytest.mark.story


def test_a_guest_orders_for_delivery_and_pays_at_the_door(shopper: Shopper) -> None:
    shopper.add("reine", quantity="2")
    order = shopper.ordered(comment="Code 12B4")
    assert order.status == Order.Status.TO_PREPARE
    assert order.total == Decimal("26.50")
    assert order.payment_method == "terminal"
    assert (order.street, order.postal_code, order.comment) == ("3 rue de la Roquette", "75011", "Code 12B4")
    assert "Votre panier est vide" in words(shopper.get("/panier/"))


@pytest.mark.parametrize("fulfilment", ["collection", "on_site"])
def test_collecting_needs_no_address_and_costs_no_delivery(shopper: Shopper, fulfilment: str) -> None:
    shopper.add()
    order = shopper.ordered(fulfilment=fulfilment, street="", postal_code="", town="")
    assert order.total == Decimal("9.00")
    assert order.fulfilment == fulfilment


def test_the_page_says_what_it_costs_rate_by_rate_and_when_it_comes(shopper: Shopper) -> None:
    shopper.get("/?postal_code=75011")
    shopper.add("reine")
    shopper.add("cola", None)
    said = words(shopper.get("/commander/"))
    assert "Livraison 2,50 €" in said
    assert "Total 17,00 €" in said
    # 12.00 at 10 % and 2.50 at 5.5 %, with their shares of the delivery (2.07 and 0.43).
    assert "dont TVA 5,5 % 0,15 €" in said
    assert "dont TVA 10 % 1,28 €" in said
    assert "Livrée vers" in said


def test_without_a_postal_code_the_fee_is_not_guessed(shopper: Shopper) -> None:
    shopper.add()
    assert "selon le code postal" in words(shopper.get("/commander/"))


def test_the_total_is_shown_before_it_is_ordered(shopper: Shopper) -> None:
    """Without a script, nobody pays a fee that they have not seen."""
    shopper.add()
    page = shopper.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES})
    assert page.status_code == 409
    assert "Le total est maintenant de 11,50 €" in words(page)
    again = shopper.post("/commander/", {**dict(HIDDEN.findall(page.content.decode())), **CONTACT, **CHOICES})
    assert again.status_code == 302


def test_the_usual_takes_three_taps(shopper: Shopper) -> None:
    shopper.add()
    first = shopper.ordered(payment_method="cash")
    shopper.add()
    page = shopper.get("/commander/").content.decode()
    for value in ("Gaspard", "3 rue de la Roquette", "75011"):
        assert f'value="{value}"' in page
    assert "Comme la dernière fois" in page
    fields = CONTACT | {"fulfilment": "delivery", "payment_method": "cash"}
    answer = shopper.post("/commander/", {**dict(HIDDEN.findall(page)), **fields})
    assert answer.status_code == 302
    assert Order.objects.exclude(pk=first.pk).get().total == first.total


def test_collecting_does_not_forget_the_address(shopper: Shopper) -> None:
    shopper.add()
    shopper.ordered()
    shopper.add()
    shopper.ordered(fulfilment="collection", street="", postal_code="", town="", comment="")
    shopper.add()
    assert 'value="3 rue de la Roquette"' in shopper.get("/commander/").content.decode()


def test_who_is_signed_in_finds_their_name_and_keeps_the_order(shopper: Shopper, people: People) -> None:
    shopper.client.force_login(people.alice)
    shopper.add()
    assert 'value="Martin"' in shopper.get("/commander/").content.decode()
    assert shopper.ordered().customer == people.alice


def test_sending_the_form_twice_makes_one_order(shopper: Shopper) -> None:
    shopper.add()
    shopper.get("/?postal_code=75011")
    sent = {**shopper.form(), **CONTACT, **CHOICES}
    first = shopper.post("/commander/", sent)
    second = shopper.post("/commander/", sent)
    assert first.headers["Location"] == second.headers["Location"]
    assert Order.objects.count() == 1


def test_an_old_form_sent_again_does_not_empty_a_new_cart(shopper: Shopper) -> None:
    shopper.add()
    shopper.get("/?postal_code=75011")
    sent = {**shopper.form(), **CONTACT, **CHOICES}
    shopper.post("/commander/", sent)
    shopper.add("reine")
    shopper.post("/commander/", sent)
    assert Order.objects.count() == 1
    assert "Reine" in words(shopper.get("/panier/"))


def test_one_persons_form_leads_nobody_else_to_their_order(shopper: Shopper, house: House) -> None:
    shopper.add()
    order = shopper.ordered(once="known-to-both")
    other = Shopper(house)
    other.add("cola", None)
    answer = other.order(once="known-to-both", fulfilment="collection")
    assert order.token not in answer.headers["Location"]


def test_a_form_without_its_token_is_asked_again(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.order(once="", fulfilment="collection")
    assert page.status_code == 422
    assert "Cette page n’était pas complète" in words(page)
    assert not Order.objects.exists()


def test_what_is_missing_is_said_beside_each_field_and_nothing_is_lost(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.order(first_name="", phone="06 12", comment="Deuxième étage")
    text = page.content.decode()
    assert page.status_code == 422
    assert 'role="alert"' in text
    assert '<a href="#first_name">Prénom</a> : Ce champ est obligatoire.' in text
    assert 'aria-describedby="phone_hint phone_error" aria-invalid="true"' in text
    for kept in ("06 12", "Visiteur", "3 rue de la Roquette", "Deuxième étage"):
        assert kept in text
    assert "Margherita" in words(shopper.get("/panier/"))


@pytest.mark.parametrize("name", ["street", "town", "postal_code"])
def test_a_delivery_needs_its_whole_address(shopper: Shopper, name: str) -> None:
    shopper.add()
    page = shopper.order(**{name: ""})
    assert page.status_code == 422
    assert f'href="#{name}"' in page.content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("fulfilment", ""), ("fulfilment", "drone"), ("payment_method", ""), ("payment_method", "gold")],
)
def test_a_choice_that_is_not_offered_is_refused(shopper: Shopper, field: str, value: str) -> None:
    shopper.add()
    page = shopper.order(**{field: value})
    assert page.status_code == 422
    assert f'href="#{field}"' in page.content.decode()
    assert not Order.objects.exists()


def test_outside_the_zone_the_ways_out_are_said(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.order(postal_code="13001")
    assert page.status_code == 422
    assert "ne livre pas au code postal 13001" in words(page)
    assert "Margherita" in words(shopper.get("/panier/"))


def test_below_the_minimum_is_said(shopper: Shopper) -> None:
    DeliveryZone.objects.update(minimum_order=Decimal(20))
    shopper.add()
    page = shopper.order()
    assert page.status_code == 422
    assert "20,00 €" in words(page)


def test_a_closed_store_says_so_before_and_after(shopper: Shopper) -> None:
    shopper.add()
    OpeningHours.objects.all().delete()
    assert "OC Pizza Bastille est fermé pour le moment." in words(shopper.get("/commander/"))
    page = shopper.order()
    assert page.status_code == 409
    assert "fermé" in words(page)


def test_a_price_that_changed_is_shown_and_confirmed(shopper: Shopper) -> None:
    shopper.get("/?postal_code=75011")
    shopper.add()
    sent = {**shopper.form(), **CONTACT, **CHOICES}
    Variant.objects.filter(product__slug="margherita", size__code="m").update(price=Decimal("9.80"))
    page = shopper.post("/commander/", sent)
    assert page.status_code == 409
    assert "Le total est maintenant de 12,30 €" in words(page)
    assert 'name="expected_total" value="12.30"' in page.content.decode()


@pytest.mark.parametrize("total", ["0.01", "", "-1", "NaN", "1e9", "9,00", "gratuit", "\x00"])
def test_a_total_sent_by_the_browser_never_decides(shopper: Shopper, total: str) -> None:
    shopper.add()
    fields = {**shopper.form(), **CONTACT, **CHOICES, "fulfilment": "collection"}
    page = shopper.post("/commander/", fields | {"expected_total": total, "total": "0.01", "price": "0.01"})
    assert page.status_code == 409
    assert not Order.objects.exists()


def test_the_last_pizza_gone_meanwhile_is_said_by_name(shopper: Shopper, house: House) -> None:
    shopper.add("chevre-miel")
    sent = {**shopper.form(), **CONTACT, **CHOICES, "fulfilment": "collection"}
    leave(house, "chevre", 0)
    page = shopper.post("/commander/", sent)
    assert page.status_code == 409
    assert "Chèvre" in words(page)
    assert StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["chevre"]).available == 0


def test_an_empty_cart_cannot_be_ordered(shopper: Shopper) -> None:
    assert shopper.get("/commander/").headers["Location"] == "/panier/"
    page = shopper.post("/commander/", CONTACT)
    assert page.status_code == 422
    assert "Votre panier est vide" in words(page)


@pytest.mark.parametrize(
    "name", ["𝕲𝖆𝖘𝖕𝖆𝖗𝖉", "José 🍕", "李小龍", "مَرْحَبًا", "<script>alert(1)</script>", "O'Neill", "Zoe\u0301"]
)
def test_every_name_is_taken_as_it_is(shopper: Shopper, name: str) -> None:
    shopper.add()
    order = shopper.ordered(first_name=name)
    page = shopper.get(f"/commande/{order.token}/").content.decode()
    assert "<script>alert" not in page
    assert order.first_name


def test_what_no_keyboard_types_is_taken_out(shopper: Shopper) -> None:
    shopper.add()
    assert shopper.ordered(last_name="Du\x00pont\x07").last_name == "Dupont"


def test_a_name_that_is_too_long_is_said(shopper: Shopper) -> None:
    shopper.add()
    assert "80 caractères au plus" in words(shopper.order(first_name="a" * 81))


def test_a_forged_form_orders_nothing(shopper: Shopper) -> None:
    shopper.add()
    strict = Client(enforce_csrf_checks=True, headers={"origin": "https://evil.example"})
    strict.cookies = shopper.client.cookies
    page = strict.post("/commander/", {**shopper.form(), **CONTACT, **CHOICES})
    assert page.status_code == 403
    assert not Order.objects.exists()


def test_a_method_that_the_page_does_not_know_is_refused(shopper: Shopper) -> None:
    assert shopper.client.put("/commander/").status_code == 405


def test_more_lines_cost_no_more_queries(shopper: Shopper) -> None:
    shopper.add()
    shopper.get("/commander/")
    before = queries_of(lambda: shopper.get("/commander/"))
    for product, size in (("reine", "m"), ("reine", "s"), ("chevre-miel", "m"), ("cola", None)):
        shopper.add(product, size)
    assert queries_of(lambda: shopper.get("/commander/")) == before


def test_a_cart_that_another_tab_moved_to_another_store_is_not_ordered_there_unseen(
    shopper: Shopper, house: House
) -> None:
    choices = {**CONTACT, **CHOICES, "fulfilment": "collection"}
    shopper.add()
    page = shopper.post("/commander/", {**shopper.form(), **choices, "recalculate": "1"})
    shown = dict(HIDDEN.findall(page.content.decode()))
    # In another tab: the same pizza, for the same money, from the other city.
    shopper.post(f"/panier/ligne/{shopper.cart().lines.get().pk}/", {"quantity": "0"})
    shopper.post("/panier/ajouter/", {"store": "croix-rousse", "variant": house.variant("margherita").pk})

    answer = shopper.post("/commander/", {**shown, **choices})
    assert answer.status_code == 422
    assert "Votre panier est maintenant à OC Pizza Croix-Rousse" in words(answer)
    assert not Order.objects.exists()
    again = shopper.post("/commander/", {**dict(HIDDEN.findall(answer.content.decode())), **choices})
    assert again.status_code == 302


def test_mistakes_are_listed_in_the_order_and_the_words_of_the_page(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.order(**dict.fromkeys(CONTACT, "")).content.decode()
    asked = ["Prénom", "Nom", "Téléphone", "Numéro et rue", "Code postal", "Ville"]
    assert re.findall(r'<li><a href="#\w+">([^<]+)</a>', page) == asked
