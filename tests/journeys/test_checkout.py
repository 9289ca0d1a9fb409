"""The checkout's page while its total is asked for anew: nothing that is typed, ticked or pressed meanwhile is lost."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import fill_in, put_in_cart, until_held

pytestmark = pytest.mark.browser


def at_checkout(page: Page, *, last_name: str) -> None:
    put_in_cart(page, "Reine")
    page.goto("/commander/")
    fill_in(page, last_name=last_name)


def hold_the_totals(page: Page) -> list[Route]:
    """What asks for the total from now on waits until `answer` lets it go."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        asks = "recalculate=" in (route.request.post_data or "")
        held.append(route) if asks else route.continue_()

    page.route("**/commander/", hold)
    return held


def answer(page: Page, held: list[Route], *, of: int = 1) -> None:
    """Only the last one of so many is still waited for."""
    until_held(page, held, of=of)
    with page.expect_response("**/commander/"):
        for route in held:
            route.continue_()
    page.wait_for_timeout(300)


def test_a_note_that_is_ticked_while_the_total_is_asked_for_stays_ticked(people: People) -> None:
    guest = people.someone(PHONE)
    people.loses_requests = True
    at_checkout(guest, last_name="Monnaie")
    guest.get_by_role("radio", name="Espèces").check()
    held = hold_the_totals(guest)
    guest.get_by_role("radio", name=re.compile("^À emporter")).check()
    guest.get_by_role("radio", name="50 €").check()
    answer(guest, held, of=2)
    expect(guest.get_by_text(re.compile("Prête vers"))).to_be_visible()
    expect(guest.get_by_role("radio", name="50 €")).to_be_checked()


def test_a_code_that_is_typed_while_the_total_is_asked_for_is_whole(people: People) -> None:
    guest = people.someone(PHONE)
    at_checkout(guest, last_name="Coupon")
    code = guest.get_by_label("Code promotionnel")
    code.press_sequentially("BIEN")
    held = hold_the_totals(guest)
    guest.get_by_role("radio", name=re.compile("^À emporter")).check()
    code.focus()
    guest.keyboard.press("End")
    guest.keyboard.type("VE")
    answer(guest, held)
    expect(guest.get_by_text(re.compile("Prête vers"))).to_be_visible()
    expect(code).to_be_focused()
    guest.keyboard.type("NUE")
    expect(code).to_have_value("BIENVENUE")
    guest.get_by_role("button", name="Utiliser").click()
    expect(guest.locator("#code_answer")).to_contain_text("Ce code vaut à partir de")
    expect(code).to_have_value("BIENVENUE")


def test_who_presses_to_order_while_the_total_changes_is_told_the_new_one(people: People) -> None:
    """The press leaves the postal code, of which the total comes before the release."""
    guest = people.someone(DESKTOP)
    put_in_cart(guest, "Reine")
    guest.goto("/commander/")
    fill_in(guest, last_name="Pressée")
    guest.get_by_role("radio", name="Espèces").check()
    guest.get_by_label("Code postal").fill("")
    guest.get_by_label("Ville").focus()
    expect(guest.get_by_text("Indiquez votre code postal : l’heure s’affiche ici.")).to_be_visible()
    held = hold_the_totals(guest)
    guest.get_by_label("Code postal").press_sequentially("75011")
    guest.get_by_role("button", name=re.compile("^Commander ·")).hover()
    guest.mouse.down()
    answer(guest, held)
    guest.mouse.up()
    expect(guest.get_by_role("alert")).to_contain_text("Le total")
    expect(guest.get_by_text(re.compile("Livrée vers"))).to_be_visible()
