"""A client reads what is known of them, takes it away and has it forgotten; the responsable reads who did what."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pizzeria.operations.demo.people import CLIENTS
from pizzeria.shop.cookies import COOKIES
from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import PASSWORD, assert_accessible, place_order, sign_in, tap

pytestmark = pytest.mark.browser


def enter(page: Page, email: str) -> None:
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Se connecter", exact=True).click()


def proven(people: People, email: str) -> Page:
    """A client's phone, whose password was shown again before their data was."""
    page = people.someone(PHONE)
    enter(page, email)
    page.wait_for_url("**/compte/")
    page.goto("/compte/donnees/")
    page.get_by_role("link", name="Voir mes données").click()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.locator("main form").get_by_role("button").last.click()
    expect(page.get_by_role("heading", level=1, name="Voir mes données")).to_be_visible()
    return page


def without_an_order_under_way(people: People) -> tuple[Page, str]:
    """A client of the demo whom nothing is being made for just now: the others are told to wait."""
    for client in CLIENTS[1:]:
        page = proven(people, client.email)
        page.goto("/compte/donnees/supprimer/")
        if page.get_by_role("checkbox").count():
            return page, client.email
        expect(page.get_by_text("Une commande est encore en cours")).to_be_visible()
    raise AssertionError("every client of the demo has an order under way")


def test_a_client_takes_their_data_away_and_is_forgotten(people: People, tmp_path: Path) -> None:
    phone, email = without_an_order_under_way(people)
    assert_accessible(phone)
    for address in ("/confidentialite/", "/compte/donnees/", "/compte/donnees/voir/"):
        phone.goto(address)
        assert_accessible(phone)
    with phone.expect_download() as download:
        phone.get_by_role("link", name="Télécharger mes données").click()
    file = tmp_path / "mine.json"
    download.value.save_as(file)
    assert email in json.dumps(json.loads(file.read_text())["held"]["account"])
    phone.goto("/compte/donnees/supprimer/")
    phone.get_by_role("checkbox", name="Je veux supprimer mon compte").check()
    phone.get_by_role("button", name="Supprimer mon compte").click()
    expect(phone.get_by_text("Votre compte est supprimé")).to_be_visible()
    enter(phone, email)
    expect(phone.get_by_text("Les informations saisies sont erronées")).to_be_visible()
    # What is left in the browser is what the page has named.
    left = {cookie["name"] for cookie in phone.context.cookies()}
    assert left <= {cookie.name for cookie in COOKIES}


def test_the_responsable_reads_what_the_kitchen_did(people: People) -> None:
    number = place_order(people.someone(PHONE), last_name="Journal")
    luca = people.someone(DESKTOP)
    sign_in(luca, "luca.bastille")
    tap(luca, number, "Je prends")
    expect(luca.locator(f'[data-ticket^="{number} "]').get_by_role("button", name="Je commence")).to_be_visible()
    renata = people.someone(DESKTOP)
    sign_in(renata, "renata.bastille")
    renata.goto("/equipe/bastille/equipe/journal/")
    expect(renata.get_by_role("link", name=f"a fait avancer la commande {number}")).to_be_visible()
    assert_accessible(renata)
