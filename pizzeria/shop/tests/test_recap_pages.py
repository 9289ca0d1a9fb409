"""B2 and UC 3.1 on the pages: the récapitulatif and its files, the history by month, the usual in one tap."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from pizzeria.accounts.models import Attempt
from pizzeria.catalogue.models import Product
from pizzeria.ordering.models import Cart, Order, RecapDelivery
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from tests.cast import House, People
from tests.pdf_reading import read_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.story]


def media(order: Order) -> list[str]:
    return list(RecapDelivery.objects.filter(order=order).values_list("medium", flat=True))


def test_each_way_in_which_it_was_delivered_is_written_down_and_shown_to_both_sides(
    shopper: Shopper, house: House, people: People
) -> None:
    order = house.order()
    page = f"/commande/{order.token}/"
    shopper.client.head(page + "recapitulatif.pdf")
    assert media(order) == []
    said = words(shopper.get(page + "recapitulatif/"))
    for expected in (order.number, "Total TTC 11,50 €", "Total hors taxes", "10 %", "arrêté n° 83-50/A", "À l’écran"):
        assert expected in said
    for file in ("recapitulatif.pdf", "ticket.pdf"):
        answer = shopper.get(page + file)
        assert answer["Content-Type"] == "application/pdf"
        assert answer["Content-Disposition"] == f'inline; filename="{order.number}.pdf"'
        assert "no-store" in answer["Cache-Control"]
        assert order.number in read_pdf(answer.content).words
    assert media(order) == ["screen", "pdf", "ticket"]
    chloe = Client()
    chloe.force_login(people.cashier)
    seen = words(chloe.get(f"/equipe/bastille/commandes/{order.number}/"))
    assert "Récapitulatif remis en PDF" in seen
    assert "Récapitulatif remis en ticket" in seen


def test_the_counter_prints_the_ticket_and_the_driver_sees_it_too(house: House, people: People) -> None:
    order = house.order()
    for who in (people.cashier, people.driver):
        browser = Client()
        browser.force_login(who)
        for file in ("recapitulatif.pdf", "ticket.pdf"):
            answer = browser.get(f"/equipe/bastille/commandes/{order.number}/{file}")
            assert order.number in read_pdf(answer.content).words
        assert browser.get("/equipe/bastille/commandes/P-22222/ticket.pdf").status_code == 404
    assert media(order) == ["ticket"]


def test_who_asks_for_paper_without_end_is_told_when_to_come_back(house: House) -> None:
    order, browser = house.order(), Client(REMOTE_ADDR="203.0.113.9")
    address = f"/commande/{order.token}/ticket.pdf"
    assert browser.get(address).status_code == 200
    Attempt.objects.filter(count=1).update(count=120)
    refused = browser.get(address)
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0


def test_the_history_is_searched_by_month_and_says_when_there_is_nothing(
    shopper: Shopper, house: House, people: People
) -> None:
    shopper.client.force_login(people.alice)
    assert "L’historique est vide" in words(shopper.get("/compte/commandes/"))
    march, april = house.order(customer=people.alice), house.order(customer=people.alice)
    # In Paris it is April already.
    for order, at in (
        (march, datetime(2026, 3, 31, 21, 59, tzinfo=UTC)),
        (april, datetime(2026, 3, 31, 22, 0, tzinfo=UTC)),
    ):
        Order.objects.filter(pk=order.pk).update(placed_at=at)
    said = words(shopper.get("/compte/commandes/?mois=2026-03"))
    assert march.number in said
    assert april.number not in said
    assert "avril 2026" in said
    assert {march.number, april.number} <= set(words(shopper.get("/compte/commandes/?mois=<b>")).split())


def test_more_orders_cost_the_history_no_more_queries(shopper: Shopper, house: House, people: People) -> None:
    shopper.client.force_login(people.alice)
    house.order(customer=people.alice)
    few = queries_of(lambda: shopper.get("/compte/commandes/"))
    for _each in range(3):
        house.order(customer=people.alice, lines=[house.line(), house.line("cola", None)])
    assert queries_of(lambda: shopper.get("/compte/commandes/")) == few


def test_a_guest_has_the_usual_in_one_tap_from_the_first_page(shopper: Shopper, house: House) -> None:
    assert "Comme la dernière fois" not in words(shopper.get("/"))
    shopper.add("reine", comment="bien cuite")
    order = shopper.ordered()
    home = shopper.get("/")
    assert "Comme la dernière fois" in words(home)
    assert "1 × Reine — Moyenne" in words(home)
    cart = shopper.post(f"/commande/{order.token}/encore/", follow=True)
    assert "Comme la dernière fois : tout est là, au même prix." in words(cart)
    assert "« bien cuite »" in words(cart)


def test_what_is_gone_is_said_in_the_cart_and_nothing_left_keeps_the_one_that_is_there(
    shopper: Shopper, house: House
) -> None:
    order = house.order(lines=[house.line("reine"), house.line("cola", None)])
    Product.objects.filter(slug="cola").update(is_active=False)
    said = words(shopper.post(f"/commande/{order.token}/encore/", follow=True))
    assert "Cola 33 cl n’est plus à la carte." in said
    Product.objects.filter(slug="reine").update(is_active=False)
    refused = shopper.post(f"/commande/{order.token}/encore/")
    assert refused.status_code == 409
    assert Cart.objects.get().lines.count() == 1


def test_a_pizzeria_that_is_closed_says_when_it_opens_and_who_could_make_it_now(shopper: Shopper, house: House) -> None:
    order = house.order()
    house.bastille.opening_hours.all().delete()
    house.croix_rousse.delivery_zones.update(postal_code="75011")
    said = words(shopper.post(f"/commande/{order.token}/encore/", follow=True))
    assert "OC Pizza Bastille : Fermé pour le moment." in said
    assert "OC Pizza Croix-Rousse est ouverte et sert la même adresse." in said


def test_a_link_fills_no_cart(shopper: Shopper, house: House) -> None:
    assert shopper.get(f"/commande/{house.order().token}/encore/").status_code == 405


def test_an_old_order_opens_its_paper_as_long_as_it_is_kept(shopper: Shopper, house: House) -> None:
    order = house.order()
    Order.objects.filter(pk=order.pk).update(placed_at=order.placed_at - timedelta(days=900))
    assert shopper.get(f"/commande/{order.token}/recapitulatif.pdf").status_code == 200
