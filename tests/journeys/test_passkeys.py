"""Passkeys with Chromium's own authenticator, codes of an application, and one's devices (C11, C12)."""

import re
import time
from secrets import token_hex

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import CDPSession, Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import PASSWORD as STAFF_PASSWORD
from tests.journeys.steps import assert_accessible, sign_in
from tests.openid_double import OpenIdDouble, Person

pytestmark = pytest.mark.browser

PASSWORD = "une-phrase-pour-les-tests"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def alix(clients: People, openid_program: OpenIdDouble) -> Page:
    """Signed in on a phone whose owner shows a finger when asked; the account has a password."""
    openid_program.person = Person(sub=token_hex(10), email=f"alix.{token_hex(4)}@example.org")
    page = clients.someone(PHONE)
    page.goto("/compte/connexion/")
    page.get_by_role("button", name="Continuer avec Google").click()
    page.get_by_role("link", name="Accepter").click()
    page.goto("/compte/mot-de-passe/choisir/")
    page.get_by_label("mot de passe").first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_load_state()
    return page


def _finger(page: Page) -> tuple[CDPSession, str]:
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    return devtools, devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def _confirm(page: Page, password: str = PASSWORD) -> None:
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Confirmer").click()


def _add_key(page: Page, name: str, password: str = PASSWORD) -> None:
    page.goto("/compte/cles/ajouter/")
    _confirm(page, password)
    page.get_by_label("Nom de la clé").fill(name)
    page.get_by_role("button", name="Ajouter").click()
    expect(page.get_by_role("heading", name="Codes de secours")).to_be_visible()


def _sign_out(page: Page) -> None:
    page.context.clear_cookies()


def test_alix_adds_a_passkey_and_comes_in_by_it_alone(alix: Page) -> None:
    _finger(alix)
    _add_key(alix, "mon téléphone")
    assert_accessible(alix)
    alix.emulate_media(media="print")
    expect(alix.locator(".codes")).to_be_visible()
    expect(alix.get_by_role("navigation")).to_have_count(0)
    alix.emulate_media(media="screen")
    _sign_out(alix)
    alix.goto("/compte/connexion/")
    alix.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(alix.get_by_role("heading", name="Bonjour Alix")).to_be_visible()
    alix.goto("/compte/cles/")
    expect(alix.get_by_text("utilisée le")).to_be_visible()
    assert_accessible(alix)


def test_alix_renames_and_removes_a_passkey_which_then_opens_nothing(alix: Page) -> None:
    _finger(alix)
    _add_key(alix, "mon téléphone")
    alix.goto("/compte/cles/")
    alix.get_by_role("link", name="Renommer").click()
    alix.get_by_label("Nom de la clé").fill("la clé bleue")
    alix.get_by_role("button", name="Enregistrer").click()
    alix.get_by_role("link", name="Retirer la clé bleue").click()
    alix.get_by_role("button", name="Retirer la clé").click()
    expect(alix.get_by_text("Vous n’en avez pas encore.")).to_be_visible()
    _sign_out(alix)
    alix.goto("/compte/connexion/")
    alix.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(alix.get_by_text("Cette clé d’accès n’a pas été reconnue")).to_be_visible()


def test_a_password_without_the_passkey_stops_at_the_second_step(alix: Page, openid_program: OpenIdDouble) -> None:
    _finger(alix)
    _add_key(alix, "mon téléphone")
    _sign_out(alix)
    alix.goto("/compte/connexion/")
    alix.get_by_label("Adresse électronique").fill(openid_program.person.email)
    alix.get_by_label("Mot de passe").fill(PASSWORD)
    alix.get_by_role("button", name="Se connecter", exact=True).click()
    expect(alix.get_by_role("heading", name="C’est bien vous ?")).to_be_visible()
    assert_accessible(alix)
    alix.get_by_role("button", name="Présenter ma clé d’accès").click()
    expect(alix.get_by_role("heading", name="Bonjour Alix")).to_be_visible()


def test_who_shows_no_finger_is_told_that_nothing_was_done(alix: Page) -> None:
    devtools, authenticator = _finger(alix)
    _add_key(alix, "mon téléphone")
    _sign_out(alix)
    devtools.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    alix.goto("/compte/connexion/")
    alix.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(alix.get_by_text("la clé d’accès n’a pas été présentée")).to_be_visible(timeout=90_000)


def test_alix_sets_up_codes_and_signs_in_with_one(alix: Page, openid_program: OpenIdDouble) -> None:
    alix.goto("/compte/second-facteur/application/")
    _confirm(alix)
    expect(alix.get_by_role("img", name="Code à lire")).to_be_visible()
    assert alix.locator(".enrol__code").evaluate("image => image.naturalWidth") > 0
    assert_accessible(alix)
    secret = alix.locator(".enrol__key").inner_text()
    alix.get_by_label("Code à six chiffres").fill(_code(secret))
    alix.get_by_role("button", name="Activer").click()
    expect(alix.locator(".codes li")).to_have_count(10)
    alix.get_by_role("link", name="Je les ai notés").click()
    expect(alix.get_by_text("en service")).to_be_visible()
    _sign_out(alix)
    alix.goto("/compte/connexion/")
    alix.get_by_role("button", name="Continuer avec Google").click()
    alix.get_by_role("link", name="Accepter").click()
    expect(alix.get_by_role("button", name="Présenter ma clé d’accès")).to_have_count(0)
    # The next half minute's: that of this one was used, and the last one's is too old once this one ends.
    alix.get_by_label("Code à six chiffres").fill(_code(secret, steps=1))
    alix.get_by_role("button", name="Se connecter").click()
    expect(alix.get_by_role("heading", name="Bonjour Alix")).to_be_visible()


def test_alix_signs_a_browser_out_from_another(clients: People, alix: Page, openid_program: OpenIdDouble) -> None:
    desk = clients.someone(DESKTOP)
    desk.goto("/compte/connexion/")
    desk.get_by_role("button", name="Continuer avec Google").click()
    desk.get_by_role("link", name="Accepter").click()
    desk.goto("/compte/appareils/")
    expect(desk.get_by_text("celui-ci")).to_be_visible()
    assert_accessible(desk)
    desk.get_by_role("button", name=re.compile("^Déconnecter .+ sur ")).click()
    expect(desk.get_by_text("Appareil déconnecté")).to_be_visible()
    alix.goto("/compte/")
    expect(alix).to_have_url(re.compile("/compte/connexion/"))


def test_renata_comes_in_by_the_door_of_the_team_with_a_passkey(clients: People) -> None:
    renata = clients.someone(DESKTOP)
    _finger(renata)
    sign_in(renata, "renata.bastille")
    renata.goto("/compte/second-facteur/?next=/equipe/bastille/ventes/")
    expect(renata.get_by_text("Votre rôle demande un second facteur.")).to_be_visible()
    assert_accessible(renata)
    _add_key(renata, "la clé de Renata", STAFF_PASSWORD)
    renata.get_by_role("link", name="Je les ai notés").click()
    expect(renata).to_have_url(re.compile("/equipe/bastille/ventes/"))
    _sign_out(renata)
    renata.goto("/equipe/bastille/ventes/")
    assert_accessible(renata)
    renata.get_by_role("button", name="Utiliser une clé d’accès").click()
    expect(renata).to_have_url(re.compile("/equipe/bastille/ventes/"))


def test_at_an_address_in_figures_the_page_says_why_there_are_no_passkeys(alix: Page) -> None:
    figures = alix.url.replace("localhost", "127.0.0.1")
    guest = alix.context.new_page()
    guest.goto(re.sub("/compte/.*", "/compte/connexion/", figures))
    expect(guest.get_by_role("button", name="Continuer avec Google")).to_be_visible()
    expect(guest.get_by_role("button", name="Utiliser une clé d’accès")).to_have_count(0)
    guest.get_by_role("button", name="Continuer avec Google").click()
    guest.get_by_role("link", name="Accepter").click()
    guest.goto(re.sub("/compte/.*", "/compte/cles/ajouter/", figures))
    _confirm(guest)
    expect(guest.get_by_text("pas une adresse en chiffres")).to_be_visible()
    assert_accessible(guest)
    guest.get_by_role("link", name="Ouvrir la même page par son nom").click()
    expect(guest).to_have_url(re.compile("//localhost"))


def _code(secret: str, *, steps: int = 0) -> str:
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))
