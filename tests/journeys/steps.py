"""What people do on the pages, in their words."""

import re
import time
from collections.abc import Sequence

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

PASSWORD = "pizza-demo-2026"
STORE = "bastille"
TOKEN = re.compile(r"/commande/[\w-]{20,}/$")

REST = """() => {
  const rest = new CSSStyleSheet();
  rest.replaceSync("*, *::before, *::after { transition: none !important; }");
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, rest];
}"""
MOVE_AGAIN = "() => { document.adoptedStyleSheets = document.adoptedStyleSheets.slice(0, -1); }"
"""A colour on its way to another is neither; what was scrolled past in a moment stays on its way until somebody scrolls back."""

SHIFT = """() => new Promise((done) => {
  let total = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) total += entry.value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => done(total), 400);
})"""


def sign_in(page: Page, identifier: str) -> None:
    page.goto("/equipe/connexion/")
    page.get_by_label("Identifiant").fill(identifier)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Se connecter", exact=True).click()
    expect(page).not_to_have_url(re.compile("/equipe/connexion/"))
    expect(page.locator(".staff-header__who")).to_be_visible()


def until_held(page: Page, held: Sequence[object], *, of: int = 1) -> None:
    """Wait until so many requests of a page are held back by the test."""
    for _wait in range(600):
        if len(held) >= of:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{len(held)} requests came, {of} are waited for")


def code_of(secret: str, *, steps: int = 0) -> str:
    """What an application of codes shows now for this key, or so many half minutes later."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps)))


def put_in_cart(page: Page, pizza: str, *, live: str = "live") -> None:
    """One tap on the menu: the usual size. `live` is the state in which the page's connection settles."""
    page.goto(f"/carte/{STORE}/")
    expect(page.locator("html")).to_have_attribute("data-live-state", live)
    card = page.locator(".pizza-card").filter(has=page.get_by_role("heading", name=pizza, exact=True))
    # A cart that holds something already shows its count before the answer has come.
    with page.expect_response(lambda answer: answer.request.method == "POST" and "/panier/" in answer.url):
        card.get_by_role("button", name="Ajouter").click()
    expect(page.locator(".cart-pill__count")).to_be_visible()


def fill_in(page: Page, *, last_name: str, first_name: str = "Gaspard") -> None:
    """Who and where to; a delivery in Bastille's own street."""
    page.get_by_label("Prénom").fill(first_name)
    page.get_by_label("Nom", exact=True).fill(last_name)
    page.get_by_label("Téléphone").fill("06 39 98 12 34")
    elsewhere = page.get_by_role("radio", name="Une autre adresse")
    if elsewhere.count():
        # Whoever has an account is offered those that it keeps.
        elsewhere.check()
    page.get_by_label("Numéro et rue").fill("3 rue de la Roquette")
    page.get_by_label("Code postal").fill("75011")
    page.get_by_label("Ville").fill("Paris")
    page.get_by_label("Ville").blur()
    # Until then the form says what it cost without a delivery, and an order for that is refused.
    expect(page.locator("form.checkout.htmx-request")).to_have_count(0)


def place_order(page: Page, *, last_name: str, pizza: str = "Reine", live: str = "live") -> str:
    """From the menu to the order's page; the order's number."""
    put_in_cart(page, pizza, live=live)
    page.goto("/commander/")
    fill_in(page, last_name=last_name)
    page.get_by_role("radio", name="Espèces").check()
    expect(page.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Commander ·")).click()
    page.wait_for_url(TOKEN)
    return number_on(page)


def number_on(page: Page) -> str:
    found = re.search(r"P-\w{5}", page.locator("h1.order-number").inner_text())
    assert found, page.locator("h1.order-number").inner_text()
    return found.group()


def ticket(page: Page, number: str) -> Locator:
    """The order's ticket on a board, or its card on the driver's page."""
    return page.locator(f'[data-ticket^="{number} "]')


def tap(page: Page, number: str, words: str) -> None:
    ticket(page, number).get_by_role("button", name=words).click()


def current_step(page: Page) -> Locator:
    return page.locator('.step[aria-current="step"] .step__name')


def assert_accessible(page: Page) -> None:
    """Axe finds nothing to say against this page, as it stands."""
    page.evaluate(REST)
    found = Axe().run(page).response["violations"]
    page.evaluate(MOVE_AGAIN)
    told = [f"{each['id']}: {node['html'][:160]} {node['failureSummary']}" for each in found for node in each["nodes"]]
    assert not told, f"{page.url}\n" + "\n".join(told)


def assert_still(page: Page) -> None:
    """Nothing jumped while the page loaded."""
    shift = page.evaluate(SHIFT)
    assert shift < 0.02, f"{page.url} moved by {shift:.3f} while it loaded"
