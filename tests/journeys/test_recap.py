"""B2 (récapitulatif), UC 3.1 (historique), « Commander à nouveau » and reviews, as people meet them."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import PASSWORD, assert_accessible, place_order, sign_in, tap, ticket
from tests.pdf_reading import read_pdf

pytestmark = pytest.mark.browser


def _file(page: Page, address: str) -> bytes:
    answer = page.request.get(address)
    assert answer.ok
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def _shoot(page: Page, name: str) -> None:
    folder = os.environ.get("SHOTS")
    if folder:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            for width in (390, 1280):
                page.set_viewport_size({"width": width, "height": 900})
                page.screenshot(path=str(Path(folder) / f"{name}-{width}-{scheme}.png"), full_page=True)
        page.emulate_media(color_scheme="light")


def test_b2_the_recap_is_read_on_screen_and_kept_as_a_pdf_for_everybody_and_the_house_sees_that_it_was(
    people: People,
) -> None:
    gaspard, chloe = people.someone(PHONE), people.someone(DESKTOP)
    number = place_order(gaspard, last_name="Recapitulatif")
    order = gaspard.url
    gaspard.get_by_role("link", name="Récapitulatif", exact=True).click()
    expect(gaspard.get_by_role("heading", name=f"Récapitulatif de la commande {number}")).to_be_visible()
    expect(gaspard.get_by_text("arrêté n° 83-50/A")).to_be_visible()
    assert_accessible(gaspard)
    _shoot(gaspard, "recap")
    for name in ("recapitulatif.pdf", "ticket.pdf"):
        pdf = read_pdf(_file(gaspard, order + name))
        assert pdf.is_tagged
        assert pdf.is_universal
        for expected in (number, "SIRET", "Total TTC", "Total hors taxes", "10\u00a0%"):
            assert expected in pdf.words, expected
    sign_in(chloe, "chloe.bastille")
    chloe.goto(f"/equipe/bastille/commandes/{number}/")
    for medium in ("en PDF", "en ticket", "à l’écran"):
        expect(chloe.get_by_text(f"Récapitulatif remis {medium}")).to_be_visible()
    assert_accessible(chloe)
    _shoot(chloe, "staff-order")


def _client(people: People) -> Page:
    alice = people.someone(PHONE)
    alice.goto("/compte/connexion/")
    alice.get_by_label("Adresse électronique").fill("alice.martin@example.org")
    alice.get_by_label("Mot de passe").fill(PASSWORD)
    alice.get_by_role("main").get_by_role("button", name="Se connecter", exact=True).click()
    expect(alice).to_have_url(re.compile("/(compte/)?$"))
    return alice


def test_uc_3_1_every_order_of_the_history_opens_and_the_usual_is_one_tap_away(people: People) -> None:
    """Nominal: the orders, by month, each opens. Then again, from the history and from the first page."""
    alice = _client(people)
    alice.goto("/compte/commandes/")
    expect(alice.get_by_role("heading", name="Commandes", exact=True)).to_be_visible()
    assert_accessible(alice)
    _shoot(alice, "history")
    alice.get_by_label("Mois").select_option(index=1)
    alice.get_by_role("button", name="Afficher").click()
    first = alice.locator(".history__number").first
    number = first.inner_text()
    first.click()
    expect(alice.locator("h1.order-number")).to_contain_text(number)
    alice.goto("/compte/commandes/")
    alice.get_by_role("button", name=re.compile("^Commander à nouveau")).first.click()
    expect(alice.get_by_role("heading", name="Votre panier", exact=True)).to_be_visible()
    expect(alice.locator(".line").first).to_be_visible()
    assert_accessible(alice)
    _shoot(alice, "again-cart")
    alice.goto("/")
    expect(alice.get_by_role("button", name="Comme la dernière fois")).to_be_visible()
    assert_accessible(alice)
    _shoot(alice, "home-again")


def test_a_review_is_written_after_the_delivery_and_the_responsable_answers(people: People) -> None:
    gaspard, staff, renata = people.someone(PHONE), people.someone(DESKTOP), people.someone(DESKTOP)
    number = place_order(gaspard, last_name="Critique")
    order = gaspard.url
    sign_in(staff, "luca.bastille")
    staff.goto("/equipe/bastille/cuisine/")
    for words in ("Je prends", "Je commence", "Prête"):
        tap(staff, number, words)
    karim = people.someone(PHONE)
    sign_in(karim, "karim.bastille")
    karim.goto("/equipe/bastille/livraisons/")
    tap(karim, number, "Je pars avec")
    tap(karim, number, "Livrée")
    expect(ticket(karim, number)).to_have_count(0)
    gaspard.goto(order)
    gaspard.get_by_role("link", name="Donner mon avis").click()
    assert_accessible(gaspard)
    _shoot(gaspard, "review")
    gaspard.get_by_role("button", name="Envoyer mon avis").click()
    expect(gaspard.get_by_text("Choisissez d’une à cinq étoiles.")).to_be_visible()
    gaspard.get_by_label("Très bon").check()
    gaspard.get_by_label("Quelques mots").fill("Croûte parfaite <script>alert(1)</script>")
    gaspard.get_by_role("button", name="Envoyer mon avis").click()
    expect(gaspard.get_by_text("Merci pour votre avis !")).to_be_visible()
    sign_in(renata, "renata.bastille")
    renata.goto("/equipe/bastille/avis/")
    expect(renata.get_by_text("Croûte parfaite")).to_be_visible()
    assert_accessible(renata)
    _shoot(renata, "reviews")
    renata.get_by_role("link", name=f"Répondre {number}").click()
    renata.get_by_label("Votre réponse").fill("Merci beaucoup !")
    assert_accessible(renata)
    _shoot(renata, "answer")
    renata.get_by_role("button", name="Publier la réponse").click()
    expect(renata.get_by_text("Votre réponse est publiée")).to_be_visible()
    gaspard.reload()
    expect(gaspard.get_by_text("Merci beaucoup !")).to_be_visible()
    expect(gaspard.get_by_role("link", name="Modifier mon avis")).to_have_count(0)
    assert_accessible(gaspard)
    _shoot(gaspard, "order-reviewed")
