"""The stock and the recipes, as the kitchen and the responsable meet them (UC 4.4, 6.2, 6.3, D1, D2)."""

import re

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import STORE, assert_accessible, fill_in, place_order, put_in_cart, sign_in, ticket

pytestmark = pytest.mark.browser

STOCK = f"/equipe/{STORE}/stock/"
RECIPES = f"/equipe/{STORE}/recettes/"
CHANGED = "Le contenu du stock a été modifié"


def live(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-live-state", "live")


def row(page: Page, ingredient: str) -> Locator:
    return page.locator(".stock-row").filter(has=page.get_by_role("link", name=ingredient, exact=True))


def card(page: Page, pizza: str) -> Locator:
    return page.locator(".pizza-card").filter(has=page.get_by_role("heading", name=pizza, exact=True))


def open_line(page: Page, ingredient: str) -> None:
    page.goto(STOCK)
    row(page, ingredient).get_by_role("link", name=ingredient).click()
    expect(page.get_by_role("heading", name=ingredient, level=1)).to_be_visible()


def write(page: Page, label: str, quantity: str, button: str) -> None:
    page.get_by_label(label).fill(quantity)
    page.get_by_role("button", name=button, exact=True).click()


def test_uc_6_2_the_table_follows_an_order_and_the_line_is_raised_lowered_counted(people: People) -> None:
    """Nominal; alternatives: thrown away, counted, another threshold; exceptions: no number, more than there is."""
    renata, watching = people.someone(DESKTOP), people.someone(TABLET)
    sign_in(watching, "luca.bastille")
    live(watching, STOCK)
    left = row(watching, "origan de Sicile").locator(".stock-row__left")
    before = left.inner_text()
    place_order(people.someone(PHONE), last_name="Origan", pizza="Reine")
    expect(left).not_to_have_text(before)
    assert_accessible(watching)
    sign_in(renata, "renata.bastille")
    open_line(renata, "miel de lavande")
    assert_accessible(renata)
    for label, quantity, button in (
        ("Quantité ajoutée", "1 500", "Ajouter"),
        ("Quantité retirée", "250", "Retirer"),
        ("Quantité comptée", "2000", "C’est le compte"),
        ("Prévenir en dessous de", "2500", "Enregistrer le seuil"),
    ):
        write(renata, label, quantity, button)
        expect(renata.get_by_text(CHANGED, exact=True)).to_be_visible()
    renata.get_by_label("Raison").select_option(label="tombé")
    write(renata, "Quantité jetée", "40", "Jeter")
    expect(renata.locator(".stock-now")).to_contain_text("1,96 kg")
    expect(renata.get_by_text("perte (tombé)")).to_be_visible()
    expect(row(watching, "miel de lavande")).to_contain_text("sous le seuil")
    for quantity, told in (("beaucoup", "Indiquez un nombre entier"), ("999999", "il en reste 1960")):
        write(renata, "Quantité retirée", quantity, "Retirer")
        expect(renata.get_by_text(told)).to_be_visible()
        expect(renata.get_by_label("Quantité retirée")).to_have_value(quantity)
    assert_accessible(renata)


def test_d2_the_second_who_writes_is_told_both_values_and_a_delivery_comes_in_at_once(people: People) -> None:
    """Alternative: another has changed the line. Nominal of a delivery and of an inventory."""
    renata, luca = people.someone(DESKTOP), people.someone(TABLET)
    sign_in(renata, "renata.bastille")
    sign_in(luca, "luca.bastille")
    for page in (renata, luca):
        open_line(page, "ricotta")
    write(renata, "Quantité ajoutée", "500", "Ajouter")
    expect(renata.get_by_text(CHANGED, exact=True)).to_be_visible()
    write(luca, "Quantité ajoutée", "700", "Ajouter")
    expect(luca.get_by_text("Modifié pendant que vous écriviez")).to_be_visible()
    expect(luca.get_by_text("700 g", exact=True)).to_be_visible()
    expect(luca.get_by_label("Quantité ajoutée")).to_have_value("700")
    assert_accessible(luca)
    luca.get_by_role("button", name="Ajouter", exact=True).click()
    expect(luca.get_by_text(CHANGED, exact=True)).to_be_visible()
    luca.goto(f"{STOCK}livraison/")
    assert_accessible(luca)
    luca.get_by_label("chorizo doux").fill("4")
    luca.get_by_label("merguez").fill("2")
    luca.get_by_role("button", name="Ajouter au stock").click()
    expect(luca.get_by_text(f"{CHANGED} : ")).to_be_visible()
    luca.goto(f"{STOCK}inventaire/")
    luca.get_by_label("merguez").fill("3000")
    assert_accessible(luca)
    luca.get_by_role("button", name="Enregistrer l’inventaire").click()
    expect(luca.get_by_text("1 ingrédient compté")).to_be_visible()
    renata.goto(f"{STOCK}mouvements/?reason=count")
    expect(renata.locator("tbody tr").first).to_contain_text("merguez")
    assert_accessible(renata)


def test_uc_4_4_what_is_off_sale_is_seen_at_once_on_a_clients_open_menu(people: People) -> None:
    """One tap from the pizza's sheet on the board; every page follows, and one tap brings it back."""
    guest, luca, counts = people.someone(PHONE), people.someone(TABLET), people.someone(TABLET)
    number = place_order(guest, last_name="Olives", pizza="Napolitaine")
    live(guest, f"/carte/{STORE}/")
    sign_in(counts, "renata.bastille")
    live(counts, f"/equipe/{STORE}/realisables/")
    sign_in(luca, "luca.bastille")
    live(luca, f"/equipe/{STORE}/cuisine/")
    ticket(luca, number).get_by_role("link", name=re.compile("Napolitaine")).click()
    dialog = luca.locator("dialog#recipe")
    expect(dialog.get_by_text("(pâton)")).to_be_visible()
    assert_accessible(luca)
    dialog.get_by_role("button", name="Plus de câpres de Pantelleria").click()
    gone = luca.locator(".board-gone__item")
    expect(gone).to_contain_text("Plus de câpres de Pantelleria")
    expect(gone).to_contain_text(number)
    expect(card(guest, "Napolitaine").locator("[data-tag]")).to_have_text("Épuisé")
    expect(counts.get_by_text("câpres de Pantelleria : hors vente depuis").first).to_be_visible()
    assert_accessible(luca)
    assert_accessible(counts)
    gone.get_by_role("button", name="C’est revenu").click()
    expect(gone).to_have_count(0)
    expect(card(guest, "Napolitaine").get_by_role("button", name="Ajouter")).to_be_enabled()


def test_uc_4_4_what_goes_off_sale_while_the_menu_looks_stays_off_sale_on_it(people: People) -> None:
    """The menu asks for all counts; before these arrive, an event says newer ones. Nothing that it asks later arrives."""
    guest, luca = people.someone(PHONE), people.someone(TABLET)
    sign_in(luca, "luca.bastille")
    live(luca, STOCK)
    live(guest, f"/carte/{STORE}/")
    held: list[tuple[Route, APIResponse]] = []
    guest.route(re.compile("/restant/"), lambda route: held.append((route, route.fetch())))
    guest.evaluate("window.dispatchEvent(new Event('online'))")
    for _wait in range(200):
        if held:
            break
        guest.wait_for_timeout(50)
    row(luca, "câpres de Pantelleria").get_by_role("button", name="Il n’y en a plus").click()
    button = card(guest, "Napolitaine").get_by_role("button", name="Ajouter")
    try:
        expect(button).to_be_disabled()
        with guest.expect_response(re.compile("/restant/")):
            route, answer = held[0]
            route.fulfill(response=answer)
        guest.wait_for_timeout(500)
        expect(button).to_be_disabled()
    finally:
        row(luca, "câpres de Pantelleria").get_by_role("button", name="C’est revenu").click()
        expect(row(luca, "câpres de Pantelleria")).not_to_contain_text("hors vente depuis")


def test_the_recipe_that_was_tapped_last_is_the_one_that_is_shown(people: People) -> None:
    luca = people.someone(TABLET)
    first = place_order(people.someone(PHONE), last_name="Avant", pizza="Napolitaine")
    second = place_order(people.someone(PHONE), last_name="Après", pizza="Reine")
    people.loses_requests = True
    sign_in(luca, "luca.bastille")
    live(luca, f"/equipe/{STORE}/cuisine/")
    held: list[Route] = []
    luca.route(re.compile(rf"/{first}/"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright reads its parameters
    ticket(luca, first).locator(".ticket__recipe").click()
    for _wait in range(200):
        if held:
            break
        luca.wait_for_timeout(50)
    ticket(luca, second).locator(".ticket__recipe").click()
    dialog = luca.locator("dialog#recipe")
    expect(dialog.get_by_role("heading", name="Reine").first).to_be_visible()
    for route in held:
        route.continue_()
    luca.wait_for_timeout(1000)
    expect(dialog.get_by_role("heading", name="Reine").first).to_be_visible()


def test_uc_1_2_who_orders_what_was_just_taken_off_sale_is_told_which_and_keeps_the_cart(people: People) -> None:
    """Exception of UC 1.2: it went off sale while the client wrote their address; alternative: it comes back."""
    guest, luca = people.someone(PHONE), people.someone(TABLET)
    sign_in(luca, "luca.bastille")
    live(luca, STOCK)
    put_in_cart(guest, "Savoyarde")
    guest.goto("/commander/")
    fill_in(guest, last_name="Reblochon")
    guest.get_by_role("radio", name="Espèces").check()
    expect(guest.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    row(luca, "reblochon AOP").get_by_role("button", name="Il n’y en a plus").click()
    expect(row(luca, "reblochon AOP")).to_contain_text("hors vente depuis")
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    expect(guest.get_by_text("Il n’y a plus de quoi faire : Savoyarde").first).to_be_visible()
    row(luca, "reblochon AOP").get_by_role("button", name="C’est revenu").click()
    expect(row(luca, "reblochon AOP")).not_to_contain_text("hors vente depuis")
    guest.goto("/panier/")
    expect(guest.get_by_text("Savoyarde").first).to_be_visible()
    expect(guest.get_by_text("Il n’y en a plus assez")).to_have_count(0)


def test_uc_6_3_and_d1_a_recipe_is_read_changed_told_to_the_second_and_gone_back_to(people: People) -> None:
    """Nominal: read, changed. Alternatives: a look first, back to the one before. Exception: another was first."""
    renata, diane = people.someone(DESKTOP), people.someone(DESKTOP)
    sign_in(renata, "renata.bastille")
    sign_in(diane, "diane.direction")
    for page in (renata, diane):
        page.goto(RECIPES)
        assert_accessible(page)
        page.get_by_role("link", name="Espagnole").click()
        expect(page.get_by_role("heading", name="Espagnole", level=1)).to_be_visible()
        assert_accessible(page)
        page.get_by_role("link", name="Modifier la recette").click()
    before = renata.get_by_label("Quantité de l’ingrédient 1", exact=True).input_value()
    renata.get_by_label("Quantité de l’ingrédient 1", exact=True).fill("88")
    renata.get_by_label("Pourquoi ce changement ?").fill("un essai")
    renata.get_by_role("button", name="Voir ce qu’elle devient").click()
    expect(renata.get_by_role("heading", name="Ce qu’elle deviendrait")).to_be_visible()
    assert_accessible(renata)
    renata.get_by_role("button", name="Enregistrer la recette").click()
    expect(renata.get_by_text("La recette a été modifiée", exact=True)).to_be_visible()
    expect(renata.locator(".recipe-changes")).to_contain_text("un essai")
    diane.get_by_label("Quantité de l’ingrédient 1", exact=True).fill("77")
    diane.get_by_label("Pourquoi ce changement ?").fill("un autre")
    diane.get_by_role("button", name="Enregistrer la recette").click()
    expect(diane.get_by_text("Modifié pendant que vous écriviez")).to_be_visible()
    expect(diane.locator(".facts")).to_contain_text("88")
    expect(diane.locator(".facts")).to_contain_text("77")
    expect(diane.get_by_label("Quantité de l’ingrédient 1", exact=True)).to_have_value("77")
    assert_accessible(diane)
    renata.get_by_role("link", name="Revenir à la recette d’avant").first.click()
    expect(renata.get_by_label("Quantité de l’ingrédient 1", exact=True)).to_have_value(before)
    renata.get_by_role("button", name="Enregistrer la recette").click()
    expect(renata.get_by_text("La recette a été modifiée", exact=True)).to_be_visible()


def test_d1_a_new_ingredient_is_in_every_stock(people: People) -> None:
    renata = people.someone(PHONE)
    sign_in(renata, "renata.bastille")
    renata.goto(f"/equipe/{STORE}/ingredients/")
    assert_accessible(renata)
    renata.get_by_role("link", name="Ajouter un ingrédient").click()
    renata.get_by_label("Nom", exact=True).fill("truite des Pyrénées")
    renata.get_by_label("Nom anglais").fill("Pyrenean trout")
    renata.get_by_label("Quantité unitaire").fill("250")
    renata.get_by_label("poissons", exact=True).check()
    assert_accessible(renata)
    renata.get_by_role("button", name="Enregistrer").click()
    expect(renata.get_by_text("est ajouté à tous les stocks")).to_be_visible()
    renata.goto(f"{STOCK}?q=truite")
    expect(row(renata, "truite des Pyrénées")).to_contain_text("épuisé")
