"""Every page: axe finds nothing, nothing jumps while it loads, nothing is wider than a phone; by keyboard; in English."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import (
    STORE,
    TOKEN,
    assert_accessible,
    assert_still,
    fill_in,
    place_order,
    put_in_cart,
    sign_in,
    tap,
    ticket,
)

pytestmark = pytest.mark.browser

WIDER = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


def _look(page: Page, path: str) -> None:
    page.goto(path)
    page.wait_for_load_state("networkidle" if "/live/" in path else "load")
    assert_still(page)
    assert_accessible(page)
    assert page.evaluate(WIDER) <= 0, f"{path} is wider than the screen"


SHOP = (
    "/",
    "/?postal_code=75011",
    "/?postal_code=01000",
    "/?postal_code=7501",
    f"/carte/{STORE}/",
    f"/carte/{STORE}/reine/",
    "/panier/",
    "/suivre/",
    "/rien-de-tel/",
    "/equipe/connexion/",
    "/api/v1/docs",
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_shop_is_accessible_and_still_on_a_phone(people: People, scheme: str) -> None:
    guest = people.someone(PHONE, color_scheme=scheme)
    for path in SHOP:
        _look(guest, path)
    put_in_cart(guest, "Reine")
    for path in ("/panier/", "/commander/"):
        _look(guest, path)
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    expect(guest.get_by_role("alert")).to_be_visible()
    assert_accessible(guest)
    fill_in(guest, last_name="Accessible")
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    guest.wait_for_url(TOKEN)
    assert_accessible(guest)


def test_every_page_of_the_shop_is_accessible_and_still_on_a_desktop(people: People) -> None:
    guest = people.someone(DESKTOP)
    for path in SHOP:
        _look(guest, path)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_the_back_office_is_accessible_and_still(people: People, scheme: str) -> None:
    number = place_order(people.someone(PHONE), last_name="Visible")
    base = f"/equipe/{STORE}"
    for identifier, device, paths in (
        ("luca.bastille", TABLET, [f"{base}/cuisine/", f"{base}/realisables/"]),
        ("karim.bastille", PHONE, [f"{base}/livraisons/"]),
        ("chloe.bastille", TABLET, [f"{base}/comptoir/", f"{base}/commandes/{number}/annuler/"]),
        (
            "renata.bastille",
            DESKTOP,
            ["/equipe/", f"{base}/commandes/", f"{base}/commandes/{number}/", f"{base}/stock/commande/"],
        ),
        ("renata.bastille", PHONE, [f"{base}/prix/", f"{base}/ventes/", f"{base}/encaissements/"]),
        ("renata.bastille", PHONE, [f"{base}/journee/", f"{base}/commandes/", f"{base}/commandes/{number}/"]),
        ("diane.direction", DESKTOP, ["/equipe/groupe/", "/equipe/vieux-port/commandes/", "/equipe/ventes/"]),
    ):
        someone = people.someone(device, color_scheme=scheme)
        sign_in(someone, identifier)
        for path in paths:
            _look(someone, path)


def test_the_recipe_is_one_tap_away_and_accessible(people: People) -> None:
    number = place_order(people.someone(PHONE), last_name="Recette", pizza="Reine")
    kitchen = people.someone(TABLET)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    ticket(kitchen, number).get_by_role("link", name=re.compile("Reine")).click()
    recipe = kitchen.get_by_role("dialog")
    expect(recipe).to_contain_text("g")
    expect(recipe).to_contain_text("Allergènes")
    expect(recipe).to_contain_text("Préparation")
    assert_accessible(kitchen)
    kitchen.keyboard.press("Escape")
    expect(recipe).to_be_hidden()
    tap(kitchen, number, "Je prends")


def _tab_to(page: Page, matches: Callable[[str], bool], *, most: int = 120) -> None:
    """Press Tab until the focus is on what is looked for, as somebody without a mouse does."""
    for _press in range(most):
        page.keyboard.press("Tab")
        words = page.evaluate(
            "(document.activeElement?.textContent || document.activeElement?.id || '').replace(/\\s+/g, ' ').trim()"
        )
        if matches(words):
            return
    pytest.fail(f"the keyboard never got there on {page.url}")


def test_a_guest_orders_with_the_keyboard_alone(people: People) -> None:
    guest = people.someone(DESKTOP)
    guest.goto(f"/carte/{STORE}/")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    _tab_to(guest, lambda words: words.startswith("Ajouter Reine"))
    guest.keyboard.press("Enter")
    expect(guest.locator(".cart-pill__count")).to_be_visible()
    guest.goto("/commander/")
    for field, value in (
        ("first_name", "Sylvie"), ("last_name", "Clavier"), ("phone", "0639981234"),
        ("street", "3 rue de la Roquette"), ("postal_code", "75011"), ("town", "Paris"),
    ):  # fmt: skip
        _tab_to(guest, lambda words, field=field: words == field)  # type: ignore[misc]
        guest.keyboard.type(value)
    guest.keyboard.press("Tab")
    expect(guest.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    _tab_to(guest, lambda words: words.startswith("Commander ·"))
    guest.keyboard.press("Enter")
    guest.wait_for_url(TOKEN)


def test_a_guest_without_javascript_orders_up_to_the_confirmation(people: People) -> None:
    guest = people.someone(PHONE, java_script_enabled=False)
    guest.goto("/?postal_code=75011")
    guest.get_by_role("link", name="OC Pizza Bastille").first.click()
    reine = guest.locator(".pizza-card").filter(has=guest.get_by_role("heading", name="Reine", exact=True))
    reine.get_by_role("button", name="Ajouter").click()
    guest.goto("/commander/")
    fill_in(guest, last_name="Sans Script")
    guest.get_by_role("button", name="Recalculer le total").click()
    expect(guest.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    guest.get_by_role("button", name=re.compile("^Commander ·")).click()
    guest.wait_for_url(TOKEN)
    expect(guest.locator("h1.order-number")).to_contain_text("P-")


def test_the_whole_shop_speaks_english_after_one_tap(people: People) -> None:
    guest = people.someone(PHONE)
    guest.goto(f"/carte/{STORE}/")
    guest.get_by_role("link", name="View the site in English").click()
    expect(guest.locator("html")).to_have_attribute("lang", "en")
    expect(guest.locator(".pizza-card").first).to_contain_text("€8.90")
    guest.goto("/panier/")
    expect(guest.get_by_role("heading", level=1)).to_have_text("Your basket is empty")
