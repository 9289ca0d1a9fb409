"""The shop and the kitchen through nginx, over HTTPS, under its content security policy: a violation is a complaint of the page."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.fronted import FrontedSite
from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import STORE, assert_accessible, assert_still, current_step, place_order, sign_in, tap, ticket

pytestmark = pytest.mark.browser

TRUSTING = {"ignore_https_errors": True}
LOOKS = [(device, scheme) for device in (PHONE, DESKTOP) for scheme in ("light", "dark")]


@pytest.fixture
def people(chromium: Browser, fronted: FrontedSite) -> Iterator[People]:
    cast = People(chromium, f"https://localhost:{fronted.front.tls_port}")
    yield cast
    for context in cast.contexts:
        context.close()
    assert not cast.complaints, "\n".join(cast.complaints)


def test_an_order_goes_from_the_menu_to_the_kitchen_and_its_page_follows(people: People) -> None:
    guest, kitchen = people.someone(PHONE, **TRUSTING), people.someone(TABLET, **TRUSTING)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    expect(kitchen.locator("html")).to_have_attribute("data-live-state", "live")

    number = place_order(guest, last_name="Derrière")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    tap(kitchen, number, "Je prends")

    expect(current_step(guest)).to_have_text("Prise en charge")
    expect(ticket(kitchen, number)).to_contain_text("Luca")


def test_the_menu_says_when_a_pizza_would_be_at_the_clients_own_door(people: People) -> None:
    guest = people.someone(PHONE, **TRUSTING)
    guest.goto("/?postal_code=75011")
    guest.goto(f"/carte/{STORE}/")
    expect(guest.locator("#expected")).to_contain_text("Livrée vers")


def test_no_page_asks_for_what_the_policy_refuses(people: People) -> None:
    guest, staff = people.someone(DESKTOP, **TRUSTING), people.someone(DESKTOP, **TRUSTING)
    for path in (
        "/",
        f"/carte/{STORE}/",
        f"/carte/{STORE}/reine/?lang=en",
        "/panier/",
        "/suivre/",
        "/nulle-part/",
        "/api/v1/docs",
    ):
        guest.goto(path)
        assert_still(guest)
    sign_in(staff, "renata.bastille")
    for page in ("cuisine", "realisables", "livraisons", "comptoir", "commandes"):
        staff.goto(f"/equipe/{STORE}/{page}/")
        assert_still(staff)


@pytest.mark.parametrize(("device", "scheme"), LOOKS)
def test_the_maintenance_page_is_the_houses_own_and_leads_back(
    people: People, fronted: FrontedSite, device: dict[str, object], scheme: str
) -> None:
    guest = people.someone(device, color_scheme=scheme, **TRUSTING)
    with fronted.without_pages():
        guest.goto(f"/carte/{STORE}/")
        expect(guest.get_by_role("heading", level=1)).to_have_text("Nous farinons le plan de travail")
        # The style inside the page is in force: the policy knows it.
        assert guest.evaluate("getComputedStyle(document.body).display") == "grid"
        assert guest.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert_accessible(guest)
    guest.get_by_role("link", name="Réessayer").click()
    expect(guest.locator(".pizza-card").first).to_be_visible()
