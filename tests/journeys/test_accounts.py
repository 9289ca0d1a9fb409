"""UC 2.1, 3.1, C1: clients with an account, in a browser, and with the mails that they get."""

import re
import secrets

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import PASSWORD, STORE, TOKEN, assert_accessible, place_order, put_in_cart, sign_in
from tests.mailbox import Mailbox, link_of

pytestmark = pytest.mark.browser

ALICE = "alice.martin@example.org"
CHOSEN = "une-phrase-pour-les-tests"


def _new_address() -> str:
    return f"basile.{secrets.token_hex(4)}@example.org"


def _enter(page: Page, email: str, password: str = PASSWORD) -> None:
    page.goto("/compte/connexion/")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("main").get_by_role("button", name="Se connecter", exact=True).click()


def _sign_up(page: Page, mailbox: Mailbox, email: str) -> None:
    """From the corner of a menu to the account, by the link of the mail."""
    page.goto(f"/carte/{STORE}/")
    page.get_by_role("link", name="Se connecter").click()
    page.get_by_role("link", name="Créer mon compte").click()
    page.get_by_label("Prénom").fill("Basile")
    page.get_by_label("Nom", exact=True).fill("Dubois")
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_label("Mot de passe").fill(CHOSEN)
    page.get_by_label("Téléphone").fill("06 39 98 20 02")
    assert_accessible(page)
    page.get_by_role("button", name="Créer mon compte").click()
    expect(page.get_by_role("heading", name="Confirmez votre adresse")).to_be_visible()
    page.goto(link_of(mailbox.letter_to(email)))
    assert_accessible(page)
    page.get_by_role("button", name="Oui, confirmer").click()
    expect(page.get_by_text("Connecté", exact=True)).to_be_visible()


def test_a_future_client_signs_up_and_orders_to_their_address(people: People, mailbox: Mailbox) -> None:
    """UC 2.1, 1.2, 3.1: from the mail's link to an order in three taps, and to the history."""
    basile = people.someone(PHONE)
    _sign_up(basile, mailbox, _new_address())
    basile.goto("/compte/commandes/")
    expect(basile.get_by_text("L’historique est vide")).to_be_visible()
    basile.goto("/compte/adresses/ajouter/")
    basile.get_by_label("Numéro et rue").fill("3 rue de la Roquette")
    basile.get_by_label("Code postal").fill("75011")
    basile.get_by_label("Ville").fill("Paris")
    basile.get_by_role("button", name="Enregistrer").click()
    expect(basile.get_by_text("Habituelle")).to_be_visible()
    put_in_cart(basile, "Reine")
    basile.goto("/commander/")
    expect(basile.get_by_label("Numéro et rue")).to_be_hidden()
    assert_accessible(basile)
    basile.get_by_role("button", name=re.compile("^Commander ·")).click()
    basile.wait_for_url(TOKEN)
    expect(basile.get_by_text("3 rue de la Roquette")).to_be_visible()
    basile.goto("/compte/commandes/")
    basile.get_by_role("link", name=re.compile("^P-")).click()
    basile.wait_for_url(TOKEN)


def test_who_has_forgotten_the_password_is_in_again_by_mail(people: People, mailbox: Mailbox) -> None:
    """The browser at home is out, and the old password opens nothing."""
    email, home = _new_address(), people.someone(DESKTOP)
    _sign_up(home, mailbox, email)
    basile = people.someone(PHONE)
    _enter(basile, email, "ce-n-est-pas-celui-la")
    expect(basile.get_by_role("alert")).to_have_text("Les informations saisies sont erronées")
    assert_accessible(basile)
    _enter(basile, email, "")
    expect(basile.get_by_role("alert")).to_have_text("Les informations saisies sont incomplètes")
    basile.get_by_role("link", name="Mot de passe oublié").click()
    basile.get_by_label("Adresse électronique").fill(email)
    basile.get_by_role("button", name="Recevoir le lien").click()
    basile.goto(link_of(mailbox.letter_to(email)))
    basile.get_by_label("Nouveau mot de passe").fill(f"{CHOSEN}-nouvelle")
    assert_accessible(basile)
    basile.get_by_role("button", name="Enregistrer").click()
    expect(basile.get_by_role("heading", name="Bonjour Basile")).to_be_visible()
    assert "mot de passe a changé" in str(mailbox.letter_to(email)["Subject"])
    home.goto("/compte/")
    expect(home.get_by_role("heading", name="Se connecter")).to_be_visible()


def test_a_guests_order_is_put_into_the_account_from_its_own_page(people: People) -> None:
    guest = people.someone(PHONE)
    number = place_order(guest, last_name="Martin")
    guest.get_by_role("link", name="Se connecter pour l’ajouter").click()
    guest.get_by_label("Adresse électronique").fill(ALICE)
    guest.get_by_label("Mot de passe").fill(PASSWORD)
    guest.get_by_role("main").get_by_role("button", name="Se connecter", exact=True).click()
    guest.wait_for_url(TOKEN)
    guest.get_by_role("button", name="Ajouter à mon compte").click()
    expect(guest.get_by_text(f"La commande {number} est dans votre compte")).to_be_visible()
    guest.goto("/compte/commandes/")
    expect(guest.get_by_role("link", name=number)).to_be_visible()


def test_the_caissier_makes_an_account_that_its_owner_opens(people: People, mailbox: Mailbox) -> None:
    """UC 2.1."""
    email, chloe, basile = _new_address(), people.someone(TABLET), people.someone(PHONE)
    sign_in(chloe, f"chloe.{STORE}")
    chloe.goto(f"/equipe/{STORE}/comptoir/")
    chloe.get_by_role("link", name="Créer un compte client").click()
    assert_accessible(chloe)
    for label, words in (("Prénom", "Basile"), ("Nom", "Dubois"), ("Adresse électronique", email)):
        chloe.get_by_label(label, exact=True).fill(words)
    chloe.get_by_role("button", name="Créer le compte").click()
    expect(chloe.get_by_text(f"un message est parti à {email}")).to_be_visible()
    basile.goto(link_of(mailbox.letter_to(email)))
    basile.get_by_label("Mot de passe").fill(CHOSEN)
    assert_accessible(basile)
    basile.get_by_role("button", name="Ouvrir mon compte").click()
    expect(basile.get_by_role("heading", name="Bonjour Basile")).to_be_visible()


def test_without_scripts_another_address_of_the_account_is_chosen(people: People) -> None:
    alice = people.someone(PHONE, java_script_enabled=False)
    _enter(alice, ALICE)
    alice.goto(f"/carte/{STORE}/reine/")
    alice.get_by_label("Quantité").fill("2")
    alice.get_by_role("button", name=re.compile("^Ajouter")).click()
    alice.goto("/commander/")
    alice.get_by_role("radio", name="9 avenue Daumesnil").check()
    alice.get_by_role("button", name="Recalculer le total").click()
    expect(alice.get_by_role("radio", name="9 avenue Daumesnil")).to_be_checked()
    alice.get_by_role("button", name=re.compile("^Commander ·")).click()
    alice.wait_for_url(TOKEN)
    expect(alice.get_by_text("9 avenue Daumesnil")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_account_is_accessible_on_a_phone(people: People, scheme: str) -> None:
    alice = people.someone(PHONE, color_scheme=scheme)
    _enter(alice, ALICE)
    expect(alice.get_by_role("heading", name="Bonjour Alice")).to_be_visible()
    for page in (
        "",
        "commandes/",
        "adresses/",
        "adresses/ajouter/",
        "informations/",
        "securite/",
        "e-mail/",
        "mot-de-passe/",
    ):
        alice.goto(f"/compte/{page}")
        assert_accessible(alice)
        wider = alice.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        assert wider <= 0, page
