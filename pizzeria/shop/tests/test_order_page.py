"""B2, B5 and UC 1.4: the order's page, finding it again, cancelling it."""

import re
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.services import advance, cancel_as_staff
from pizzeria.shop.tests.conftest import Shopper, queries_of, words
from pizzeria.stock.models import StockItem
from tests.cast import GRAMS, House, People

Status = Order.Status


def page_of(order: Order) -> str:
    return f"/commande/{order.token}/"


def seen_on(page: HttpResponse) -> str:
    found = re.search(r'name="seen" value="([^"]+)"', page.content.decode())
    assert found
    return found.group(1)


def move(order: Order, people: People, *statuses: str) -> None:
    for status in statuses:
        order.refresh_from_db()
        user = people.driver if status in (Status.DELIVERING, Status.DELIVERED) else people.pizzaiolo
        advance(order=order, to_status=status, acting_user=user)


def test_the_page_says_everything_about_the_order(shopper: Shopper, house: House) -> None:
    ingredients = house.ingredients
    line = house.line("reine", removed=(ingredients["jambon"].pk,), extras=(ingredients["chevre"].pk,), comment="vite")
    order = house.order(lines=[line])
    page = shopper.get(page_of(order))
    said, day = words(page), page.context["tracking"].day  # type: ignore[attr-defined]
    for expected in (order.number, "Reine — Moyenne", "sans jambon blanc", "+ chèvre", "« vite »", "Total 16,30 €",
                     "TVA 10 % sur 16,30 € TTC 1,48 €", "3 rue de la Roquette", "Appeler le 01 99 00 12 34",
                     "Espèces", "non payée", f"Chez vous {day} à" if day else "Chez vous à"):  # fmt: skip
        assert expected in said


def test_the_steps_tell_where_the_order_is_and_when_it_got_there(
    shopper: Shopper, house: House, people: People
) -> None:
    order = house.order()
    move(order, people, Status.TAKEN, Status.PREPARING)
    page = shopper.get(page_of(order)).content.decode()
    assert page.count("is-done") == 2
    assert 'is-current" aria-current="step"><span class="step__name">En préparation' in page
    assert page.count('<time class="step__time"') == 3
    assert page.count("step__hint") == 1
    assert "passent au four" in page


def test_a_delivered_order_says_so(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    move(order, people, Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERING, Status.DELIVERED)
    said = words(shopper.get(page_of(order)))
    assert "Merci, et bon appétit" in said
    assert "Annuler" not in said


def test_an_order_to_collect_has_no_road(shopper: Shopper, house: House) -> None:
    said = words(shopper.get(page_of(house.order(fulfilment=Fulfilment.COLLECTION))))
    assert "En livraison" not in said
    assert "Remise" in said


def test_the_progress_refreshes_only_when_there_is_something_new(
    shopper: Shopper, house: House, people: People
) -> None:
    order = house.order()
    path = page_of(order) + "suivi/"
    seen = seen_on(shopper.get(path))
    assert shopper.get(f"{path}?seen={seen}").status_code == 204
    move(order, people, Status.TAKEN)
    fragment = shopper.get(f"{path}?seen={seen}")
    assert fragment.status_code == 200
    assert seen_on(fragment) != seen


def test_what_listens_on_the_page_is_not_what_is_replaced(shopper: Shopper, house: House) -> None:
    order = house.order()
    page = shopper.get(page_of(order)).content.decode()
    listening = page[page.index('<section id="progress"') :].split(">", 1)[0]
    assert f'data-live="order:{order.token}"' in listening
    assert 'hx-swap="innerHTML"' in listening
    assert 'id="progress"' not in shopper.get(page_of(order) + "suivi/").content.decode()


def test_a_late_order_is_said_with_a_number_to_call(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    assert "en retard" not in words(shopper.get(page_of(order)))
    Order.objects.update(promised_at=timezone.now() - timedelta(minutes=1))
    # Nothing moved the order: time did.
    fragment = shopper.get(page_of(order) + "suivi/?seen=1")
    assert "en retard de 1 minute — nous faisons au plus vite" in words(fragment)
    assert 'href="tel:0199001234"' in fragment.content.decode()
    assert shopper.get(page_of(order) + f"suivi/?seen={seen_on(fragment)}").status_code == 204
    move(order, people, Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERING, Status.DELIVERED)
    assert "en retard" not in words(shopper.get(page_of(order)))


def test_the_page_looks_again_when_the_promised_time_has_come(shopper: Shopper, house: House) -> None:
    order = house.order()
    Order.objects.update(promised_at=timezone.now() + timedelta(seconds=90))
    assert re.search(r'hx-trigger="live, load delay:(89|90)s"', shopper.get(page_of(order)).content.decode())


def test_the_client_reads_why_the_house_cancelled(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    cancel_as_staff(order=order, acting_user=people.manager, reason="Le four est en panne.")
    said = words(shopper.get(page_of(order) + "suivi/?seen=1"))
    assert "a dû annuler votre commande « Le four est en panne. »" in said
    assert "Appelez le 01 99 00 12 34" in said


def test_who_cancels_is_not_told_why(shopper: Shopper, house: House) -> None:
    order = house.order()
    shopper.post(page_of(order) + "annuler/")
    assert "a dû annuler" not in words(shopper.get(page_of(order)))


def test_a_client_cancels_until_preparation_starts(shopper: Shopper, house: House) -> None:
    order = house.order()
    answer = shopper.client.post(page_of(order) + "annuler/", follow=True)
    said = words(answer)
    order.refresh_from_db()
    assert order.status == Status.CANCELLED
    assert "Votre commande est annulée" in said
    assert StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["mozzarella"]).available == GRAMS


def test_a_cancellation_that_comes_too_late_is_refused_kindly(shopper: Shopper, house: House, people: People) -> None:
    order = house.order()
    move(order, people, Status.TAKEN, Status.PREPARING)
    page = shopper.post(page_of(order) + "annuler/")
    assert page.status_code == 409
    assert f"La commande {order.number} est « En préparation »" in words(page)
    assert "Oui, annuler" not in words(page)


def test_cancelling_twice_is_told(shopper: Shopper, house: House) -> None:
    order = house.order()
    shopper.post(page_of(order) + "annuler/")
    assert shopper.post(page_of(order) + "annuler/").status_code == 409


def test_a_link_does_not_cancel(shopper: Shopper, house: House) -> None:
    order = house.order()
    assert shopper.get(page_of(order) + "annuler/").status_code == 405


def test_a_forged_form_does_not_cancel(house: House) -> None:
    order = house.order()
    assert Client(enforce_csrf_checks=True).post(page_of(order) + "annuler/").status_code == 403
    order.refresh_from_db()
    assert order.status == Status.TO_PREPARE


@pytest.mark.parametrize("end", ["", "suivi/"])
def test_a_number_never_opens_an_order(shopper: Shopper, house: House, end: str) -> None:
    order = house.order()
    assert shopper.get(f"/commande/{order.number}/{end}").status_code == 404
    assert shopper.get(f"/commande/{order.pk}/{end}").status_code == 404
    assert shopper.get(f"/commande/{order.token.swapcase()}/{end}").status_code == 404


def test_the_page_is_kept_by_nobody(shopper: Shopper, house: House) -> None:
    page = shopper.get(page_of(house.order()))
    assert "no-store" in page.headers["Cache-Control"]
    assert 'name="robots" content="noindex"' in page.content.decode()


@pytest.mark.parametrize("proof", ["06 39 98 12 34", "0639981234", "+33 6 39 98 12 34", "00336.39.98.12.34"])
def test_the_number_and_the_phone_find_the_order(shopper: Shopper, house: House, proof: str) -> None:
    order = house.order()
    answer = shopper.post("/suivre/", {"number": f" {order.number.lower()} ", "proof": proof})
    assert answer.headers["Location"] == page_of(order)


def test_the_number_without_its_prefix_finds_it_too(shopper: Shopper, house: House) -> None:
    order = house.order()
    answer = shopper.post("/suivre/", {"number": order.number.removeprefix("P-"), "proof": order.phone})
    assert answer.headers["Location"] == page_of(order)


def test_an_unknown_number_and_a_wrong_proof_get_the_same_answer(shopper: Shopper, house: House) -> None:
    order = house.order()
    wrong_proof = shopper.post("/suivre/", {"number": order.number, "proof": "0611111111"})
    unknown = shopper.post("/suivre/", {"number": "P-22222", "proof": "0611111111"})
    assert wrong_proof.status_code == unknown.status_code == 404
    assert "Commande introuvable" in words(unknown)
    assert words(wrong_proof).replace(order.number, "") == words(unknown).replace("P-22222", "")


@pytest.mark.parametrize("proof", ["", "\x00", "-", "+", " "])
def test_an_empty_proof_is_said_and_opens_nothing(shopper: Shopper, house: House, proof: str) -> None:
    order = house.order()
    Order.objects.filter(pk=order.pk).update(phone="", email="gaspard@example.org")
    page = shopper.post("/suivre/", {"number": order.number, "proof": proof})
    assert page.status_code in (404, 422)


def test_an_empty_field_is_said_so(shopper: Shopper) -> None:
    page = shopper.post("/suivre/", {"number": "", "proof": ""})
    assert page.status_code == 422
    assert page.content.decode().count("Remplissez ce champ.") == 2


@pytest.mark.parametrize("number", ["<script>", "P-" + "9" * 500, "\x00", "🍕", "' OR 1=1 --"])
def test_no_number_breaks_the_page(shopper: Shopper, number: str) -> None:
    page = shopper.post("/suivre/", {"number": number, "proof": "0611111111"})
    assert page.status_code in (404, 422)
    assert "<script>" not in page.content.decode().split("<main")[1].split("</main>")[0]


def test_more_lines_cost_no_more_queries(shopper: Shopper, house: House, people: People) -> None:
    small, large = (
        house.order(),
        house.order(lines=[house.line("reine"), house.line("chevre-miel"), house.line("cola", None)]),
    )
    move(small, people, Status.TAKEN)
    move(large, people, Status.TAKEN, Status.PREPARING, Status.READY)
    shopper.get(page_of(large))
    assert queries_of(lambda: shopper.get(page_of(large))) <= queries_of(lambda: shopper.get(page_of(small)))
