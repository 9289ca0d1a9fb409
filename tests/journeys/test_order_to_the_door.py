"""The main job: an order travels from the web shop to the door, live, in three browsers.

UC 1.1, 1.2, 4.1, 4.5, B1, B2, A1, B32.
"""

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import PHONE, TABLET, People
from tests.journeys.steps import (
    STORE,
    TOKEN,
    current_step,
    fill_in,
    number_on,
    place_order,
    put_in_cart,
    sign_in,
    tap,
    ticket,
)

pytestmark = pytest.mark.browser


def test_a_guest_on_a_phone_orders_and_watches_while_kitchen_and_driver_move_the_order(people: People) -> None:
    guest, kitchen, driver = people.someone(PHONE), people.someone(TABLET), people.someone(PHONE)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    sign_in(driver, "karim.bastille")
    driver.goto(f"/equipe/{STORE}/livraisons/")

    guest.goto("/")
    guest.get_by_label("Code postal").fill("75011")
    guest.get_by_role("button", name="Voir qui livre").click()
    guest.get_by_role("link", name="OC Pizza Bastille").first.click()
    put_in_cart(guest, "Reine")
    guest.locator("#cart-bar").get_by_role("link", name="Panier").click()
    expect(guest.get_by_role("heading", name="Reine")).to_be_visible()
    guest.locator(".bottom-bar").get_by_role("link", name="Commander").click()
    fill_in(guest, last_name="Porte")
    guest.get_by_text("Carte au terminal").click()
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    guest.wait_for_url(TOKEN)
    number = number_on(guest)
    expect(current_step(guest)).to_have_text("Reçue")

    # The kitchen's page was open all along: the ticket came by itself.
    expect(ticket(kitchen, number)).to_contain_text("Reine")
    for verb, step in (("Je prends", "Prise en charge"), ("Je commence", "En préparation"), ("Prête", "Prête")):
        tap(kitchen, number, verb)
        expect(current_step(guest)).to_have_text(step)

    expect(ticket(driver, number)).to_contain_text("3 rue de la Roquette")
    expect(ticket(driver, number)).to_contain_text("À encaisser")
    tap(driver, number, "Je pars avec")
    expect(current_step(guest)).to_have_text("En livraison")
    address = ticket(driver, number).get_by_role("link", name=re.compile("rue de la Roquette"))
    assert re.match(r"geo:|https://", address.get_attribute("href") or "")
    assert (ticket(driver, number).get_by_role("link", name="Appeler").get_attribute("href") or "").startswith("tel:")
    tap(driver, number, "Livrée")
    expect(current_step(guest)).to_have_text("Livrée")
    expect(ticket(driver, number)).to_have_count(0)
    guest.reload()
    expect(guest.get_by_text(re.compile("payée"))).to_be_visible()


def test_the_usual_takes_three_taps_from_the_menu(people: People) -> None:
    """Somebody who ordered before, in a hurry: add, order, order. Nothing is typed and nothing scrolled."""
    guest = people.someone(PHONE)
    place_order(guest, last_name="Pressée")
    guest.goto(f"/carte/{STORE}/")
    reine = guest.locator(".pizza-card").filter(has=guest.get_by_role("heading", name="Reine", exact=True))
    reine.get_by_role("button", name="Ajouter").tap()
    guest.locator("#cart-bar").get_by_role("link", name="Commander").tap()
    expect(guest.get_by_text("Comme la dernière fois")).to_be_visible()
    last = guest.get_by_role("button", name=re.compile("^Commander ·"))
    expect(last).to_be_in_viewport()
    last.tap()
    guest.wait_for_url(TOKEN)
    expect(current_step(guest)).to_have_text("Reçue")
