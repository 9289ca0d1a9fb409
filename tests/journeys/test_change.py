"""UC 1.3 and UC 1.4: an order is changed, or cancelled, until its preparation starts; in a real browser."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import (
    PASSWORD,
    STORE,
    TOKEN,
    assert_accessible,
    current_step,
    number_on,
    place_order,
    put_in_cart,
    sign_in,
    tap,
    ticket,
    until_held,
)

pytestmark = pytest.mark.browser

CHANGE = re.compile(r"/commande/[\w-]{20,}/modifier/$")


def begin_change(page: Page) -> None:
    page.get_by_role("button", name="Modifier ma commande").click()
    page.wait_for_url("**/panier/")


def to_the_comparison(page: Page) -> None:
    page.goto("/panier/")
    page.get_by_role("link", name="Continuer").locator("visible=true").click()
    page.wait_for_url(CHANGE)


def confirm(page: Page) -> None:
    page.get_by_role("button", name="Confirmer la modification").click()
    page.wait_for_url(TOKEN)


def find_by_number(page: Page, number: str, proof: str) -> None:
    page.goto("/suivre/")
    page.get_by_label("Numéro de commande").fill(number)
    page.get_by_label("Téléphone ou adresse électronique").fill(proof)
    page.get_by_role("button", name="Voir ma commande").click()


def test_uc_1_3_by_its_link_a_pizza_is_added_and_the_kitchen_sees_what_changed(people: People) -> None:
    """UC 1.3, nominal: add a pizza, change the address, save; before and after, the history, the kitchen within a second."""
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Changeant")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    begin_change(guest)
    put_in_cart(guest, "Margherita")
    expect(guest.locator("#changing")).to_contain_text(f"Vous modifiez la commande {number}")
    assert_accessible(guest)
    to_the_comparison(guest)
    guest.get_by_label("Numéro et rue").fill("8 rue de la Roquette")
    guest.get_by_role("button", name="Comparer avant et après").click()
    comparison = guest.locator("#comparison")
    expect(comparison).to_contain_text("1 × Margherita")
    expect(comparison).to_contain_text("3 rue de la Roquette")
    expect(comparison).to_contain_text("8 rue de la Roquette")
    expect(comparison).to_contain_text("À payer à la remise")
    assert_accessible(guest)
    confirm(guest)
    expect(guest.get_by_text(f"La commande {number} est modifiée.")).to_be_visible()
    expect(guest.get_by_role("heading", name="Ce qui a été modifié")).to_be_visible()
    assert_accessible(guest)
    expect(ticket(kitchen, number)).to_contain_text("Modifiée à")
    expect(ticket(kitchen, number)).to_contain_text("Margherita")
    assert_accessible(kitchen)


def test_uc_1_3_by_number_and_phone_and_never_empty_nor_without_a_pizza(people: People) -> None:
    """UC 1.3 with B5, alternative and exception: found by number and proof; no address, no pizza: said to the letter."""
    guest = people.someone(DESKTOP)
    number = place_order(guest, last_name="Retrouvée")
    stranger = people.someone(DESKTOP)
    find_by_number(stranger, number, "06 00 00 00 00")
    expect(stranger.get_by_text("Commande introuvable", exact=True)).to_be_visible()
    stranger.get_by_label("Téléphone ou adresse électronique").fill("")
    stranger.get_by_role("button", name="Voir ma commande").click()
    expect(stranger.get_by_text("Remplissez ce champ.")).to_be_visible()
    find_by_number(stranger, number, "+33 6 39 98 12 34")
    stranger.wait_for_url(TOKEN)
    begin_change(stranger)
    to_the_comparison(stranger)
    stranger.get_by_label("Numéro et rue").fill("")
    stranger.get_by_role("button", name="Confirmer la modification").click()
    expect(stranger.locator("#street_error")).to_have_text("L’adresse de livraison est incomplète.")
    assert_accessible(stranger)
    stranger.goto("/panier/")
    stranger.get_by_role("button", name=re.compile("^Retirer Reine")).last.click()
    expect(stranger.get_by_role("heading", name="Votre panier est vide")).to_be_visible()
    put_in_cart_drink(stranger)
    to_the_comparison(stranger)
    expect(
        stranger.get_by_text("Une commande garde au moins une pizza. Pour ne rien garder, annulez la commande.")
    ).to_be_visible()
    stranger.get_by_role("button", name="Abandonner").click()
    stranger.wait_for_url(TOKEN)
    expect(stranger.get_by_text(f"La commande {number} reste comme elle était.")).to_be_visible()


def put_in_cart_drink(page: Page) -> None:
    page.goto(f"/carte/{STORE}/")
    expect(page.locator("html")).to_have_attribute("data-live-state", "live")
    page.locator("[id*=drink], section").filter(has_text="Boissons").get_by_role("button", name="Ajouter").first.click()
    expect(page.locator(".cart-pill__count")).to_be_visible()


def test_uc_1_3_another_hour_is_chosen_and_chosen_again_and_the_comparison_follows_each_time(people: People) -> None:
    """UC 1.3, alternative: only the time changes; what the page brings after a choice listens as the first one did."""
    guest = people.someone(PHONE)
    place_order(guest, last_name="Hésitante")
    begin_change(guest)
    to_the_comparison(guest)
    guest.get_by_text("À l’heure de votre choix").click()
    guest.locator(".when__later").get_by_text("demain", exact=True).click()
    comparison = guest.locator("#comparison")
    expect(comparison).to_contain_text("(demain)")
    hour = ""
    for place in (2, 40):
        slot = guest.locator(".slot").nth(place)
        hour = slot.locator(".slot__time").inner_text()
        slot.click()
        expect(comparison).to_contain_text(hour)
        expect(guest.locator(".slot").filter(has=guest.locator(":checked"))).to_be_in_viewport()
    assert_accessible(guest)
    confirm(guest)
    expect(guest.locator("#progress")).to_contain_text(f"à {hour}")


def test_uc_1_3_and_1_4_once_preparation_has_begun_a_kind_sentence_says_whom_to_call(people: People) -> None:
    """UC 1.3 and 1.4, exception: the pizzaiolo starts while the client's page is open."""
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Tardive")
    begin_change(guest)
    to_the_comparison(guest)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    tap(kitchen, number, "Je prends")
    tap(kitchen, number, "Je commence")
    expect(kitchen.locator(f'[data-ticket="{number} preparing"]')).to_be_visible()
    guest.get_by_role("button", name="Confirmer la modification").click()
    expect(guest.get_by_role("heading", name=f"La commande {number} ne se modifie plus")).to_be_visible()
    expect(guest.get_by_text("elle ne peut plus être modifiée")).to_be_visible()
    assert_accessible(guest)
    guest.get_by_role("button", name="Revenir à ma commande").click()
    guest.wait_for_url(TOKEN)
    assert number_on(guest) == number
    expect(guest.get_by_role("button", name="Modifier ma commande")).to_have_count(0)
    expect(guest.get_by_text("Annuler la commande")).to_have_count(0)


def test_uc_1_4_a_client_cancels_and_may_say_why(people: People) -> None:
    """UC 1.4, nominal: by its page, with a reason that nobody has to give."""
    guest, chloe = people.someone(PHONE), people.someone(DESKTOP)
    number = place_order(guest, last_name="Annulée")
    guest.get_by_text("Annuler la commande", exact=True).click()
    guest.get_by_label("Pourquoi ?").fill("Nous sortons")
    assert_accessible(guest)
    guest.get_by_role("button", name=f"Oui, annuler la commande {number}").click()
    expect(guest.get_by_text("Votre commande est annulée. Rien ne vous sera demandé.")).to_be_visible()
    sign_in(chloe, "chloe.bastille")
    chloe.goto(f"/equipe/{STORE}/commandes/{number}/")
    expect(chloe.get_by_text("« Nous sortons »")).to_be_visible()


def test_uc_1_4_news_of_the_order_leaves_the_reason_that_is_being_typed(people: People) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Coupée")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    guest.get_by_text("Annuler la commande", exact=True).click()
    reason = guest.get_by_label("Pourquoi ?")
    reason.press_sequentially("Nous sor")
    tap(kitchen, number, "Je prends")
    expect(current_step(guest)).to_have_text("Prise en charge")
    expect(reason).to_be_focused()
    guest.keyboard.type("tons")
    expect(reason).to_have_value("Nous sortons")
    tap(kitchen, number, "Je commence")
    expect(current_step(guest)).to_have_text("En préparation")
    expect(guest.get_by_text("Annuler la commande", exact=True)).to_have_count(0)


def test_uc_1_3_a_note_that_is_typed_while_the_total_is_asked_for_is_whole(people: People) -> None:
    guest = people.someone(PHONE)
    place_order(guest, last_name="Billet")
    begin_change(guest)
    to_the_comparison(guest)
    note = guest.get_by_label("Monnaie prévue sur")
    note.press_sequentially("5")
    held: list[Route] = []
    guest.route(CHANGE, lambda route: held.append(route))  # noqa: PLW0108 - Playwright reads its parameters
    guest.get_by_role("radio", name=re.compile("^À emporter")).check()
    until_held(guest, held)
    note.focus()
    guest.keyboard.press("End")
    guest.keyboard.type("0")
    for route in held:
        route.continue_()
    expect(guest.locator("#comparison")).to_contain_text("Prête vers")
    expect(note).to_be_focused()
    expect(note).to_have_value("50")


def test_uc_1_3_the_cashier_changes_an_order_and_the_client_who_changes_it_too_is_told(people: People) -> None:
    """UC 1.3 by the caissier, on the phone; the client, at the same time: told, with both values, and nothing lost."""
    guest, chloe = people.someone(PHONE), people.someone(DESKTOP)
    number = place_order(guest, last_name="Disputée")
    begin_change(guest)
    to_the_comparison(guest)
    guest.get_by_label("Commentaire").fill("Sonnez fort")
    sign_in(chloe, "chloe.bastille")
    chloe.goto(f"/equipe/{STORE}/commandes/{number}/")
    chloe.get_by_role("link", name="Modifier la commande").click()
    chloe.get_by_label("Quantité Reine").fill("2")
    chloe.get_by_label("Commentaire").fill("Digicode 12A")
    chloe.get_by_role("button", name="Comparer avant et après").click()
    expect(chloe.get_by_text("2 × Reine")).to_be_visible()
    assert_accessible(chloe)
    chloe.get_by_role("button", name="Confirmer la modification").click()
    expect(chloe.get_by_text(f"La commande {number} est modifiée.")).to_be_visible()
    guest.get_by_role("button", name="Confirmer la modification").click()
    expect(guest.get_by_text(f"La commande {number} vient d’être modifiée par le point de vente")).to_be_visible()
    expect(guest.get_by_label("Commentaire")).to_have_value("Sonnez fort")
    expect(guest.locator("#comparison")).to_contain_text("Digicode 12A")
    expect(guest.locator("#comparison")).to_contain_text("Sonnez fort")
    assert_accessible(guest)
    confirm(guest)
    expect(guest.get_by_text(f"La commande {number} est modifiée.")).to_be_visible()


def test_uc_1_3_alice_changes_an_order_of_her_account_and_her_cart_comes_back(people: People) -> None:
    """UC 1.3 by the account, alternative: given up, then made; what waited in the cart is there again."""
    alice = people.someone(DESKTOP)
    alice.goto("/compte/connexion/")
    alice.get_by_label("Adresse électronique").fill("alice.martin@example.org")
    alice.get_by_label("Mot de passe").fill(PASSWORD)
    alice.get_by_role("button", name="Se connecter", exact=True).click()
    expect(alice).not_to_have_url(re.compile("/compte/connexion/"))
    number = place_order(alice, last_name="Martin")
    put_in_cart(alice, "Margherita")
    alice.goto("/compte/commandes/")
    alice.get_by_role("link", name=re.compile(number)).first.click()
    begin_change(alice)
    expect(alice.get_by_role("heading", name=re.compile("Reine"))).to_be_visible()
    alice.get_by_role("button", name=re.compile("^Un de plus")).click()
    to_the_comparison(alice)
    expect(alice.locator("#comparison")).to_contain_text("2 × Reine")
    confirm(alice)
    alice.goto("/panier/")
    expect(alice.get_by_role("heading", name=re.compile("Margherita"))).to_be_visible()
