"""UC 1.2 to 1.4 and 2.1 by the cashier: on the phone and at the counter, in a real browser, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, People
from tests.journeys.steps import STORE, assert_accessible, sign_in

pytestmark = pytest.mark.browser

SHEET = f"/equipe/{STORE}/comptoir/commande/"


class Keyboard:
    """Chloé's two hands: every key is counted, and there is no pointer."""

    def __init__(self, page: Page) -> None:
        self.page, self.strokes = page, 0

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)
        self.strokes += len(words)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.strokes += 1


def at_the_desk(people: People) -> tuple[Page, Keyboard]:
    page = people.someone(DESKTOP)
    sign_in(page, "chloe.bastille")
    page.goto(SHEET)
    expect(page.locator("#phone")).to_be_focused()
    return page, Keyboard(page)


def lines(page: Page) -> str:
    return page.locator(".desk__lines").inner_text()


def placed(page: Page) -> str:
    told = page.get_by_text(re.compile(r"Commande P-\w{5} enregistrée"))
    expect(told).to_be_visible()
    found = re.search(r"P-\w{5}", told.inner_text())
    assert found
    return found.group()


def settled(page: Page) -> None:
    expect(page.locator("[data-desk]:not([aria-busy])")).to_be_visible()


def order_by_phone(page: Page, keys: Keyboard, *, phone: str, name: str) -> str:
    """UC 1.2 for somebody new: their phone, name, address and two products; the order's number."""
    keys.type(phone)
    keys.press("Enter")
    expect(page.locator("#first_name")).to_be_focused()
    keys.type("Gaspard")
    keys.press("Enter")
    keys.type(name)
    keys.press("Enter")
    keys.type("3 rue de la Roquette")
    keys.press("Enter", "Enter")
    keys.type("75011")
    keys.press("Enter")
    keys.type("Paris")
    keys.press("Enter")
    expect(page.locator("#typed")).to_be_focused()
    keys.type("2 rei m -champ")
    keys.press("Enter")
    expect(page.locator(".desk__lines")).to_contain_text("Reine")
    keys.press("Enter")
    settled(page)
    expect(page.locator("#place")).to_be_focused()
    expect(page.locator("[data-total]")).to_be_visible()
    expect(page.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    keys.press("Enter")
    return placed(page)


def test_uc_1_2_by_keyboard_alone_an_unknown_caller_then_known(people: People) -> None:
    """UC 1.2, nominal: a new caller, then the same one again in a dozen keys; every key counted, no pointer."""
    page, keys = at_the_desk(people)
    assert_accessible(page)
    order_by_phone(page, keys, phone="0639981201", name="Appelant")
    assert keys.strokes < 110, keys.strokes
    again = Keyboard(page)
    expect(page.locator("#phone")).to_be_focused()
    again.type("06 39 98 12 01")
    again.press("Enter")
    expect(page.get_by_role("button", name="C’est Gaspard Appelant")).to_be_focused()
    assert_accessible(page)
    again.press("Enter")
    expect(page.locator("#typed")).to_be_focused()
    settled(page)
    again.type("=")
    again.press("Enter")
    expect(page.locator("[data-line]")).to_have_value("2")
    again.press("Escape", "Enter")
    settled(page)
    expect(page.locator("#place")).to_be_focused()
    assert_accessible(page)
    again.press("Enter")
    placed(page)
    assert again.strokes <= 22, again.strokes
