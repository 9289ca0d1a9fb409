"""A1, UC 3.1: what an account keeps for its client: who they are, where they live, what they ordered."""

import re
from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.test import Client

from pizzeria.accounts.models import Address, User
from pizzeria.ordering.contact import Contact
from pizzeria.ordering.models import Order
from pizzeria.shop.tests.conftest import CHOICES, CONTACT, HIDDEN, Shopper, words
from tests.cast import GUEST, PASSWORD, House, People

pytestmark = pytest.mark.story

HOME = {"street": "52 rue Oberkampf", "complement": "3e étage", "postal_code": "75011", "town": "Paris"}
WORK = {"street": "9 rue de Charonne", "complement": "", "postal_code": "75011", "town": "Paris"}


@pytest.fixture
def alice(shopper: Shopper, people: People) -> Shopper:
    """Her browser, signed in."""
    shopper.client.force_login(people.alice)
    return shopper


def place(fields: dict[str, str]) -> Address:
    return Address.objects.get(street=fields["street"])


def ticked(page: str) -> str:
    """The address that the checkout proposes first."""
    found = re.search(r'name="address" value="(\w+)"[^>]* checked', page)
    assert found, page
    return found.group(1)


def test_the_optional_ones_can_be_emptied(alice: Shopper, people: People) -> None:
    """A1: phone and birthday are filled in, and taken back."""
    name = {"first_name": "Alice", "last_name": "Martin-Roy"}
    alice.post("/compte/informations/", name | {"phone": "06 39 98 20 01", "birthday": "1996-03-14"})
    user = User.objects.get(pk=people.alice.pk)
    assert (user.last_name, user.phone, user.birthday) == ("Martin-Roy", "06 39 98 20 01", date(1996, 3, 14))
    assert 'value="1996-03-14"' in alice.get("/compte/informations/").content.decode()
    alice.post("/compte/informations/", name | {"phone": "", "birthday": ""})
    user.refresh_from_db()
    assert (user.phone, user.birthday) == ("", None)


def test_an_account_without_a_name_is_refused(alice: Shopper, people: People) -> None:
    page = alice.post("/compte/informations/", {"first_name": " ", "last_name": "\u200b"})
    assert page.status_code == 422
    assert page.content.decode().count('aria-invalid="true"') == 2


def test_the_first_address_is_the_usual_one_until_another_is_chosen(alice: Shopper) -> None:
    for fields in (HOME, WORK, HOME):
        alice.post("/compte/adresses/ajouter/", fields)
    assert Address.objects.count() == 2
    assert place(HOME).is_usual
    alice.post(f"/compte/adresses/{place(WORK).pk}/habituelle/")
    assert (place(HOME).is_usual, place(WORK).is_usual) == (False, True)
    alice.post(f"/compte/adresses/{place(WORK).pk}/supprimer/")
    assert place(HOME).is_usual


def test_an_address_is_changed_and_one_is_for_invoices(alice: Shopper) -> None:
    alice.post("/compte/adresses/ajouter/", HOME)
    alice.post(f"/compte/adresses/{place(HOME).pk}/", HOME | {"complement": "Code 12B4"})
    for fields in (WORK, WORK | {"town": "Lyon"}):
        alice.post("/compte/adresses/facturation/", fields)
    page = words(alice.get("/compte/adresses/"))
    assert "Code 12B4" in page
    assert page.count("9 rue de Charonne") == 1
    assert "75011 Lyon" in page


@pytest.mark.parametrize(
    "wrong", [{"postal_code": "7501"}, {"street": ""}, {"town": "\u200b"}, {"street": "é" * 10_000}]
)
def test_an_address_that_is_none_is_refused(alice: Shopper, wrong: dict[str, str]) -> None:
    assert alice.post("/compte/adresses/ajouter/", HOME | wrong).status_code == 422
    assert not Address.objects.exists()


def test_twenty_addresses_are_enough(alice: Shopper) -> None:
    answers = [alice.post("/compte/adresses/ajouter/", HOME | {"street": f"{n} rue"}).status_code for n in range(21)]
    assert answers == [302] * 20 + [422]


def test_somebody_elses_address_is_nobodys(alice: Shopper, people: People) -> None:
    theirs = Address.objects.create(user=people.driver, **HOME)
    for path in ("", "habituelle/", "supprimer/"):
        assert alice.post(f"/compte/adresses/{theirs.pk}/{path}", WORK).status_code == 404
    assert place(HOME) == theirs


def test_a_history_without_orders_says_so(alice: Shopper) -> None:
    """UC 3.1."""
    assert "L’historique est vide" in words(alice.get("/compte/commandes/"))


def test_the_history_has_the_newest_first_and_each_opens(alice: Shopper, house: House, people: People) -> None:
    orders = [house.order(customer=people.alice) for _each in range(11)]
    house.order()
    page = alice.get("/compte/commandes/").content.decode()
    shown = re.findall(r'class="history__number" href="(/commande/[\w-]+/)">', page)
    assert shown == [f"/commande/{order.token}/" for order in reversed(orders[1:])]
    assert alice.get(shown[0]).status_code == 200
    assert orders[0].number in words(alice.get("/compte/commandes/?page=2"))
    assert orders[0].number in words(alice.get("/compte/commandes/?page=999"))
    assert alice.get("/compte/commandes/", data={"page": "\x00"}).status_code == 200


def test_the_order_of_whoever_is_signed_in_is_their_accounts(alice: Shopper, people: People) -> None:
    """UC 1.2."""
    alice.add()
    assert alice.ordered().customer == people.alice


def test_a_guests_order_is_added_from_its_own_page(shopper: Shopper, house: House, people: People) -> None:
    """Its link is the proof; without an account the page says where to sign in."""
    order = house.order()
    assert "Se connecter pour l’ajouter" in words(shopper.get(f"/commande/{order.token}/"))
    shopper.client.force_login(people.alice)
    assert "Ajouter à mon compte" in words(shopper.get(f"/commande/{order.token}/"))
    page = shopper.post(f"/commande/{order.token}/ajouter/", follow=True)
    assert f"La commande {order.number} est dans votre compte" in words(page)
    assert "Ajouter à mon compte" not in words(page)


def test_a_guests_order_is_added_by_its_number_and_a_proof(alice: Shopper, house: House, people: People) -> None:
    order = house.order()
    wrong = alice.post("/compte/commandes/", {"number": order.number, "proof": "06 00 00 00 00"})
    assert "Commande introuvable" in words(wrong)
    assert alice.post("/compte/commandes/", {"number": "\x00", "proof": ""}).status_code == 422
    alice.post("/compte/commandes/", {"number": order.number, "proof": "0639981234"})
    assert Order.objects.get(pk=order.pk).customer == people.alice


@pytest.mark.parametrize("how", ["link", "number"])
def test_an_order_of_another_account_stays_there(alice: Shopper, house: House, people: People, how: str) -> None:
    order = house.order(customer=people.driver)
    if how == "link":
        page = alice.post(f"/commande/{order.token}/ajouter/", follow=True)
    else:
        page = alice.post("/compte/commandes/", {"number": order.number, "proof": GUEST.phone})
    assert "Cette commande est déjà dans un autre compte" in words(page)
    assert Order.objects.get(pk=order.pk).customer == people.driver


def test_orders_with_a_confirmed_address_are_offered_and_never_added_by_themselves(
    alice: Shopper, house: House, people: People
) -> None:
    mine = Contact(
        first_name="A", last_name="M", email="Alice@Example.org", street="1 rue", postal_code="75011", town="P"
    )
    order = house.order(contact=mine)
    assert "Sont-elles à vous" in words(alice.get("/compte/commandes/"))
    assert Order.objects.get(pk=order.pk).customer is None
    alice.post(f"/commande/{order.token}/ajouter/")
    assert "Sont-elles à vous" not in words(alice.get("/compte/commandes/"))
    house.order(contact=mine)
    EmailAddress.objects.update(verified=False)
    assert "Sont-elles à vous" not in words(alice.get("/compte/commandes/"))


def test_the_checkout_goes_to_the_usual_address_without_a_word_typed(alice: Shopper, people: People) -> None:
    for fields in (WORK, HOME):
        alice.post("/compte/adresses/ajouter/", fields)
    alice.post(f"/compte/adresses/{place(HOME).pk}/habituelle/")
    alice.add()
    page = alice.get("/commander/").content.decode()
    assert ticked(page) == str(place(HOME).pk)
    assert 'value="alice@example.org"' in page
    name = {"first_name": "Alice", "last_name": "Martin", "email": "alice@example.org"}
    chosen = name | CHOICES | {"address": str(place(WORK).pk)}
    assert alice.post("/commander/", {**dict(HIDDEN.findall(page)), **chosen}).status_code == 302
    assert Order.objects.get().street == "9 rue de Charonne"


def test_another_address_is_typed_and_kept_when_its_box_is_ticked(alice: Shopper) -> None:
    alice.add()
    alice.ordered()
    assert not Address.objects.exists()
    alice.add()
    alice.ordered(keep_address="1")
    assert place(CONTACT).is_usual


@pytest.mark.parametrize("pk", ["999999999", "-1", "é", "\x00", "1" * 5000])
def test_an_address_that_is_not_theirs_is_not_delivered_to(alice: Shopper, people: People, pk: str) -> None:
    alice.add()
    assert alice.ordered(address=pk).street == CONTACT["street"]


def test_the_guest_before_lends_the_client_neither_name_nor_address(shopper: Shopper, people: People) -> None:
    """One browser, two people: Gaspard ordered, Alice signs in, then out."""
    shopper.add()
    shopper.ordered()
    shopper.client.force_login(people.alice)
    shopper.add()
    page = shopper.get("/commander/").content.decode()
    assert 'value="Alice"' in page
    assert "Gaspard" not in page
    assert "rue de la Roquette" not in page
    shopper.ordered(first_name="Alice", street="52 rue Oberkampf")
    shopper.post("/compte/deconnexion/")
    shopper.add()
    after = shopper.get("/commander/").content.decode()
    assert "Gaspard" in after
    assert "Oberkampf" not in after


def test_who_ordered_as_a_guest_finds_their_own_address_after_signing_up(shopper: Shopper, people: People) -> None:
    shopper.add()
    shopper.ordered(first_name="Alice", last_name="MARTIN")
    shopper.client.force_login(people.alice)
    shopper.add()
    assert "3 rue de la Roquette" in shopper.get("/commander/").content.decode()


def test_the_corner_leads_to_the_account_and_back_to_the_page(shopper: Shopper, people: People) -> None:
    around = {"HX-Request": "true", "HX-Current-URL": "http://testserver/carte/bastille/"}
    assert "/compte/connexion/?next=%2Fcarte%2Fbastille%2F" in shopper.get("/moi/", headers=around).content.decode()
    elsewhere = around | {"HX-Current-URL": "https://evil.example/"}
    assert "next=" not in shopper.get("/moi/", headers=elsewhere).content.decode()


@pytest.mark.parametrize("page", ["", "informations/", "adresses/", "adresses/ajouter/", "commandes/", "securite/"])
def test_a_page_of_the_account_is_for_whoever_is_signed_in(client: Client, people: People, page: str) -> None:
    assert client.get(f"/compte/{page}").headers["Location"] == f"/compte/connexion/?next=/compte/{page}"
    client.force_login(people.alice)
    answer = client.get(f"/compte/{page}")
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert PASSWORD not in answer.content.decode()


def test_who_works_here_finds_back_to_the_team_and_a_client_sees_nothing_of_it(alice: Shopper, people: People) -> None:
    assert "Retour à l’équipe" not in alice.get("/compte/").content.decode()
    luca = Client()
    luca.force_login(people.pizzaiolo)
    for page in ("/compte/", "/compte/mot-de-passe/", "/compte/appareils/"):
        assert 'href="/equipe/">Retour à l’équipe' in luca.get(page, follow=True).content.decode(), page
