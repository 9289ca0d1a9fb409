"""UC 1.2, tracked: the client reads when the order comes and why that moved, is told by mail and push, and may have silence."""

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.journeys.conftest import PHONE, TABLET, WHOLE, People, opened_browser
from tests.journeys.steps import (
    STORE,
    TOKEN,
    assert_accessible,
    current_step,
    fill_in,
    number_on,
    put_in_cart,
    sign_in,
    tap,
    ticket,
)
from tests.mailbox import Mailbox, text_of
from tests.running import Site

pytestmark = pytest.mark.browser

ASKS = """(itsKey) => new Promise((end) => {
  const done = [], filled = (number) => new Uint8Array(65).fill(number);
  const made = (endpoint) => ({ endpoint, options: { applicationServerKey: filled(itsKey).buffer },
    toJSON: () => ({ endpoint, keys: {} }), unsubscribe: async () => done.push("ended") });
  PushManager.prototype.getSubscription = async () => made("kept");
  PushManager.prototype.subscribe = async () => (done.push("asked"), made("new"));
  Notification.requestPermission = async () => "granted";
  const form = document.createElement("form");
  for (const [kind, name] of [["input", "endpoint"], ["button", ""], ["p", ""]])
    form.append(Object.assign(document.createElement(kind), { name }));
  form.lastChild.dataset.pushRefused = "";
  form.dataset.pushKey = btoa(String.fromCharCode(...filled(7)));
  form.submit = () => end([...done, form.elements.endpoint.value]);
  document.body.prepend(form);
  import("/static/oc_pizza/js/notices.js").then(() => form.requestSubmit());
})"""
"""What the script does with a browser's subscription, made with the key 7 7 7… or another: the push service itself is Google's."""
SHOWN = """async () => {
  const registration = await navigator.serviceWorker.ready;
  for (let looked = 0; looked < 100; looked += 1) {
    const shown = await registration.getNotifications();
    if (shown.length) return shown.map(({ title, body, tag }) => [title, body, tag]);
    await new Promise((done) => setTimeout(done, 100));
  }
  return [];
}"""
"""What the browser shows, as soon as it shows something."""
CLOCK = re.compile(r"à (\d\d:\d\d)")
DAY = r"(?:(?:le )?\w+ \d+ \w+ (?:à )?)?"
"""`le mardi 1 décembre`: what is promised before midnight for after it names its day."""


def order_with_mail(page: Page, *, last_name: str, email: str) -> str:
    """From the menu to the order's page, with an e-mail address; the order's number."""
    put_in_cart(page, "Reine")
    page.goto("/commander/")
    fill_in(page, last_name=last_name)
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_role("radio", name="Espèces").check()
    page.get_by_role("button", name=re.compile("^Commander ·")).click()
    page.wait_for_url(TOKEN)
    return number_on(page)


def link_in(text: str, after: str) -> str:
    found = re.search(rf"(https?://\S*{after}\S*)", text)
    assert found, text
    return re.sub(r"^https?://[^/]+", "", found.group(1))


def test_uc_1_2_a_guest_follows_a_late_order_to_the_door(people: People, mailbox: Mailbox) -> None:
    """Nominal, with the exception: the oven breaks, the hour moves, and everybody reads the same one."""
    guest, kitchen, driver = people.someone(PHONE), people.someone(TABLET), people.someone(PHONE)
    sign_in(kitchen, "luca.bastille")
    sign_in(driver, "karim.bastille")
    number = order_with_mail(guest, last_name="Suivie", email="suivie@example.org")
    promised = CLOCK.search(guest.locator(".promise__when").inner_text())
    assert promised
    letter = mailbox.letter_to("suivie@example.org")
    assert re.search(rf"Commande {number} reçue, chez vous {DAY}à {promised.group(1)}", letter["Subject"])
    assert [paper.get_filename() for paper in letter.iter_attachments()] == [f"{number}.pdf"]

    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    ticket(kitchen, number).get_by_role("link", name="Retard").click()
    kitchen.get_by_label("Un four est en panne").check()
    kitchen.get_by_role("button", name=re.compile("15 min")).click()
    expect(kitchen.get_by_text(re.compile(f"Le client de la commande {number} lit maintenant"))).to_be_visible()
    expect(guest.locator(".promise__moved")).to_have_text(
        re.compile(rf"\d\d:\d\d au lieu de {DAY}{promised.group(1)} : un four est en panne\.")
    )
    expect(guest.locator("#said")).to_have_text(re.compile("L’heure a changé : un four est en panne"))
    moved = CLOCK.search(guest.locator(".promise__when").inner_text())
    assert moved
    subject = mailbox.letter_to("suivie@example.org")["Subject"]
    assert re.search(rf"{moved.group(1)} au lieu de {DAY}{promised.group(1)}", subject)

    for verb in ("Je prends", "Je commence", "Prête"):
        tap(kitchen, number, verb)
    expect(current_step(guest)).to_have_text("Prête")
    driver.goto(f"/equipe/{STORE}/livraisons/")
    tap(driver, number, "Je pars avec")
    expect(guest.get_by_text("Karim vous l’apporte")).to_be_visible()
    expect(guest).to_have_title(re.compile(f"^En livraison · {number}"))
    assert_accessible(guest)
    tap(driver, number, "Livrée")
    expect(guest.get_by_text(re.compile("Merci, et bon appétit"))).to_be_visible()


def test_a_guest_has_silence_by_one_tap_and_takes_it_back(people: People, mailbox: Mailbox) -> None:
    guest = people.someone(PHONE)
    order_with_mail(guest, last_name="Paix", email="paix@example.org")
    here = guest.url
    link = link_in(text_of(mailbox.letter_to("paix@example.org")), "/compte/lien/messages/")
    guest.goto(link)
    assert_accessible(guest)
    guest.get_by_role("button", name="Ne plus en recevoir").click()
    expect(guest.get_by_role("heading", name="C’est arrêté")).to_be_visible()
    assert_accessible(guest)
    guest.goto(here)
    guest.get_by_role("link", name="Choisir ce qui vous est dit").click()
    expect(guest.get_by_text("Vous avez demandé à ne plus recevoir d’e-mails à paix@example.org")).to_be_visible()
    assert_accessible(guest)
    # Whoever ordered may have typed somebody else's address: only the link that was sent there speaks for it.
    expect(guest.get_by_role("button", name="Recevoir de nouveau")).to_have_count(0)
    guest.goto(link)
    guest.get_by_role("button", name="Finalement, continuez").click()
    expect(guest.get_by_role("heading", name="Ne plus recevoir de messages ?")).to_be_visible()
    guest.goto(here)
    guest.get_by_role("link", name="Choisir ce qui vous est dit").click()
    expect(guest.get_by_text("Vous avez demandé")).to_have_count(0)
    guest.get_by_label("Votre commande est reçue, e-mail").uncheck()
    guest.get_by_role("button", name="Enregistrer").click()
    expect(guest.get_by_label("Votre commande est reçue, e-mail")).not_to_be_checked()


@pytest.mark.parametrize(("its_key", "done"), [(7, ["kept"]), (9, ["ended", "asked", "new"])])
def test_a_browser_that_was_asked_by_another_key_of_the_site_is_asked_anew(
    people: People, its_key: int, done: list[str]
) -> None:
    guest = people.someone(PHONE)
    guest.context.grant_permissions(["notifications"])
    guest.goto("/suivre/")
    assert guest.evaluate(ASKS, its_key) == done


@pytest.fixture
def windowed(playwright: Playwright, site: Site) -> Iterator[People]:
    """People whose browser shows what it is told."""
    with opened_browser(playwright, programs=WHOLE) as browser:
        cast = People(browser, site.url)
        yield cast
    assert not cast.complaints, "\n".join(cast.complaints)


def test_a_push_is_shown_and_the_page_without_a_network_is_kind(windowed: People) -> None:
    """The browser's push service is Google's: what it would deliver is delivered by the browser's own tools."""
    guest = windowed.someone(PHONE)
    guest.context.grant_permissions(["notifications"])
    windowed.loses_requests = True
    order_with_mail(guest, last_name="Poussée", email="poussee@example.org")
    scope = guest.evaluate("navigator.serviceWorker.ready.then((registration) => registration.scope)")
    tools = guest.context.new_cdp_session(guest)
    found: list[str] = []
    tools.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(
        each["registrationId"] for each in told["registrations"] if each["scopeURL"] == scope))  # fmt: skip
    tools.send("ServiceWorker.enable")
    guest.wait_for_function("navigator.serviceWorker.controller !== null")
    for _wait in range(200):
        if found:
            break
        guest.wait_for_timeout(50)
    told = {
        "title": "Commande en route",
        "body": "Karim arrive.",
        "url": guest.url,
        "tag": "P-1",
        "stop": "/x/",
        "language": "fr",
    }
    tools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": scope.rstrip("/"), "registrationId": found[0], "data": json.dumps(told)},
    )
    assert guest.evaluate(SHOWN) == [["Commande en route", "Karim arrive.", "P-1"]]
    guest.context.set_offline(True)
    guest.goto("/suivre/")
    expect(guest.get_by_role("heading", name="Pas de réseau pour le moment")).to_be_visible()


def test_without_javascript_the_page_says_it_all_and_is_refreshed_by_hand(people: People) -> None:
    scripted = people.someone(PHONE)
    order_with_mail(scripted, last_name="Sobre", email="")
    plain = people.someone(PHONE, java_script_enabled=False)
    plain.goto(scripted.url)
    expect(plain.locator(".promise__when")).to_have_text(CLOCK)
    expect(plain.locator(".promise__left")).to_have_text(re.compile(r"dans \d+ minutes|d’une minute à l’autre"))
    plain.get_by_role("link", name="Actualiser").click()
    expect(plain.locator(".promise__when")).to_be_visible()
