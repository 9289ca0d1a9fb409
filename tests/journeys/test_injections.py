"""In a real browser: what a guest types as HTML is read as text by the kitchen and the counter, and nothing of it runs."""

import re

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import STORE, TOKEN, fill_in, number_on, put_in_cart, sign_in, ticket

pytestmark = pytest.mark.browser

HTML = "<img src=x onerror=alert(7)>"
SCRIPT = "</textarea><script>alert(8)</script><svg onload=alert(9)>{{ 7|add:7 }}"


def _listens(page: Page, heard: list[str]) -> Page:
    def hear(dialog: Dialog) -> None:
        heard.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", hear)
    return page


def test_what_a_guest_types_is_text_to_everybody_and_nothing_runs(people: People) -> None:
    heard: list[str] = []
    guest = _listens(people.someone(PHONE), heard)
    put_in_cart(guest, "Reine")
    guest.goto("/commander/")
    fill_in(guest, last_name=HTML, first_name=HTML)
    guest.locator("[name=comment]").fill(SCRIPT)
    guest.get_by_role("radio", name="Espèces").check()
    expect(guest.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    guest.wait_for_url(TOKEN)
    number = number_on(guest)
    expect(guest.get_by_text(HTML).first).to_be_visible()

    luca = _listens(people.someone(TABLET), heard)
    sign_in(luca, "luca.bastille")
    luca.goto(f"/equipe/{STORE}/cuisine/")
    expect(ticket(luca, number)).to_contain_text("<script>alert(8)</script>")

    chloe = _listens(people.someone(DESKTOP), heard)
    sign_in(chloe, "chloe.bastille")
    for path in (f"commandes/?q={number}", f"commandes/{number}/"):
        chloe.goto(f"/equipe/{STORE}/{path}")
        expect(chloe.locator("main")).to_contain_text(HTML)
        assert chloe.locator("img[src=x], main script, main svg[onload]").count() == 0
    chloe.goto(f"/equipe/{STORE}/commandes/?q={HTML}")
    expect(chloe.locator("[name=q]")).to_have_value(HTML)
    assert heard == []
