"""UC 1.2 to 1.4 and 2.1 by the cashier: on the phone and at the counter, in a real browser, by keyboard alone."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import DESKTOP, People
from tests.journeys.steps import STORE, assert_accessible, sign_in, until_held

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


def listening(page: Page) -> None:
    """The sheet that has just come takes keys: what is typed before its script runs is typed into nothing."""
    page.wait_for_load_state("load")


def placed(page: Page) -> str:
    told = page.get_by_text(re.compile(r"Commande P-\w{5} enregistrée"))
    expect(told).to_be_visible()
    listening(page)
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


def test_uc_1_2_the_next_caller_interrupts_and_what_is_refused_is_mended_where_it_is(people: People) -> None:
    """UC 1.2, alternative and exception: put aside, taken up again; a missing street, a product that is none."""
    page, keys = at_the_desk(people)
    keys.type("0639981202")
    keys.press("Enter")
    expect(page.locator("#first_name")).to_be_focused()
    keys.type("Interrompue")
    keys.press("Escape")
    keys.type("marg")
    expect(page.get_by_role("option", name=re.compile("Margherita")).first).to_be_visible()
    assert_accessible(page)
    keys.press("Enter")
    expect(page.locator(".desk__lines")).to_contain_text("Margherita")
    keys.press("F9")
    waiting = page.get_by_role("link", name=re.compile("Interrompue")).last
    expect(waiting).to_be_visible()
    listening(page)
    expect(page.locator("#phone")).to_be_focused()
    waiting.focus()
    keys.press("Enter")
    expect(page.locator(".desk__lines")).to_contain_text("Margherita")
    expect(page.locator("#first_name")).to_have_value("Interrompue")
    listening(page)
    expect(page.locator("#typed")).to_be_focused()
    keys.type("truffe blanche")
    keys.press("Enter")
    expect(page.get_by_text("Rien à la carte ne commence ainsi.").first).to_be_visible()
    keys.press("Escape")
    page.locator("#typed").fill("")
    keys.press("Enter")
    settled(page)
    keys.press("Enter")
    expect(page.locator("#last_name_error")).to_have_text("Ce champ est obligatoire.")
    expect(page.locator("#last_name")).to_be_focused()
    assert_accessible(page)


def test_what_is_put_aside_at_once_has_the_product_that_was_on_its_way(people: People) -> None:
    page, keys = at_the_desk(people)
    keys.type("0639981205")
    keys.press("Enter")
    expect(page.locator("#first_name")).to_be_focused()
    keys.type("Pressée")
    keys.press("Escape")
    settled(page)
    held: list[Route] = []

    def hold_the_product(route: Route) -> None:
        is_product = 'name="add"' in (route.request.post_data or "")
        held.append(route) if is_product else route.continue_()

    page.route(re.compile(r"/comptoir/commande/"), hold_the_product)
    keys.type("marg")
    expect(page.get_by_role("option", name=re.compile("Margherita")).first).to_be_visible()
    keys.press("Enter", "F9")
    until_held(page, held)
    # Time enough for what was pressed next to overtake it.
    page.wait_for_timeout(500)
    for route in held:
        route.continue_()
    waiting = page.get_by_role("link", name=re.compile("Pressée")).last
    expect(waiting).to_contain_text("1 ligne")
    waiting.click()
    expect(page.locator(".desk__lines")).to_contain_text("Margherita")


def test_letters_typed_after_a_choice_among_what_was_found_choose_anew(people: People) -> None:
    """The place of the old list is none in the new one: the likeliest of what is typed now is added."""
    page, keys = at_the_desk(people)
    options = page.locator("#found [data-place]")
    page.locator("#typed").focus()
    keys.type("marg")
    expect(options.nth(1)).to_be_visible()
    likeliest = options.first.locator("b").inner_text().partition("× ")[2]
    page.locator("#typed").fill("")
    expect(options.first).to_be_hidden()
    keys.type("mar")
    expect(options.nth(1)).to_be_visible()
    keys.press("ArrowDown")
    # The list for what is typed now does not come before it is added.
    page.route(re.compile(r"[?&]q=marg"), lambda _route: None)
    keys.type("g")
    keys.press("Enter")
    expect(page.locator(".desk__line b")).to_have_text([likeliest])


def test_uc_1_3_and_1_4_by_phone_the_order_is_found_changed_and_cancelled(people: People) -> None:
    """UC 1.3 and 1.4 by the cashier: found by the phone, a pizza more, then cancelled with a reason."""
    page, keys = at_the_desk(people)
    number = order_by_phone(page, keys, phone="0639981203", name="Hésitante")
    expect(page.locator("#phone")).to_be_focused()
    keys.type("0639981203")
    keys.press("Enter")
    page.get_by_role("link", name=number).click()
    page.get_by_role("link", name="Modifier").first.click()
    page.get_by_label("Quantité Reine").fill("3")
    page.get_by_role("button", name="Comparer avant et après").click()
    expect(page.get_by_text("3 × Reine").first).to_be_visible()
    page.get_by_role("button", name="Confirmer la modification").click()
    expect(page.get_by_text(f"La commande {number} est modifiée.")).to_be_visible()
    page.get_by_role("link", name=re.compile("Annuler")).first.click()
    page.get_by_label(re.compile("Motif|Raison|Pourquoi")).fill("le client ne vient plus")
    page.get_by_role("button", name=re.compile("Annuler")).first.click()
    expect(page.get_by_text("Annulée").first).to_be_visible()


def test_uc_1_2_at_the_counter_it_is_paid_now_and_found_again_when_it_is_fetched(people: People) -> None:
    """UC 1.2 at the counter: one key says so, paid now, found by its number among what is to be fetched."""
    page, keys = at_the_desk(people)
    keys.press("F2", "F4")
    keys.type("0639981204")
    keys.press("Enter")
    expect(page.locator("#first_name")).to_be_focused()
    keys.type("Bruno")
    keys.press("Enter")
    keys.type("Comptoir")
    keys.press("Escape")
    keys.type("rei")
    keys.press("Enter")
    expect(page.locator(".desk__lines")).to_contain_text("Reine")
    page.get_by_role("checkbox", name=re.compile("Payée maintenant")).focus()
    keys.press("Space", "Escape", "Enter")
    settled(page)
    expect(page.get_by_text(re.compile("Prête vers"))).to_be_visible()
    page.locator("#place").focus()
    keys.press("Enter")
    page.wait_for_url(re.compile("/encaisser/"))
    found = re.search(r"P-\w{5}", page.url)
    assert found
    page.goto(f"/equipe/{STORE}/comptoir/")
    page.get_by_role("searchbox").fill("Bruno")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(f'[data-ticket^="{found.group()} "]')).to_be_visible()
    expect(page.locator("[data-ticket]")).to_have_count(1)
    assert_accessible(page)


def test_uc_1_2_what_the_site_refuses_of_the_sheet_is_said_not_to_be_saved(people: People) -> None:
    """The sheet has lost its cookie: the site has saved nothing, and Chloé reads that."""
    page, keys = at_the_desk(people)
    page.context.clear_cookies(name="csrftoken")
    page.locator("#typed").focus()
    keys.type("reine")
    keys.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="Rien n’a été enregistré")).to_be_visible()
    settled(page)
    expect(page.locator("#typed")).to_have_value("reine")
    page.reload()
    expect(page.locator(".desk__lines")).not_to_contain_text("Reine")


def test_uc_1_2_a_product_whose_answer_is_lost_is_not_said_to_have_been_lost(people: People) -> None:
    """The site has the pizza, and only its answer never came: who reads « rien n’a été enregistré » would add it twice."""
    page, keys = at_the_desk(people)
    # The browser calls a machine that has nothing but itself offline: the counter has a network when the pizza is sent.
    page.evaluate("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    people.loses_requests = True

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route(f"**{SHEET}**", lose_the_answer)
    page.locator("#typed").focus()
    keys.type("reine")
    keys.press("Enter")
    expect(page.get_by_role("alert").filter(has_text="c’est peut-être enregistré quand même")).to_be_visible()
    settled(page)
    page.unroute(f"**{SHEET}**")
    page.reload()
    expect(page.locator(".desk__lines")).to_contain_text("Reine")
