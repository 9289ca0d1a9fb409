"""UC 1.2 by the cashier: an order is written down, kept, priced, promised and placed."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from pizzeria.accounts.models import AuditEntry, User
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.models import Draft, Order, Source
from pizzeria.shop.tests.conftest import queries_of, words
from pizzeria.stock.models import StockItem
from tests.cast import House, People

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
SHEET = "/equipe/bastille/comptoir/commande/essai/"
HIDDEN = re.compile(r'<input type="hidden" name="(expected_\w+)" value="([^"]*)"')
WHO = {
    "phone": "06 39 98 12 34",
    "first_name": "Gaspard",
    "last_name": "Visiteur",
    "source": "phone",
    "fulfilment": "delivery",
    "street": "3 rue de la Roquette",
    "postal_code": "75011",
    "town": "Paris",
    "payment_method": "terminal",
}


def expected(answer: Any) -> dict[str, str]:
    return dict(HIDDEN.findall(answer.content.decode()))


def place(browser: Client, **typed: str) -> Any:
    """Place what stands on the sheet, at the total that it shows."""
    shown = browser.post(SHEET, WHO | typed)
    return browser.post(f"{SHEET}enregistrer/", WHO | typed | expected(shown))


def alice_ordered(house: House, people: People, phone: str = "+33 6 39 98 55 55") -> Order:
    """Alice's account has this phone, and she has ordered with it."""
    User.objects.filter(pk=people.alice.pk).update(phone="06 39 98 55 55")
    contact = Contact(
        first_name="Alice", last_name="Martin", phone=phone, street="5 rue Keller", postal_code="75011", town="Paris"
    )
    return house.order(customer=people.alice, contact=contact, lines=[house.line("reine", quantity=2)])


def test_chloe_takes_an_order_by_phone_and_it_is_promised_and_signed(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    shown = browser.post(SHEET, WHO | {"typed": "2 rei m -champ", "add": "0"})
    assert "Reine — Moyenne sans champignons" in words(shown)
    assert "75011 : livraison 2,50 €, à partir de 5,00 €" in words(shown)
    assert re.search(r"Livrée vers \d\d:\d\d", words(shown))
    assert "Total 26,50 €" in words(shown)
    placed = browser.post(f"{SHEET}enregistrer/", WHO | expected(shown), follow=True)
    order = Order.objects.get()
    assert f"Commande {order.number} enregistrée : Gaspard Visiteur, 26,50 €" in words(placed)
    assert (order.source, order.taken_by, order.customer) == (Source.PHONE, people.cashier, None)
    assert not Draft.objects.exists()


def test_the_same_form_sent_twice_places_one_order(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.cashier)
    assert place(browser, typed="marg", add="0").status_code == 302
    again = browser.post(f"{SHEET}enregistrer/", WHO, follow=True)
    assert f"La commande {Order.objects.get().number} est déjà enregistrée." in words(again)
    assert browser.get(SHEET).status_code == 302


def test_a_reload_shows_what_was_typed_and_a_colleague_does_not_see_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    browser.post(SHEET, WHO | {"typed": "chev", "add": "0", "comment": "sonner deux fois"})
    page = browser.get(SHEET).content.decode()
    assert 'value="sonner deux fois"' in page
    assert "Chèvre — Moyenne" in page
    next_caller = browser.get("/equipe/bastille/comptoir/commande/", follow=True)
    assert "En attente : " in words(next_caller)
    assert "Gaspard · 1 ligne" in words(next_caller)
    colleague = User.objects.create_user("carl", "x", first_name="Carl")
    colleague.roles.create(role="cashier", store=house.bastille)
    assert "Gaspard" not in signed_in(colleague).get(SHEET).content.decode()


def test_a_known_phone_says_who_calls_however_it_is_typed_and_the_order_is_theirs(
    house: House, people: People, signed_in: SignedIn
) -> None:
    before, browser = alice_ordered(house, people), signed_in(people.cashier)
    asked = {"source": "phone", "phone": "0639985555", "fulfilment": "delivery", "payment_method": "cash"}
    found = browser.post(f"{SHEET}client/", asked)
    assert "C’est Alice Martin" in words(found)
    assert "2 × Reine — Moyenne" in words(found)
    told = browser.post(SHEET, asked | {"caller": "0"})
    assert 'value="5 rue Keller"' in told.content.decode()
    told = browser.post(SHEET, asked | {"again": before.number})
    assert "Total 26,50 €" in words(told)
    who = asked | {"first_name": "Alice", "last_name": "Martin", "street": "5 rue Keller"}
    who |= {"postal_code": "75011", "town": "Paris", "change_for": "50"}
    assert browser.post(f"{SHEET}enregistrer/", who | expected(told)).status_code == 302
    order = Order.objects.latest("pk")
    assert (order.customer, order.taken_by, order.change_for) == (people.alice, people.cashier, Decimal(50))


def test_another_phone_is_somebody_elses_and_an_account_is_never_typed(
    house: House, people: People, signed_in: SignedIn
) -> None:
    alice_ordered(house, people)
    browser = signed_in(people.cashier)
    browser.post(f"{SHEET}client/", {"phone": "06 39 98 55 55"})
    assert "dans le compte de Alice" in words(browser.post(SHEET, {"phone": "06 39 98 55 55", "caller": "0"}))
    told = words(browser.post(SHEET, WHO | {"customer": str(people.alice.pk), "looked_up": "639985555"}))
    assert "Alice" not in told
    place(browser, typed="marg", add="0")
    assert Order.objects.latest("pk").customer is None


def test_a_piece_of_a_number_and_a_client_who_never_ordered_find_nobody(
    house: House, people: People, signed_in: SignedIn
) -> None:
    User.objects.filter(pk=people.alice.pk).update(phone="06 39 98 55 55")
    browser = signed_in(people.cashier)
    for phone in ("9855", "06 39 98 55 55"):
        assert "Alice" not in words(browser.post(f"{SHEET}client/", {"phone": phone}))


def test_who_ordered_with_anothers_phone_has_not_given_away_their_addresses(
    house: House, people: People, signed_in: SignedIn
) -> None:
    people.alice.addresses.create(street="5 rue Keller", postal_code="75011", town="Paris")
    contact = Contact(first_name="Mamie", last_name="Martin", phone="01 99 00 99 99")
    house.order(customer=people.alice, contact=contact, fulfilment="collection")
    found = signed_in(people.cashier).post(f"{SHEET}client/", {"phone": "01 99 00 99 99"})
    assert "C’est Mamie Martin" in words(found)
    assert "sans compte" in words(found)
    assert "Keller" not in words(found)


def test_who_looked_at_whom_is_written_down_and_typing_is_not(
    house: House, people: People, signed_in: SignedIn
) -> None:
    alice_ordered(house, people)
    browser = signed_in(people.cashier)
    before = AuditEntry.objects.count()
    browser.post(SHEET, WHO)
    assert AuditEntry.objects.count() == before
    browser.post(f"{SHEET}client/", {"phone": "06 39 98 55 55"})
    entry = AuditEntry.objects.get(action="client.looked_up")
    assert (entry.actor, entry.subject) == (people.cashier, f"user:{people.alice.pk}")


@pytest.mark.parametrize("who", ["pizzaiolo", "driver", "manager", "direction"])
def test_other_roles_take_no_orders(house: House, people: People, signed_in: SignedIn, who: str) -> None:
    assert signed_in(getattr(people, who)).get(SHEET).status_code == 403


def test_what_is_refused_keeps_everything_and_says_where_to_mend_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    told = place(browser, typed="marg", add="0", street="", comment="au fond de la cour")
    assert told.status_code == 422
    page = told.content.decode()
    assert 'data-focus="street"' in page
    assert "L’adresse de livraison est incomplète." in words(told)
    assert 'value="au fond de la cour"' in page
    assert "Margherita — Moyenne" in page
    assert not Order.objects.exists()


def test_the_pizza_that_is_gone_is_named_before_and_when_it_is_placed(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    shown = browser.post(SHEET, WHO | {"typed": "chev", "add": "0"})
    StockItem.objects.filter(store=house.bastille, ingredient__slug="chevre").update(available=0)
    told = browser.post(f"{SHEET}enregistrer/", WHO | expected(shown))
    assert told.status_code == 409
    assert "Chèvre" in re.search(r'id="refusal".*?</div>', told.content.decode(), re.DOTALL)[0]  # type: ignore[index]
    assert "Il n’y en a plus assez." in words(told)


def test_the_counter_takes_the_money_at_once(house: House, people: People, signed_in: SignedIn) -> None:
    answer = place(
        signed_in(people.cashier), typed="marg", add="0", source="counter", fulfilment="collection", pay_now="1"
    )
    order = Order.objects.get()
    assert answer.headers["Location"] == f"/equipe/bastille/commandes/{order.number}/encaisser/"
    assert order.source == Source.COUNTER


def test_an_account_is_made_on_the_way_and_the_order_goes_into_it(
    house: House, people: People, signed_in: SignedIn
) -> None:
    browser = signed_in(people.cashier)
    there = browser.post(SHEET, WHO | {"typed": "marg", "add": "0", "account": "1"}).headers["Location"]
    assert 'value="Gaspard"' in browser.get(there).content.decode()
    made = {"first_name": "Gaspard", "last_name": "Visiteur", "email": "gaspard@example.org", "phone": WHO["phone"]}
    back = browser.post(there, made, follow=True)
    assert "dans le compte de Gaspard" in words(back)
    assert "Margherita — Moyenne" in words(back)
    browser.post(f"{SHEET}enregistrer/", WHO | expected(back))
    assert Order.objects.get().customer == User.objects.get(email="gaspard@example.org")


def test_the_sheet_asks_no_more_of_the_database_with_more_lines_and_callers(
    house: House, people: People, signed_in: SignedIn
) -> None:
    alice_ordered(house, people)
    browser = signed_in(people.cashier)
    browser.post(f"{SHEET}client/", WHO | {"phone": "06 39 98 55 55"})
    browser.post(SHEET, WHO | {"phone": "06 39 98 55 55", "typed": "marg", "add": "0"})
    few = queries_of(lambda: browser.get(SHEET))
    for _more in range(3):
        alice_ordered(house, people)
    for typed in ("rei", "chev", "cola", "rei p"):
        browser.post(SHEET, WHO | {"phone": "06 39 98 55 55", "typed": typed, "add": "0"})
    assert queries_of(lambda: browser.get(SHEET)) == few
