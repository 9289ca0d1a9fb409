"""UC 3.2 on the pages: what offers take off a basket, the code and its answers, what is aimed at a client."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ordering.models import Order
from pizzeria.promotions.editing import end_offer
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, HIDDEN, Shopper, queries_of, words
from tests.cast import House, People
from tests.offered import free_ride, lunch, offer, tenth, third_free

pytestmark = pytest.mark.story


def test_the_cart_explains_line_by_line_what_is_taken_off(shopper: Shopper) -> None:
    third_free()
    shopper.add(quantity="2")
    assert "Encore une pizza de la même taille, et la moins chère est offerte." in words(shopper.get("/panier/"))
    shopper.add("reine")
    said = words(shopper.get("/panier/"))
    assert "2 achetées, 1 offerte −9,00 €" in said
    assert "au lieu de 18,00 € 9,00 €" in said
    assert "Total du panier 21,00 €" in said


def test_the_checkout_and_the_order_show_the_same_and_the_menu_knows_nothing_of_it(shopper: Shopper) -> None:
    before = shopper.get("/carte/bastille/").content
    third_free()
    free_ride(minimum=Decimal(20))
    assert shopper.get("/carte/bastille/").content == before
    shopper.add(quantity="3")
    order = shopper.ordered()
    assert (order.total, order.delivery_fee) == (Decimal("18.00"), Decimal(0))
    said = words(shopper.get(f"/commande/{order.token}/"))
    assert "Articles 27,00 € 2 achetées, 1 offerte −9,00 €" in said
    assert "Livraison offerte −2,50 €" in said
    assert "Total 18,00 €" in said


def test_a_code_is_used_in_the_cart_and_taken_out_again(shopper: Shopper) -> None:
    tenth("MIDI10")
    shopper.add()
    said = words(shopper.post("/panier/code/", {"code": "midi 10"}, follow=True))
    assert "Le code MIDI10 est appliqué." in said
    assert "Total du panier 8,10 €" in said
    assert "Total du panier 9,00 €" in words(shopper.post("/panier/code/", {"code": ""}, follow=True))


def test_a_code_that_is_not_one_is_answered_beside_what_was_typed_and_not_kept(shopper: Shopper) -> None:
    shopper.add()
    page = shopper.post("/panier/code/", {"code": "MIDI20"})
    assert page.status_code == 422
    assert "Ce code n’existe pas." in words(page)
    assert 'value="MIDI20"' in page.content.decode()
    assert shopper.cart().code == ""
    assert shopper.post("/panier/code/", {"code": "x"}).status_code == 422


def test_a_code_that_waits_for_more_is_kept_until_the_basket_has_it(shopper: Shopper) -> None:
    lunch(code="MIDI")
    shopper.add()
    said = words(shopper.post("/panier/code/", {"code": "MIDI"}, follow=True))
    assert "ce code demande une pizza + une boisson" in said
    shopper.add("cola", None)
    assert "Total du panier 10,00 €" in words(shopper.get("/panier/"))


def test_at_the_checkout_a_code_loses_nothing_of_what_was_typed(shopper: Shopper) -> None:
    tenth("MIDI10")
    shopper.add()
    filled = {**shopper.form(), **CONTACT, **CHOICES}
    wrong = shopper.post("/commander/", {**filled, "code": "NON", "use_code": "1"})
    assert wrong.status_code == 422
    assert 'value="Gaspard"' in wrong.content.decode()
    page = shopper.post("/commander/", {**filled, "code": "midi10", "use_code": "1"})
    assert "Total 10,60 €" in words(page)
    assert 'value="3 rue de la Roquette"' in page.content.decode()
    hidden = dict(HIDDEN.findall(page.content.decode()))
    assert shopper.post("/commander/", {**hidden, **CONTACT, **CHOICES}).status_code == 302
    assert Order.objects.get().discount == Decimal("0.90")
    assert shopper.cart().code == ""


def test_who_orders_is_told_which_offer_ended_while_they_typed(shopper: Shopper) -> None:
    shown = third_free()
    shopper.add(quantity="3")
    filled = {**CONTACT, **CHOICES, "fulfilment": "collection"}
    page = shopper.post("/commander/", {**shopper.form(), **filled, "recalculate": "1"})
    end_offer(offer=shown, version=1, acting_user=None)
    answer = shopper.post("/commander/", {**dict(HIDDEN.findall(page.content.decode())), **filled})
    assert answer.status_code == 409
    assert "L’offre « 2 achetées, 1 offerte » n’est plus valable. Le total est maintenant de 27,00 €." in words(answer)


@pytest.fixture
def alice(people: People) -> User:
    people.alice.birthday = timezone.localdate() - timedelta(days=365 * 30 + 7)
    people.alice.birthday = people.alice.birthday.replace(
        month=timezone.localdate().month, day=min(timezone.localdate().day, 28)
    )
    people.alice.save()
    return people.alice


def test_what_is_aimed_at_a_client_is_on_their_page_with_why_and_until_when(shopper: Shopper, alice: User) -> None:
    offer("Joyeux anniversaire", kind="percent", percent=20, audience="birthday", most_each=1)
    offer("Bienvenue", kind="percent", percent=10, audience="new", code="BIENVENUE", minimum=Decimal(15))
    offer("Revenez", kind="percent", percent=10, audience="absent", audience_number=60)
    tenth()
    shopper.client.force_login(alice)
    said = words(shopper.get("/compte/promotions/"))
    assert "Joyeux anniversaire 20 % de moins Parce que votre anniversaire est le" in said
    assert "Jusqu’au" in said
    assert "Bienvenue 10 % de moins Parce que ce sera votre première commande. Avec le code : BIENVENUE" in said
    assert "À partir de 15,00 €" in said
    assert "Revenez" not in said
    assert "10 % de moins 10 % de moins" not in said


def test_their_basket_has_it_and_a_guests_has_not(shopper: Shopper, alice: User, house: House) -> None:
    offer("Joyeux anniversaire", kind="percent", percent=20, audience="birthday")
    shopper.add()
    assert "Total du panier 9,00 €" in words(shopper.get("/panier/"))
    shopper.client.force_login(alice)
    assert "Total du panier 7,20 €" in words(shopper.get("/panier/"))


def test_without_any_the_page_says_so(shopper: Shopper, people: People) -> None:
    shopper.client.force_login(people.alice)
    assert "Aucune promotion pour vous en ce moment" in words(shopper.get("/compte/promotions/"))


def test_more_offers_cost_no_more_queries(shopper: Shopper, alice: User) -> None:
    shopper.client.force_login(alice)
    shopper.add(quantity="2")
    tenth(most=5, most_each=1, audience="nth", audience_number=1)
    shopper.get("/panier/")
    cart, page = (queries_of(lambda path=path: shopper.get(path)) for path in ("/panier/", "/compte/promotions/"))  # type: ignore[misc]
    for number in range(5):
        offer(f"n° {number}", kind="percent", percent=5, most=5, most_each=1, audience="nth", audience_number=1)
    shopper.get("/panier/")
    assert queries_of(lambda: shopper.get("/panier/")) == cart
    assert queries_of(lambda: shopper.get("/compte/promotions/")) == page
