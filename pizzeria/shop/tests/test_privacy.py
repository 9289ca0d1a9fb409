"""What we keep of people is said, and is what we keep; a client reads it, takes it away, and has it forgotten."""

import json
from http.cookies import Morsel
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from pizzeria.accounts.models import User
from pizzeria.operations.backups import retention
from pizzeria.ordering.models import Order
from pizzeria.ordering.personal_data import PURPOSES
from pizzeria.shop.cookies import COOKIES, OF_STRIPE, OURS
from pizzeria.shop.tests.conftest import CONTACT, Shopper, words
from tests.cast import PASSWORD, House, People

pytestmark = [pytest.mark.django_db, pytest.mark.story]


def read(browser: Client, address: str) -> str:
    page: Any = browser.get(address)
    return words(page)


@pytest.fixture
def alice(people: People) -> Client:
    """Alice, who has just shown her password again."""
    browser = Client()
    browser.force_login(people.alice)
    browser.post("/compte/confirmer-identite/", {"password": PASSWORD})
    return browser


def test_the_page_says_of_everything_that_is_kept_why_and_for_how_long(house: House) -> None:
    said = read(Client(), "/confidentialite/")
    for purpose in PURPOSES:
        for part in (purpose.title, purpose.why, purpose.term):
            assert " ".join(str(part).split()) in said, purpose.code
    for cookie in COOKIES:
        assert cookie.name in said
    assert "bastille@example.org" in said
    assert "3 ans" in said


def test_what_the_page_says_of_backups_and_logs_is_what_the_manual_has_operators_do(house: House) -> None:
    manual = Path(settings.BASE_DIR) / "docs/exploitation"
    said = read(Client(), "/confidentialite/")
    assert "Les sauvegardes remontent à 12 mois" in said
    assert settings.BACKUPS_GO_BACK_MONTHS == retention.MONTHS == 12
    assert "--keep-monthly 12 " in (manual / "8-sauvegarde-restauration.md").read_text()
    assert settings.ACCESS_LOG_DAYS == 14
    assert "en garde quatorze" in (manual / "fichiers/nginx_OC_PIZZA.md").read_text()


def test_the_page_is_a_link_away_wherever_somebody_gives_their_name(shopper: Shopper) -> None:
    shopper.add()
    for address in ("/", "/commander/", "/suivre/", "/compte/creer/"):
        assert 'href="/confidentialite/"' in shopper.get(address).content.decode(), address
    checkout = shopper.get("/commander/").content.decode()
    assert 'href="/confidentialite/"' in checkout[: checkout.index("<footer")]


def test_the_cookies_of_a_walk_through_the_site_are_those_that_the_page_names(
    shopper: Shopper, people: People, house: House
) -> None:
    """A guest orders, a client signs in, the staff does: whatever is put into the browser is looked at."""
    jar = shopper.client.cookies
    seen: dict[str, Morsel[str]] = {}

    def go(address: str, fields: dict[str, object] | None = None) -> None:
        if fields is None:
            shopper.get(address)
        else:
            shopper.post(address, fields)
        seen.update({name: morsel.copy() for name, morsel in jar.items() if morsel.value})

    go("/")
    go("/carte/bastille/")
    shopper.add()
    go("/panier/")
    order = shopper.ordered()
    go(f"/commande/{order.token}/")
    go(f"/commande/{order.token}/modifier/commencer/", {})
    go("/suivre/", {"number": order.number, "proof": CONTACT["phone"]})
    go("/langue/fr/")
    go("/compte/connexion/")
    go("/equipe/connexion/")
    go("/equipe/connexion/", {"identifier": "luca", "password": PASSWORD})
    go("/equipe/bastille/cuisine/")
    known = {cookie.name: cookie.seconds for cookie in OURS}
    assert set(seen) - set(known) == set()
    assert set(known) - set(seen) <= {"oc_screen"}  # the team's page of screens sets it: see test_screens.py
    # Signed in, the staff stays for less long than a client.
    assert 0 < int(seen.pop(settings.SESSION_COOKIE_NAME)["max-age"]) <= settings.SESSION_COOKIE_AGE
    for name, morsel in seen.items():
        assert (int(morsel["max-age"]) if morsel["max-age"] else None) == known[name], name
    assert not {cookie.name for cookie in OF_STRIPE} & set(seen)


def test_ones_data_is_shown_behind_the_password_only(people: People) -> None:
    browser = Client()
    browser.force_login(people.alice)
    for address in ("voir", "fichier", "supprimer"):
        answer = browser.get(f"/compte/donnees/{address}/")
        assert answer["Location"].startswith("/compte/confirmer-identite/?next="), address
    assert browser.get("/compte/donnees/").status_code == 200
    assert Client().get("/compte/donnees/").status_code == 302


def test_a_client_reads_their_data_and_takes_it_away(alice: Client, people: People, house: House) -> None:
    order = house.order(customer=people.alice)
    said = read(alice, "/compte/donnees/voir/")
    assert "alice@example.org" in said
    assert order.number in said
    assert "À réaliser" in said
    file = alice.get("/compte/donnees/fichier/")
    assert file["Content-Disposition"].startswith('attachment; filename="oc-pizza-')
    assert "no-store" in file["Cache-Control"]
    held = json.loads(file.content)["held"]
    assert held["orders"]["ordering.Order"][0]["number"] == order.number
    assert held["account"]["accounts.User"][0]["email"] == "alice@example.org"


def test_a_client_who_deletes_their_account_is_out_and_leaves_nothing_in_the_browser(
    alice: Client, people: People
) -> None:
    alice.cookies["oc_usual"] = "souvenir"
    unticked = alice.post("/compte/donnees/supprimer/")
    assert (unticked.status_code, User.objects.get(pk=people.alice.pk).email) == (422, "alice@example.org")
    answer = alice.post("/compte/donnees/supprimer/", {"sure": "yes"})
    assert answer["Location"] == "/"
    assert answer.cookies["oc_usual"].value == ""
    assert "Votre compte est supprimé" in read(alice, "/")
    assert alice.get("/compte/donnees/").status_code == 302
    gone = User.objects.get(pk=people.alice.pk)
    assert (gone.email, gone.is_active) == ("", False)
    assert not Client().login(username="alice@example.org", password=PASSWORD)


def test_an_order_under_way_is_named_and_the_account_stays(alice: Client, people: People, house: House) -> None:
    order = house.order(customer=people.alice)
    for answer in (alice.get("/compte/donnees/supprimer/"), alice.post("/compte/donnees/supprimer/", {"sure": "yes"})):
        page: Any = answer
        assert f"Une commande est encore en cours ({order.number})" in words(page)
    assert page.status_code == 409
    assert Order.objects.get().customer == people.alice


def test_a_member_of_the_staff_is_told_whom_to_ask(people: People) -> None:
    browser = Client()
    browser.force_login(people.driver)
    browser.post("/compte/confirmer-identite/", {"password": PASSWORD})
    assert "votre responsable" in read(browser, "/compte/donnees/supprimer/")
    assert browser.post("/compte/donnees/supprimer/", {"sure": "yes"}).status_code == 403


def test_what_a_guests_browser_remembers_lives_as_long_as_the_setting_says() -> None:
    lives = {cookie.name: cookie.life for cookie in OURS}
    assert lives["oc_usual"] == f"{settings.USUAL_RETENTION_DAYS} jours"
    assert lives["oc_cart"] == f"{settings.CART_RETENTION_DAYS} jours"
