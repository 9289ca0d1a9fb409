"""UC 1.3 on the pages: an order's pizzas in the cart, the rest beside what is compared, one confirmation."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from pizzeria.ordering.changing import change_order
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Cart, Order, OrderChange, OvenSlot
from pizzeria.ordering.services import advance
from pizzeria.shop.carts import CHANGE_COOKIE
from pizzeria.shop.tests.conftest import CONTACT, HIDDEN, Shopper, queries_of, words
from tests.cast import GUEST, House, People
from tests.money import pay_online, place_online

pytestmark = pytest.mark.story

HOUR = re.compile(r'<input type="radio" id="at-([^"]+)"[^>]*?data-recalculate( disabled)?')
"""The hours that the page offers, and whether each is full."""


def change_page(order: Order) -> str:
    return f"/commande/{order.token}/modifier/"


def begin(shopper: Shopper, order: Order) -> None:
    assert shopper.post(f"{change_page(order)}commencer/").headers["Location"] == "/panier/"


def looked_at(shopper: Shopper, order: Order, **fields: object) -> str:
    """The page as it compares what is wanted."""
    filled = CONTACT | {"fulfilment": "delivery", "pay_by": "terminal"} | fields
    return shopper.post(change_page(order), {**filled, "recalculate": "1"}).content.decode()


def confirm(shopper: Shopper, order: Order, **fields: object) -> object:
    """Look at what it comes to, then confirm what the page has shown."""
    filled = CONTACT | {"fulfilment": "delivery", "pay_by": "terminal"} | fields
    shown = looked_at(shopper, order, **fields)
    return shopper.post(change_page(order), {**dict(HIDDEN.findall(shown)), **filled, "confirm": "1"})


def test_a_pizza_is_added_in_the_cart_and_the_order_has_it(shopper: Shopper, house: House) -> None:
    order = house.order()
    assert "Modifier ma commande" in words(shopper.get(f"/commande/{order.token}/"))
    begin(shopper, order)
    shopper.add("reine")
    cart = words(shopper.get("/panier/"))
    assert f"Modifier la commande {order.number}" in cart
    assert f"Vous modifiez la commande {order.number}" in cart
    page = words(shopper.get(change_page(order)))
    assert "1 × Reine — Moyenne" in page
    assert "À payer à la remise : 23,50 €" in page
    answer = confirm(shopper, order)
    assert answer.headers["Location"] == f"/commande/{order.token}/"  # type: ignore[attr-defined]
    said = words(shopper.get(f"/commande/{order.token}/"))
    assert f"La commande {order.number} est modifiée." in said
    assert "Ce qui a été modifié" in said
    assert [line.label for line in order.lines.all()] == ["Margherita — Moyenne", "Reine — Moyenne"]


def test_the_cart_that_was_there_before_comes_back(shopper: Shopper, house: House) -> None:
    shopper.add("reine")
    order = house.order()
    begin(shopper, order)
    assert "Reine" not in words(shopper.get("/panier/"))
    shopper.post(f"{change_page(order)}abandonner/")
    assert "Reine" in words(shopper.get("/panier/"))
    assert not Cart.objects.filter(changes=order).exists()
    assert Order.objects.get().version == 1


def test_while_an_order_is_changed_every_page_says_so_and_none_is_placed(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    assert f"Vous modifiez la commande {order.number}" in words(shopper.get("/moi/?store=bastille"))
    assert shopper.get("/commander/").headers["Location"] == change_page(order)
    variant = house.variant("reine").pk
    elsewhere = shopper.post("/panier/ajouter/", {"store": "croix-rousse", "variant": variant})
    assert "terminez ou abandonnez d’abord" in words(elsewhere)
    # Taking a step twice loses nothing of what was chosen.
    shopper.add("reine")
    begin(shopper, order)
    assert "Reine" in words(shopper.get("/panier/"))


def test_the_address_is_changed_and_never_left_empty(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    refused = confirm(shopper, order, street="")
    assert "L’adresse de livraison est incomplète." in words(refused)
    confirm(shopper, order, street="8 rue de Charonne")
    assert Order.objects.get().street == "8 rue de Charonne"


def test_another_day_is_never_confirmed_before_its_hours_were_seen(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    today = timezone.localdate()
    times = {"wanted": "keep", "day": f"{today + timedelta(days=1)}", "shown_day": f"{today}"}
    shown = shopper.post(change_page(order), CONTACT | {"fulfilment": "delivery", "confirm": "1"} | times)
    assert "Choisissez une heure parmi celles qui sont proposées." in words(shown)
    assert re.search(r'name="wanted" value="20[^"]+" data-recalculate checked', shown.content.decode())
    assert Order.objects.get().version == 1


def test_a_note_for_change_outlives_an_address_that_nobody_delivers_to(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    nowhere = looked_at(shopper, order, postal_code="29200", change_for="50")
    assert "Monnaie prévue sur" not in nowhere
    told = dict(HIDDEN.findall(nowhere))
    assert told["change_for"] == "50"
    again = looked_at(shopper, order, change_for=told["change_for"])
    assert re.search(r'id="change_for"[^>]* value="50"', again)


def test_no_pizza_left_is_refused_and_what_was_chosen_stays(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    line = Cart.objects.get(changes=order).lines.get()
    shopper.add("cola", None)
    shopper.post(f"/panier/ligne/{line.pk}/", {"quantity": "0"})
    page = words(shopper.get(change_page(order)))
    assert "Une commande garde au moins une pizza. Pour ne rien garder, annulez la commande." in page
    assert "Cola" in words(shopper.get("/panier/"))


def test_an_empty_cart_says_so(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    shopper.post(f"/panier/ligne/{Cart.objects.get(changes=order).lines.get().pk}/", {"quantity": "0"})
    assert "Votre panier est vide" in words(shopper.get(change_page(order)))


def test_too_late_is_said_kindly_with_a_number_to_call(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    begin(shopper, order)
    for status in ("taken", "preparing"):
        advance(order=Order.objects.get(), to_status=status, acting_user=people.pizzaiolo)
    answer = confirm(shopper, order, street="8 rue de Charonne")
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "La préparation de la commande" in words(answer)
    assert 'href="tel:0199001234"' in answer.content.decode()  # type: ignore[attr-defined]
    assert "Modifier ma commande" not in words(shopper.get(f"/commande/{order.token}/"))


def test_the_second_of_two_sees_both_values_and_loses_nothing(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    begin(shopper, order)
    shown = dict(HIDDEN.findall(shopper.get(change_page(order)).content.decode()))
    line = order.lines.get()
    change_order(
        order=order,
        version=1,
        lines=[LineRequest(variant_id=line.variant_id)],
        contact=replace(GUEST, street="8 rue de Charonne"),
        fulfilment="delivery",
        expected_total=order.total,
        acting_user=people.cashier,
    )
    mine = CONTACT | {"fulfilment": "delivery", "street": "1 rue Amelot", "comment": "Sonnez fort"}
    refused = shopper.post(change_page(order), {**shown, **mine})
    said = words(refused)
    assert refused.status_code == 409
    assert f"La commande {order.number} vient d’être modifiée par le point de vente" in said
    assert re.search(r"8 rue de Charonne Après : .*1 rue Amelot", said)
    assert 'value="1 rue Amelot"' in refused.content.decode()
    assert "Sonnez fort" in said
    again = dict(HIDDEN.findall(refused.content.decode()))
    assert shopper.post(change_page(order), {**again, **mine}).status_code == 302
    assert OrderChange.objects.count() == 2


def test_a_second_tap_and_a_page_of_long_ago_change_nothing_twice(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    confirm(shopper, order, street="8 rue de Charonne")
    assert shopper.client.cookies[CHANGE_COOKIE].value == ""
    assert shopper.get(change_page(order)).headers["Location"] == f"/commande/{order.token}/"
    assert OrderChange.objects.count() == 1


def test_paid_online_and_dearer_the_page_asks_how_the_difference_is_paid(
    shopper: Shopper, house: House, online: None
) -> None:
    order = pay_online(place_online(house), reference="pi_1")
    begin(shopper, order)
    shopper.add("reine")
    page = words(shopper.get(change_page(order)))
    assert "Différence à payer : 12,00 €" in page
    assert "Comment payez-vous la différence, à la remise ?" in page
    confirm(shopper, order, pay_by="cash")
    assert order.payments.get(status="unpaid").method == "cash"
    said = words(shopper.get(f"/commande/{order.token}/"))
    assert "Reste à payer à la remise (espèces) : 12,00 €" in said
    # What was paid by card stays said as paid.
    assert "non payée" not in said


def test_a_stranger_without_the_cart_is_sent_to_the_orders_page(house: House) -> None:
    order = house.order()
    assert Client().get(change_page(order)).headers["Location"] == f"/commande/{order.token}/"


def test_the_page_asks_no_more_of_the_database_with_more_lines(shopper: Shopper, house: House) -> None:
    few, many = house.order(), house.order(lines=[house.line(comment=str(number)) for number in range(8)])
    begin(shopper, few)
    asked = queries_of(lambda: shopper.get(change_page(few)))
    shopper.post(f"{change_page(few)}abandonner/")
    begin(shopper, many)
    assert queries_of(lambda: shopper.get(change_page(many))) == asked


def test_its_own_hour_is_full_for_others_and_not_for_itself(shopper: Shopper, house: House) -> None:
    order = house.order()
    begin(shopper, order)
    day = {"day": (timezone.localdate() + timedelta(days=1)).isoformat()}
    hours = HOUR.findall(looked_at(shopper, order, **day))
    wanted = hours[40][0]
    confirm(shopper, order, **day, wanted=wanted)
    at = Order.objects.get().wanted_at
    assert at
    around = [at + timedelta(minutes=15 * number) for number in range(-24, 5)]
    quarters = [OvenSlot(store=house.bastille, starts_at=start, minutes=0, reserved=0) for start in around]
    OvenSlot.objects.bulk_create(quarters, ignore_conflicts=True)
    OvenSlot.objects.update(minutes=F("reserved"), gone=0)
    begin(shopper, order)
    full = dict(HOUR.findall(looked_at(shopper, order, **day, wanted="keep")))
    assert (full[wanted], full[hours[39][0]]) == ("", " disabled")
