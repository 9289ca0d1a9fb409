"""What happens elsewhere is seen here: stock on the menu, moves on a page that lost its connection (UC 4.4, 4.5)."""

import re
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import APIResponse, Locator, Page, Route, expect

from tests.journeys.conftest import PHONE, TABLET, People
from tests.journeys.steps import STORE, assert_accessible, current_step, place_order, sign_in, tap, ticket, until_held

pytestmark = pytest.mark.browser

COUNT_NEWS = """() => {
  window.news = 0;
  document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, xhr } }) => {
    if (requestConfig.verb === "get" && xhr.status === 200) window.news += 1;
  });
}"""


class Held:
    """The first that a page asks by this method at such an address: the site acts upon it, and the test gives the answer."""

    def __init__(self, page: Page, address: str, method: str) -> None:
        self.page, self.method, self.is_first = page, method, True
        self.answers: list[tuple[Route, APIResponse]] = []
        page.route(re.compile(address), self._hold)

    def _hold(self, route: Route) -> None:
        if route.request.method == self.method and self.is_first:
            self.is_first = False
            self.answers.append((route, route.fetch()))
        else:
            route.continue_()

    def wait(self) -> None:
        _until(self.page, lambda: bool(self.answers))

    def give(self) -> None:
        route, answer = self.answers[0]
        route.fulfill(response=answer)


def _until(page: Page, holds: Callable[[], bool], *, seconds: int = 30) -> None:
    for _wait in range(seconds * 20):
        if holds():
            return
        page.wait_for_timeout(50)
    pytest.fail("it never came")


def _news(page: Page) -> int:
    """How many refreshes have brought something new to a board, shown or not."""
    return int(page.evaluate("window.news"))


def _board(people: People, who: str) -> Page:
    # High enough for all that the tests before have left: a place, once measured, does not scroll away.
    board = people.someone(TABLET | {"viewport": {"width": 1280, "height": 4000}})
    sign_in(board, who)
    board.goto(f"/equipe/{STORE}/cuisine/")
    expect(board.locator("html")).to_have_attribute("data-live-state", "live")
    board.evaluate(COUNT_NEWS)
    return board


def _two_orders(people: People) -> tuple[str, str]:
    guest = people.someone(PHONE)
    return place_order(guest, last_name="Première"), place_order(guest, last_name="Seconde")


def _middle(button: Locator) -> tuple[float, float]:
    button.scroll_into_view_if_needed()
    box = button.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def _click(page: Page, place: tuple[float, float], *, at: float) -> None:
    """A click that the machine has noticed at this time of the clock, whenever the page hears of it."""
    devtools = page.context.new_cdp_session(page)
    for kind in ("mousePressed", "mouseReleased"):
        where = {"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1}
        devtools.send("Input.dispatchMouseEvent", where | {"timestamp": at})
    devtools.detach()


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


def test_a_tap_without_a_network_is_said_where_it_is_seen_and_the_next_one_arrives(people: People) -> None:
    """UC 1.1: in the metro a pizza is chosen far down the menu, and does not just stay out of the cart."""
    guest = people.someone(PHONE)
    guest.goto(f"/carte/{STORE}/")
    expect(guest.locator("html")).to_have_attribute("data-live-state", "live")
    people.loses_requests = True
    add = guest.locator(".pizza-card").last.get_by_role("button", name="Ajouter")
    add.scroll_into_view_if_needed()
    guest.context.set_offline(True)
    add.click()
    lost = guest.get_by_role("alert").filter(has_text="Rien n’est parti : vérifiez la connexion, puis réessayez.")
    expect(lost).to_be_in_viewport()
    assert_accessible(guest)
    guest.context.set_offline(False)
    add.click()
    expect(guest.locator(".cart-pill__count")).to_have_text("1 article")
    expect(lost).to_have_count(0)


@pytest.mark.parametrize("lost", ["the server", "the network"])
def test_a_move_whose_answer_is_lost_is_not_said_to_have_been_lost(people: People, lost: str) -> None:
    """UC 4.1: the order is taken, and only the answer never came: who reads « rien n’a été enregistré » would take it twice."""
    number = place_order(people.someone(PHONE), last_name="Ascenseur")
    kitchen = people.someone(TABLET)
    # The browser calls a machine that has nothing but itself offline: the kitchen's tablet has a network when it is tapped.
    kitchen.add_init_script("Object.defineProperty(navigator, 'onLine', { get: () => true })")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    people.loses_requests = True

    def lose_the_answer(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            kitchen.context.set_offline(lost == "the network")
            route.abort("connectionreset")
        else:
            route.continue_()

    kitchen.route("**/equipe/**", lose_the_answer)
    tap(kitchen, number, "Je prends")
    told = kitchen.get_by_role("alert").filter(
        has_text="Un problème est survenu : c’est peut-être enregistré quand même."
    )
    expect(told).to_be_visible()
    kitchen.context.set_offline(False)
    expect(ticket(kitchen, number)).to_contain_text("Luca")


def test_a_move_that_is_refused_is_said_not_to_be_saved(people: People) -> None:
    """UC 4.1: a page that has lost its cookie is refused by the site, which has then saved nothing, and says so."""
    number = place_order(people.someone(PHONE), last_name="Biscuit")
    kitchen = people.someone(TABLET)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    kitchen.context.clear_cookies(name="csrftoken")
    tap(kitchen, number, "Je prends")
    expect(kitchen.get_by_role("alert").filter(has_text="Rien n’a été enregistré")).to_be_visible()
    expect(ticket(kitchen, number)).not_to_contain_text("Luca")
    # The browser notes the refusal, and nothing else.
    [noted] = people.complaints
    assert "Error Code 403" in noted
    people.complaints.clear()


def test_a_page_whose_live_stream_is_blocked_looks_for_itself(people: People) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    guest.route("**/live/**", lambda route: route.abort())
    number = place_order(guest, last_name="Sans Flux", live="lost")
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    tap(kitchen, number, "Je prends")
    expect(current_step(guest)).to_have_text("Prise en charge", timeout=20_000)
    expect(guest.locator("#progress .live-dot")).to_have_text("Reconnexion…")


def test_a_board_that_hears_nothing_any_more_connects_anew_and_one_that_hears_the_beat_does_not(people: People) -> None:
    kitchen = people.someone(TABLET)
    kitchen.clock.install()
    sign_in(kitchen, "luca.bastille")
    asked: list[str] = []
    heard: list[str] = []
    kitchen.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    devtools = kitchen.context.new_cdp_session(kitchen)
    devtools.on("Network.eventSourceMessageReceived", lambda event: heard.append(event["eventName"]))
    devtools.send("Network.enable")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    expect(kitchen.locator("html")).to_have_attribute("data-live-state", "live")
    # The page before it, which signing in leads to, may have asked for its own.
    asked.clear()
    kitchen.clock.fast_forward(20_000)
    # The site says that it is there 15 s after the last thing that it said.
    _until(kitchen, lambda: "beat" in heard, seconds=90)
    kitchen.clock.fast_forward(40_000)
    kitchen.wait_for_timeout(500)
    assert not asked
    kitchen.clock.fast_forward(46_000)
    _until(kitchen, lambda: len(asked) == 1)
    expect(kitchen.locator("html")).to_have_attribute("data-live-state", "live")


def test_a_refresh_that_never_gets_its_answer_does_not_keep_later_news_waiting(people: People) -> None:
    number = place_order(people.someone(PHONE), last_name="Pendue")
    kitchen, other = _board(people, "luca.bastille"), _board(people, "awa.bastille")
    # As long as it takes, in a fifth of the time.
    kitchen.evaluate("htmx.config.timeout /= 5")
    people.loses_requests = True
    refreshes = Held(kitchen, "/cuisine/", "GET")
    tap(other, number, "Je prends")
    refreshes.wait()
    tap(other, number, "Je commence")
    expect(ticket(kitchen, number).get_by_role("button", name="Prête")).to_be_visible()


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
    until_held(guest, held)
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
    until_held(guest, held)
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


def test_a_button_stays_under_the_finger_that_is_on_it_and_what_came_meanwhile_is_shown_after(people: People) -> None:
    first, second = _two_orders(people)
    kitchen, other = _board(people, "luca.bastille"), _board(people, "awa.bastille")
    refreshes = Held(kitchen, "/cuisine/", "GET")
    tap(other, first, "Je prends")
    refreshes.wait()
    kitchen.mouse.move(*_middle(ticket(kitchen, second).get_by_role("button", name="Je prends")))
    kitchen.mouse.down()
    refreshes.give()
    _until(kitchen, lambda: _news(kitchen) > 0)
    kitchen.mouse.up()
    expect(ticket(kitchen, second)).to_contain_text("Luca")
    expect(ticket(kitchen, first)).to_contain_text("Awa")


def test_what_came_under_a_finger_that_moves_nothing_is_shown_when_it_is_lifted(people: People) -> None:
    number = place_order(people.someone(PHONE), last_name="Doigt")
    kitchen, other = _board(people, "luca.bastille"), _board(people, "awa.bastille")
    kitchen.mouse.move(*_middle(kitchen.locator("#col-taken")))
    kitchen.mouse.down()
    tap(other, number, "Je prends")
    _until(kitchen, lambda: _news(kitchen) > 0)
    kitchen.mouse.up()
    expect(ticket(kitchen, number)).to_contain_text("Awa")


def test_a_double_tap_moves_one_order_however_long_the_page_takes_to_draw(people: People) -> None:
    first, _second = _two_orders(people)
    kitchen = _board(people, "luca.bastille")
    button = ticket(kitchen, first).get_by_role("button", name="Je prends")
    place, tapped = _middle(button), time.time()
    _click(kitchen, place, at=tapped)
    expect(ticket(kitchen, first)).to_contain_text("Luca")
    kitchen.wait_for_timeout(500)
    under = kitchen.evaluate(
        "([x, y]) => document.elementFromPoint(x, y).closest('[data-ticket]')?.dataset.ticket", place
    )
    assert under, "nothing slid under the finger"
    moves: list[str] = []
    kitchen.on("request", lambda request: moves.append(request.url) if request.method == "POST" else None)
    _click(kitchen, place, at=tapped + 0.2)
    kitchen.wait_for_timeout(500)
    assert not moves, under


def test_two_taps_that_a_busy_page_hears_at_once_both_count(people: People) -> None:
    first, second = _two_orders(people)
    kitchen = _board(people, "luca.bastille")
    places = [_middle(ticket(kitchen, number).get_by_role("button", name="Je prends")) for number in (second, first)]
    # Its answer would move what is under the second tap.
    moves = Held(kitchen, f"/{second}/avancer/", "POST")
    now = time.time()
    _click(kitchen, places[0], at=now - 0.8)
    _click(kitchen, places[1], at=now)
    moves.wait()
    moves.give()
    for number in (first, second):
        expect(ticket(kitchen, number)).to_contain_text("Luca")


def test_a_refresh_that_a_move_has_overtaken_does_not_show_the_board_as_it_was(people: People) -> None:
    first, second = _two_orders(people)
    kitchen, other = _board(people, "luca.bastille"), _board(people, "awa.bastille")
    refreshes = Held(kitchen, "/cuisine/", "GET")
    tap(other, first, "Je prends")
    refreshes.wait()
    tap(kitchen, second, "Je prends")
    expect(ticket(kitchen, second)).to_contain_text("Luca")
    # The next refresh would put it right: here it never comes.
    people.loses_requests = True
    kitchen.route("**/cuisine/**", lambda route: route.abort())
    refreshes.give()
    _until(kitchen, lambda: _news(kitchen) > 0)
    assert "Luca" in ticket(kitchen, second).inner_text()


def test_the_board_after_two_moves_at_once_is_the_latest_and_the_words_of_both_are_said(people: People) -> None:
    """The first move's answer is slow, and shows the board from before the second."""
    first, second = _two_orders(people)
    kitchen, other = _board(people, "luca.bastille"), _board(people, "awa.bastille")
    moves = Held(kitchen, f"/{first}/avancer/", "POST")
    tap(kitchen, first, "Je prends")
    moves.wait()
    _until(kitchen, lambda: _news(kitchen) > 0)
    tap(other, second, "Je prends")
    expect(ticket(other, second)).to_contain_text("Awa")
    # Two taps of one hand, and not one tap twice.
    kitchen.wait_for_timeout(500)
    with kitchen.expect_event("requestfinished", lambda request: f"/{second}/avancer/" in request.url):
        tap(kitchen, second, "Je prends")
    moves.give()
    expect(kitchen.get_by_text(f"Awa s’occupe déjà de la commande {second}")).to_be_visible()
    expect(ticket(kitchen, first)).to_contain_text("Luca")
    expect(ticket(kitchen, second)).to_contain_text("Awa")


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
