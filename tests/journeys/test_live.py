"""What happens elsewhere is seen here: stock on the menu, moves on a page that lost its connection (UC 4.4, 4.5)."""

import re

import pytest
from playwright.sync_api import APIResponse, Route, expect

from tests.journeys.conftest import PHONE, TABLET, People
from tests.journeys.steps import STORE, current_step, place_order, sign_in, tap, ticket

pytestmark = pytest.mark.browser


def test_a_page_that_lost_its_connection_catches_up(people: People) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Tunnel")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    people.loses_requests = True
    guest.context.set_offline(True)
    tap(kitchen, number, "Je prends")
    expect(ticket(kitchen, number)).to_contain_text("Luca")
    tap(kitchen, number, "Je commence")
    expect(ticket(kitchen, number).get_by_role("button", name="Prête")).to_be_visible()
    expect(current_step(guest)).to_have_text("Reçue")
    guest.context.set_offline(False)
    expect(current_step(guest)).to_have_text("En préparation")


def test_a_page_whose_live_stream_is_blocked_looks_for_itself(people: People) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    guest.route("**/live/**", lambda route: route.abort())
    number = place_order(guest, last_name="Sans Flux", live="lost")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    tap(kitchen, number, "Je prends")
    expect(current_step(guest)).to_have_text("Prise en charge", timeout=20_000)


def test_a_move_while_the_page_still_loads_its_scripts_is_seen_on_it(people: People) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Lente")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    held: list[Route] = []
    guest.route(re.compile(r"/tracking\.\w*\.?js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright reads its parameters
    guest.reload(wait_until="commit")
    expect(current_step(guest)).to_have_text("Reçue")
    tap(kitchen, number, "Je prends")
    expect(ticket(kitchen, number)).to_contain_text("Luca")
    guest.wait_for_timeout(1000)
    assert held
    for route in held:
        route.continue_()
    expect(current_step(guest)).to_have_text("Prise en charge")


def test_two_quick_moves_both_arrive(people: People) -> None:
    """The second move happens while the page still waits for what the first one changed."""
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    number = place_order(guest, last_name="Deux Pas")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    held: list[tuple[Route, APIResponse]] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    guest.route(re.compile("/suivi/"), hold_the_first)
    tap(kitchen, number, "Je prends")
    for _wait in range(100):
        if held:
            break
        guest.wait_for_timeout(50)
    tap(kitchen, number, "Je commence")
    expect(ticket(kitchen, number).get_by_role("button", name="Prête")).to_be_visible()
    guest.wait_for_timeout(1000)
    expect(current_step(guest)).to_have_text("Reçue")
    for route, answer in held:
        route.fulfill(response=answer)
    expect(current_step(guest)).to_have_text("En préparation")


def test_two_kitchen_screens_agree_and_the_second_tap_is_told(people: People) -> None:
    number = place_order(people.someone(PHONE), last_name="Deux Fours")
    first, second = people.someone(TABLET), people.someone(TABLET)
    for screen, who in ((first, "luca.bastille"), (second, "awa.bastille")):
        sign_in(screen, who)
        screen.goto(f"/equipe/{STORE}/cuisine/")
    # The second screen does not hear of it in time: both tap.
    people.loses_requests = True
    second.route("**/cuisine/**", lambda route: route.abort() if route.request.method == "GET" else route.continue_())
    tap(first, number, "Je prends")
    expect(ticket(first, number)).to_contain_text("Luca")
    tap(second, number, "Je prends")
    expect(second.get_by_text(f"Luca s’occupe déjà de la commande {number}")).to_be_visible()


def test_the_menu_says_how_few_are_left_and_then_that_none_is(people: People) -> None:
    """A product that the demo leaves scarce is bought up by somebody else while the page is open."""
    guest, other = people.someone(PHONE), people.someone(PHONE)
    guest.goto(f"/carte/{STORE}/")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    scarce = guest.locator(".pizza-card:has([data-tag].tag--few:not([hidden]))").first
    name = scarce.locator("h3").text_content() or ""
    card = guest.locator(".pizza-card").filter(has=guest.get_by_role("heading", name=name, exact=True))
    tag = card.locator("[data-tag]")
    for _order in range(6):
        said = tag.text_content() or ""
        place_order(other, last_name="Dernier", pizza=name)
        expect(tag).not_to_have_text(said)
        if tag.text_content() == "Épuisé":
            break
    expect(tag).to_have_text("Épuisé")
    expect(card.get_by_role("button", name="Ajouter")).to_be_disabled()
