"""UC 3.2: a client gets a promotion: by what is in the basket, by a code, because it is aimed at them; the responsable makes one."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import STORE, TOKEN, assert_accessible, fill_in, put_in_cart, sign_in

pytestmark = pytest.mark.browser


def one_more(page: Page, product: str, *, makes: str) -> None:
    """Put something else in the cart, and wait until it is there."""
    put_in_cart(page, product)
    expect(page.locator(".cart-pill__count")).to_contain_text(makes)
    page.goto("/panier/")


def test_the_cheapest_of_three_is_free_and_a_code_takes_more_off(people: People) -> None:
    """UC 3.2, nominal and exceptions: what is nearly reached, what is applied, every answer to a code that a guest meets."""
    guest = people.someone(PHONE)
    put_in_cart(guest, "Margherita")
    guest.goto("/panier/")
    guest.get_by_role("button", name=re.compile("Un de plus")).click()
    expect(guest.get_by_text("Encore une pizza de la même taille, et la moins chère est offerte.")).to_be_visible()
    guest.get_by_role("button", name=re.compile("Un de plus")).click()
    expect(guest.locator(".totals")).to_contain_text("2 achetées = 1 offerte")
    # Each pizza serves one offer: what the code takes off is left on a fourth.
    one_more(guest, "Reine", makes="4")
    before = guest.locator("dd.totals__grand").inner_text()

    code = guest.get_by_label("Code promotionnel")
    code.fill("BIENVENU")
    guest.get_by_role("button", name="Utiliser").click()
    expect(guest.get_by_text("Ce code n’existe pas. Vérifiez-le, lettre par lettre.")).to_be_visible()
    expect(code).to_have_value("BIENVENU")
    code.fill("bienvenue")
    guest.get_by_role("button", name="Utiliser").click()
    expect(guest.get_by_text("Le code BIENVENUE est appliqué.")).to_be_visible()
    expect(guest.locator("dd.totals__grand")).not_to_have_text(before)
    assert_accessible(guest)

    guest.goto("/commander/")
    fill_in(guest, last_name="Remise")
    expect(guest.locator("#summary")).to_contain_text("5 € de bienvenue")
    assert_accessible(guest)
    guest.get_by_role("radio", name="Espèces").check()
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    guest.wait_for_url(TOKEN)
    expect(guest.get_by_text("5 € de bienvenue")).to_be_visible()
    expect(guest.get_by_text("2 achetées = 1 offerte")).to_be_visible()


def test_a_formula_that_the_responsable_makes_is_explained_to_the_next_guest(people: People) -> None:
    """UC 3.2, a formule: its example while it is typed, what it waits for in the basket, its price once it is whole."""
    renata, guest = people.someone(DESKTOP), people.someone(PHONE)
    sign_in(renata, "renata.bastille")
    renata.goto(f"/equipe/{STORE}/offres/ajouter/formule/")
    renata.get_by_label("Nom, tel que le client le lit").fill("Duo du soir")
    for part, kind in enumerate(("pizza", "drink")):
        renata.locator(f"#id_kind_{part}").select_option(kind)
    renata.get_by_label("Prix de la formule, en €").fill("11,00")
    renata.get_by_label("Prix de la formule, en €").blur()
    expect(renata.locator("#example")).to_contain_text("11,00")
    renata.get_by_label("Code à taper").fill("DUO11")
    assert_accessible(renata)
    renata.get_by_role("button", name="Enregistrer").click()
    expect(renata.get_by_text("L’offre « Duo du soir » est enregistrée.")).to_be_visible()

    put_in_cart(guest, "Margherita")
    guest.goto("/panier/")
    guest.get_by_label("Code promotionnel").fill("DUO11")
    guest.get_by_role("button", name="Utiliser").click()
    expect(guest.get_by_text("Il manque quelque chose à ce panier")).to_contain_text("une pizza + une boisson")
    one_more(guest, "Cola 33 cl", makes="2")
    expect(guest.get_by_text("Le code DUO11 est appliqué.")).to_be_visible()
    expect(guest.locator("dd.totals__grand")).to_have_text(re.compile(r"11,00"))

    renata.get_by_role("button", name="Terminer l’offre").click()
    expect(renata.get_by_text("L’offre « Duo du soir » est terminée.")).to_be_visible()
    assert_accessible(renata)
    guest.reload()
    expect(guest.get_by_text("Ce code n’est plus valable.")).to_be_visible()


def test_a_client_reads_what_is_aimed_at_them_and_their_basket_has_it(people: People) -> None:
    """UC 3.2, alternative: an offer of the client's own, with why and until when; a guest's basket has it never."""
    client = people.someone(PHONE)
    client.goto("/compte/connexion/")
    client.get_by_label("Adresse électronique").fill("alice.martin@example.org")
    client.get_by_label("Mot de passe", exact=True).fill("pizza-demo-2026")
    client.get_by_role("button", name="Se connecter", exact=True).click()
    expect(client).not_to_have_url(re.compile("/compte/connexion/"))
    client.goto("/compte/promotions/")
    expect(client.get_by_role("heading", name="Promotions", exact=True)).to_be_visible()
    expect(client.get_by_text(re.compile("Parce que votre anniversaire est le"))).to_be_visible()
    expect(client.get_by_text(re.compile("^Jusqu’au"))).to_be_visible()
    assert_accessible(client)
