"""UC 7.1 and C11, as people meet them: hired, first sign-in, a PIN, the shared screen of the kitchen."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import assert_accessible, sign_in

pytestmark = pytest.mark.browser

OWN = "le chat de la voisine dort"
PIN = "482917"
TEAM = "/equipe/bastille/equipe/"


def _hire(renata: Page, *, first_name: str, role: str) -> tuple[str, str]:
    """What stands on the sheet that she hands over."""
    renata.goto(TEAM)
    renata.get_by_role("link", name="Ajouter quelqu’un").click()
    renata.get_by_label("Prénom").fill(first_name)
    renata.get_by_label("Nom", exact=True).fill("Rossi")
    renata.get_by_label(role).check()
    assert_accessible(renata)
    renata.get_by_role("button", name="Ajouter").click()
    expect(renata.get_by_role("button", name="Imprimer")).to_be_visible()
    assert_accessible(renata)
    return renata.locator("#identifier").inner_text(), renata.locator("#password").inner_text()


def _first_sign_in(someone: Page, identifier: str, password: str) -> None:
    someone.goto("/equipe/connexion/")
    someone.get_by_label("Identifiant").fill(identifier)
    someone.get_by_label("Mot de passe").fill(password)
    someone.get_by_role("button", name="Se connecter", exact=True).click()
    expect(someone.get_by_role("heading", name="Choisissez votre mot de passe")).to_be_visible()
    assert_accessible(someone)
    someone.get_by_label("Nouveau mot de passe").fill(OWN)
    someone.get_by_label("Le même, encore une fois").fill(OWN)
    someone.get_by_role("button", name="Enregistrer").click()


def _choose_pin(someone: Page) -> None:
    someone.goto("/equipe/moi/")
    assert_accessible(someone)
    someone.get_by_label("Votre mot de passe").fill(OWN)
    someone.get_by_label("Nouveau code").fill(PIN)
    someone.get_by_label("Le même code, encore une fois").fill(PIN)
    someone.get_by_role("button", name="Enregistrer mon code").click()
    expect(someone.get_by_text("Vous avez un code.")).to_be_visible()


@pytest.fixture
def hired(people: People) -> Iterator[tuple[Page, Page, str]]:
    """Renata, somebody whom she has just hired as a pizzaiolo, and their first name."""
    renata, nina = people.someone(DESKTOP), people.someone(PHONE)
    sign_in(renata, "renata.bastille")
    first_name = f"Nina{len(people.contexts)}"
    identifier, password = _hire(renata, first_name=first_name, role="pizzaiolo")
    _first_sign_in(nina, identifier, password)
    expect(nina).to_have_url(re.compile("/equipe/bastille/cuisine/"))
    yield renata, nina, first_name
    _take_off_the_team(renata, first_name)


def _take_off_the_team(renata: Page, first_name: str) -> None:
    """Take them off the team again: the site is shared by every journey."""
    renata.goto(TEAM)
    link = renata.get_by_role("link", name=f"{first_name} Rossi")
    if link.count():
        link.click()
        renata.get_by_role("button", name="Retirer de l’équipe").click()
        expect(renata.get_by_text("ne fait plus partie de cette équipe")).to_be_visible()


def test_hired_signed_in_and_at_the_kitchens_screen_by_a_pin(people: People, hired: tuple[Page, Page, str]) -> None:
    renata, nina, first_name = hired
    _choose_pin(nina)
    tablet = people.someone(TABLET)
    sign_in(tablet, "renata.bastille")
    tablet.goto(f"{TEAM}ecrans/")
    tablet.get_by_label("Nom de l’écran").fill("Tablette du four")
    assert_accessible(tablet)
    tablet.get_by_role("button", name="Faire de ce navigateur un écran partagé").click()
    expect(tablet.get_by_role("heading", name="Qui est là ?")).to_be_visible()
    assert_accessible(tablet)
    tablet.get_by_role("link", name=first_name).click()
    assert_accessible(tablet)
    # The page that comes back is typed into before its script runs: the code is sent all the same.
    held: list[Route] = []
    tablet.route(re.compile(r"/team\.\w*\.?js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright reads its parameters
    tablet.get_by_label("Votre code").press_sequentially("000001")
    expect(tablet.get_by_text("Il reste 4 essais")).to_be_visible()
    tablet.get_by_label("Votre code").press_sequentially(PIN)
    assert held
    for route in held:
        route.continue_()
    expect(tablet).to_have_url(re.compile("/equipe/bastille/cuisine/"))
    expect(tablet.locator("html")).to_have_attribute("data-live-state", "live")
    expect(tablet.get_by_text(f"{first_name} Rossi")).to_be_visible()
    assert_accessible(tablet)
    tablet.get_by_role("button", name="Changer de personne").click()
    expect(tablet.get_by_role("heading", name="Qui est là ?")).to_be_visible()
    renata.goto(f"{TEAM}ecrans/")
    renata.get_by_role("button", name="Fermer Tablette du four").first.click()
    expect(renata.get_by_text("n’est plus un écran partagé")).to_be_visible()
    tablet.reload()
    expect(tablet.get_by_role("heading", name="Rien ici pour vous")).to_be_visible()


def test_who_is_suspended_is_out_at_their_next_tap(hired: tuple[Page, Page, str]) -> None:
    renata, nina, first_name = hired
    renata.goto(TEAM)
    assert_accessible(renata)
    renata.get_by_role("link", name=f"{first_name} Rossi").click()
    assert_accessible(renata)
    renata.get_by_role("button", name="Suspendre").click()
    expect(renata.get_by_text("est suspendu")).to_be_visible()
    nina.reload()
    expect(nina.get_by_role("heading", name="Connexion de l’équipe")).to_be_visible()
    nina.get_by_text("Mot de passe oublié ?").click()
    expect(nina.get_by_text("Votre responsable vous en remet un nouveau")).to_be_visible()
    assert_accessible(nina)


def test_the_second_who_saves_is_told_both_values(people: People, hired: tuple[Page, Page, str]) -> None:
    renata, _nina, first_name = hired
    diane = people.someone(DESKTOP)
    sign_in(diane, "diane.direction")
    for page in (renata, diane):
        page.goto(TEAM)
        page.get_by_role("link", name=f"{first_name} Rossi").click()
    renata.get_by_label("Téléphone").fill("06 39 98 00 01")
    renata.get_by_role("button", name="Enregistrer").click()
    diane.get_by_label("Téléphone").fill("06 39 98 00 02")
    diane.get_by_role("button", name="Enregistrer").click()
    expect(diane.get_by_text("06 39 98 00 01")).to_be_visible()
    assert_accessible(diane)
    diane.get_by_role("button", name="Enregistrer").click()
    expect(diane.get_by_text("c’est enregistré")).to_be_visible()
