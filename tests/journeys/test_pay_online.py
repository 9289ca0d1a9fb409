"""B31: paid by card on the page, in a real browser, against the double; Stripe.js is a stand-in in frames of Stripe's origins.

After each test, what was typed into Stripe's fields is looked for in everything that any page has sent to our site.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FrameLocator, Locator, Page, Request, Route, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import (
    PASSWORD,
    STORE,
    TOKEN,
    assert_accessible,
    assert_still,
    current_step,
    fill_in,
    number_on,
    put_in_cart,
    sign_in,
    ticket,
    until_held,
)
from tests.running import Site, free_port, migrated_data_folder, start_site, stop_site
from tests.stripe_double import ASKS_3DS, FINE, NO_FUNDS, StripeDouble

pytestmark = pytest.mark.browser

STAND_INS = Path(__file__).resolve().parent.parent / "stripe_js"
SERVED = {"/stripe.js": "stand_in.js", "/fields.html": "fields.html", "/bank.html": "bank.html"}
PAY = re.compile(r"/commande/[\w-]{20,}/payer/$")
PAYS = re.compile(r"^Payer \d")
WIDER = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"


@dataclass
class Clients(People):
    """People whose browsers find Stripe's addresses at the stand-in and the double."""

    stripe: StripeDouble | None = None
    sent: list[Request] = field(default_factory=list)

    def someone(self, device: dict[str, Any], **options: Any) -> Page:
        # A route sees nothing of what a service worker asks for, and these journeys cut requests.
        page = super().someone(device, service_workers="block", **options)
        page.context.route(re.compile(r"https://(js|hooks)\.stripe\.com/"), self._stand_in)
        page.context.route("https://api.stripe.com/**", self._to_the_double)
        page.context.on("request", self._note)
        return page

    def _note(self, request: Request) -> None:
        self.sent.append(request)

    def _stand_in(self, route: Route) -> None:
        [name] = [name for end, name in SERVED.items() if route.request.url.endswith(end)]
        route.fulfill(path=STAND_INS / name)

    def _to_the_double(self, route: Route) -> None:
        assert self.stripe
        route.fulfill(response=route.fetch(url=route.request.url.replace("https://api.stripe.com", self.stripe.url)))


@pytest.fixture(scope="module")
def paying_site(stripe_programs: StripeDouble) -> Iterator[Site]:
    folder = migrated_data_folder()
    running = start_site(folder, port=free_port(), DEMO_DAYS="1", **stripe_programs.keys)
    yield running
    assert stop_site(running) == 0, running.output.read_text()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def people(chromium: Browser, paying_site: Site, stripe: StripeDouble) -> Iterator[Clients]:
    stripe.webhook_url = f"{paying_site.url}/stripe/webhook"
    cast = Clients(chromium, paying_site.url, stripe=stripe)
    yield cast
    for context in cast.contexts:
        context.close()
    assert not cast.complaints, "\n".join(cast.complaints)
    ours = [request for request in cast.sent if request.url.startswith(paying_site.url)]
    assert len(ours) > 5
    for request in ours:
        told = f"{request.url} {request.headers} {request.post_data}"
        for card in (FINE, ASKS_3DS, NO_FUNDS):
            assert card not in re.sub(r"(?<=\d)[ +.-]|%20", "", told), request.url


def to_pay(page: Page, last_name: str) -> None:
    """From the menu to the page where it is paid, the card's fields open."""
    put_in_cart(page, "Reine")
    page.goto("/commander/")
    fill_in(page, last_name=last_name)
    page.get_by_role("radio", name="Carte en ligne").check()
    expect(page.get_by_text(re.compile("Livrée vers"))).to_be_visible()
    page.get_by_role("button", name=re.compile("^Continuer vers le paiement")).click()
    page.wait_for_url(PAY)
    expect(pays(page)).to_be_enabled()


def pays(page: Page) -> Locator:
    return page.get_by_role("button", name=PAYS)


def card_fields(page: Page) -> FrameLocator:
    return page.frame_locator("#pay-fields iframe")


def type_card(page: Page, number: str = FINE) -> None:
    card_fields(page).get_by_label("Numéro de carte").fill(number)
    card_fields(page).get_by_label("Expiration").fill("12 / 39")
    card_fields(page).get_by_label("Code de sécurité").fill("123")


def the_bank(page: Page) -> FrameLocator:
    return page.frame_locator("dialog iframe")


def said(page: Page) -> Locator:
    return page.locator("#pay-said")


def is_paid(page: Page, stripe: StripeDouble) -> None:
    """On the order's page, paid once: by the way back, or by the live news if that is faster and breaks it off."""
    expect(page).to_have_url(TOKEN)
    expect(current_step(page)).to_have_text("Reçue")
    expect(page.get_by_text("Carte en ligne · payée")).to_be_visible()
    [intent] = stripe.intents()
    assert len(stripe.charges(intent["id"])) == 1


def test_a_guest_pays_at_once_and_the_kitchen_sees_the_order_only_then(people: Clients, stripe: StripeDouble) -> None:
    guest, kitchen = people.someone(PHONE), people.someone(TABLET)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    to_pay(guest, "Comptant")
    number = re.search(r"P-\w{5}", guest.content())
    assert number
    expect(ticket(kitchen, number.group())).to_have_count(0)
    type_card(guest)
    pays(guest).click()
    is_paid(guest, stripe)
    assert number_on(guest) == number.group()
    expect(ticket(kitchen, number.group())).to_contain_text("Reine")
    guest.get_by_role("link", name="Voir le reçu").click()
    expect(guest.get_by_text(f"{STORE}-")).to_be_visible()
    assert_accessible(guest)


def test_the_bank_asks_and_the_client_says_yes(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Demandée")
    type_card(guest, ASKS_3DS)
    pays(guest).click()
    the_bank(guest).get_by_role("button", name="C’est moi").click()
    is_paid(guest, stripe)


def test_the_bank_asks_in_vain_and_another_card_pays(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(DESKTOP)
    to_pay(guest, "Double")
    type_card(guest, ASKS_3DS)
    pays(guest).click()
    the_bank(guest).get_by_role("button", name="Refuser").click()
    expect(said(guest)).to_contain_text("Paiement refusé")
    expect(said(guest)).to_contain_text("authentifier votre moyen de paiement")
    assert_accessible(guest)
    type_card(guest)
    pays(guest).click()
    is_paid(guest, stripe)


def test_a_card_is_refused_and_the_client_pays_at_the_door(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Refusée")
    type_card(guest, NO_FUNDS)
    pays(guest).click()
    expect(said(guest)).to_contain_text("Paiement refusé")
    expect(said(guest)).to_contain_text("Les fonds sur votre carte sont insuffisants.")
    expect(said(guest)).to_be_focused()
    expect(pays(guest)).to_be_enabled()
    guest.get_by_role("button", name="Espèces").click()
    guest.wait_for_url(TOKEN)
    expect(current_step(guest)).to_have_text("Reçue")
    expect(guest.get_by_text("Espèces · non payée")).to_be_visible()
    assert stripe.received() == 0


def test_a_card_is_refused_and_the_cart_is_whole(people: Clients) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Reprise")
    type_card(guest, NO_FUNDS)
    pays(guest).click()
    expect(said(guest)).to_contain_text("Paiement refusé")
    guest.get_by_role("button", name="Modifier mon panier").click()
    guest.wait_for_url(re.compile(r"\d/panier/$"))
    expect(guest.get_by_role("heading", name="Reine")).to_be_visible()


def test_a_means_that_is_ticked_while_the_page_loads_its_scripts_stays_ticked(people: Clients) -> None:
    """Who paid by card the last time has it ticked again by a script, unless they were quicker."""
    guest = people.someone(PHONE)
    to_pay(guest, "Hâtive")
    guest.get_by_role("button", name="Modifier mon panier").click()
    guest.wait_for_url(re.compile(r"\d/panier/$"))
    guest.goto("/commander/")
    expect(guest.get_by_role("radio", name="Carte en ligne")).to_be_checked()
    held: list[Route] = []
    guest.route(re.compile(r"/live\.\w*\.?js"), lambda route: held.append(route))  # noqa: PLW0108 - Playwright reads its parameters
    guest.reload(wait_until="commit")
    guest.get_by_role("radio", name="Espèces").check()
    until_held(guest, held)
    for route in held:
        route.continue_()
    guest.wait_for_load_state("load")
    expect(guest.get_by_role("radio", name="Espèces")).to_be_checked()


def test_a_double_click_and_a_second_tab_are_one_charge(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(DESKTOP)
    to_pay(guest, "Pressée")
    other = guest.context.new_page()
    other.goto(guest.url)
    expect(pays(other)).to_be_enabled()
    for page in (guest, other):
        type_card(page)
    pays(guest).dblclick()
    # The other tab may have been told already, and be on its way to the order.
    other.evaluate("document.querySelector('#pay button')?.click()")
    is_paid(guest, stripe)
    is_paid(other, stripe)


def test_going_back_after_the_payment_charges_nothing_more(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(DESKTOP)
    to_pay(guest, "Retour")
    address = guest.url
    type_card(guest)
    pays(guest).click()
    is_paid(guest, stripe)
    guest.go_back()
    is_paid(guest, stripe)
    guest.goto(address)
    is_paid(guest, stripe)


def test_a_page_that_never_comes_back_is_paid_by_the_webhook_and_another_tab_shows_it(
    people: Clients, stripe: StripeDouble
) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Partie")
    order = guest.context.new_page()
    order.goto(guest.url.removesuffix("payer/"))
    expect(current_step(order)).to_have_text("En attente de paiement")
    expect(order.get_by_role("link", name=PAYS)).to_be_visible()
    expect(order.locator("html")).to_have_attribute("data-live-state", "live")
    assert_accessible(order)
    # The battery is empty just after the bank has said yes.
    guest.route("**/payer/retour/**", lambda route: route.abort())
    guest.locator("[hx-trigger=live]").evaluate("element => element.remove()")
    type_card(guest)
    with guest.expect_event("requestfailed"):
        pays(guest).click()
    expect(current_step(order)).to_have_text("En attente de paiement")
    guest.close()
    assert stripe.deliver()[-1] == 200
    expect(current_step(order)).to_have_text("Reçue")
    expect(order.get_by_text("Carte en ligne · payée")).to_be_visible()
    assert len(stripe.charges(stripe.intents()[0]["id"])) == 1


def test_a_connection_that_breaks_once_the_card_was_charged_never_says_that_nothing_was(
    people: Clients, stripe: StripeDouble
) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Coupée")
    type_card(guest)

    def charged_in_silence(route: Route) -> None:
        [intent] = stripe.intents()
        stripe.pay(intent["id"])
        route.abort()

    guest.context.route("https://api.stripe.com/_page/confirm", charged_in_silence)
    pays(guest).click()
    is_paid(guest, stripe)


def test_without_javascript_the_door_is_offered_and_the_card_is_not(people: Clients) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Avec Script")
    plain = people.someone(PHONE, java_script_enabled=False)
    plain.goto(guest.url)
    expect(pays(plain)).to_be_hidden()
    expect(plain.get_by_text("demande JavaScript")).to_be_visible()
    plain.get_by_role("button", name="Carte au terminal").click()
    plain.wait_for_url(TOKEN)
    plain.goto(f"/carte/{STORE}/")
    plain.locator(".pizza-card").first.get_by_role("button", name="Ajouter").click()
    plain.goto("/commander/")
    expect(plain.get_by_role("radio", name="Carte en ligne")).to_be_hidden()
    expect(plain.get_by_role("radio", name="Carte au terminal")).to_be_checked()


def test_a_stripe_that_does_not_answer_leads_to_the_door(people: Clients, stripe: StripeDouble) -> None:
    guest = people.someone(PHONE)
    to_pay(guest, "Panne")
    type_card(guest)
    stripe.fault("POST /v1/payment_intents", "500", times=None)
    pays(guest).click()
    expect(said(guest)).not_to_be_empty()
    expect(pays(guest)).to_be_enabled()
    stripe.heal()
    pays(guest).click()
    is_paid(guest, stripe)


def test_who_is_signed_in_finds_the_cards_that_stripe_keeps_and_a_guest_none(
    people: Clients, stripe: StripeDouble
) -> None:
    alice, guest = people.someone(DESKTOP), people.someone(DESKTOP)
    alice.goto("/compte/connexion/")
    alice.get_by_label("Adresse électronique").fill("alice.martin@example.org")
    alice.get_by_label("Mot de passe").fill(PASSWORD)
    alice.get_by_role("button", name="Se connecter").click()
    alice.wait_for_url(re.compile(r"/compte/$"))
    to_pay(alice, "Martin")
    expect(card_fields(alice).get_by_text("Vos cartes enregistrées")).to_be_visible()
    # The same address in a browser where nobody is signed in.
    guest.goto(alice.url)
    expect(pays(guest)).to_be_enabled()
    expect(card_fields(guest).get_by_text("Vos cartes enregistrées")).to_be_hidden()
    type_card(alice)
    pays(alice).click()
    is_paid(alice, stripe)
    assert stripe.intents()[0]["customer"]


@pytest.mark.parametrize(("device", "scheme"), [(PHONE, "light"), (PHONE, "dark"), (DESKTOP, "dark")])
def test_the_payment_page_is_accessible_and_still(people: Clients, device: dict[str, Any], scheme: str) -> None:
    guest = people.someone(device, color_scheme=scheme)
    to_pay(guest, "Regardée")
    assert_still(guest)
    assert_accessible(guest)
    assert guest.evaluate(WIDER) <= 0
    guest.get_by_role("link", name="View the site in English").click()
    expect(guest.get_by_role("button", name=re.compile("^Pay €"))).to_be_enabled()
    assert_accessible(guest)


def test_uc_1_3_paid_online_cheaper_gives_back_once_and_dearer_is_due_at_the_door(
    people: Clients, stripe: StripeDouble
) -> None:
    """UC 1.3 with B31: what is paid too much goes back to the card once; what is missing is told, and paid at the door."""
    guest = people.someone(DESKTOP)
    put_in_cart(guest, "Margherita")
    to_pay(guest, "Changeante")
    type_card(guest)
    pays(guest).click()
    is_paid(guest, stripe)
    order = guest.url
    _begin_change(guest)
    guest.get_by_role("button", name=re.compile("^Retirer Margherita")).last.click()
    expect(guest.get_by_role("heading", name="Margherita")).to_have_count(0)
    _compare(guest, order)
    expect(guest.locator("#comparison")).to_contain_text("Différence qui vous est rendue")
    _confirm_change(guest)
    expect(guest.get_by_text(re.compile(r"€ rendus le \d"))).to_be_visible()
    once = stripe.given_back()
    assert 0 < once < stripe.received()
    _begin_change(guest)
    put_in_cart(guest, "Margherita")
    _compare(guest, order)
    expect(guest.locator("#comparison")).to_contain_text("Différence à payer")
    guest.get_by_role("radio", name="Espèces").check()
    assert_accessible(guest)
    _confirm_change(guest)
    expect(guest.locator("#difference")).to_contain_text("Reste à payer à la remise (espèces)")
    expect(guest.get_by_text(re.compile(r"€ rendus le \d"))).to_have_count(1)
    assert_accessible(guest)
    guest.get_by_role("link", name="Récapitulatif", exact=True).click()
    expect(guest.get_by_text("Reste à payer (espèces)")).to_be_visible()
    asked = [each for each in stripe.requests if (each.method, each.path) == ("POST", "/v1/refunds")]
    assert (len(asked), stripe.given_back()) == (1, once)


def _begin_change(page: Page) -> None:
    page.get_by_role("button", name="Modifier ma commande").click()
    page.wait_for_url("**/panier/")


def _compare(page: Page, order: str) -> None:
    page.goto(f"{order}modifier/")
    expect(page.locator("#comparison")).to_be_visible()


def _confirm_change(page: Page) -> None:
    page.get_by_role("button", name="Confirmer la modification").click()
    page.wait_for_url(TOKEN)
