"""Google and Facebook in a real browser, whose pages are the double's (UC 2.1, C1, C11, C12)."""

import re
from collections.abc import Callable
from secrets import token_hex

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, People
from tests.journeys.steps import assert_accessible
from tests.openid_double import OpenIdDouble, Person

pytestmark = pytest.mark.browser

PASSWORD = "une-phrase-pour-les-tests"
LOGIN = re.compile(r"/compte/connexion/$")


@pytest.fixture
def somebody(openid_program: OpenIdDouble, clients: People) -> Person:
    """Who nobody here knows yet."""
    openid_program.person = Person(sub=token_hex(10), email=f"alix.{token_hex(4)}@example.org")
    return openid_program.person


def _press(page: Page, provider: str = "Google", answer: str = "Accepter") -> None:
    page.goto("/compte/connexion/")
    page.get_by_role("button", name=f"Continuer avec {provider}").click()
    expect(page.get_by_role("heading", name=provider)).to_be_visible()
    page.get_by_role("link", name=answer).click()


def _is_at_home(page: Page) -> None:
    expect(page.get_by_role("heading", name="Bonjour Alix")).to_be_visible()


def _choose_password(page: Page) -> None:
    page.goto("/compte/mot-de-passe/choisir/")
    page.get_by_label("mot de passe").first.fill(PASSWORD)
    page.get_by_role("main").get_by_role("button").first.click()
    page.wait_for_load_state()


def test_alix_signs_up_with_google_and_comes_back_later(clients: People, somebody: Person) -> None:
    phone = clients.someone(PHONE)
    _press(phone)
    _is_at_home(phone)
    assert_accessible(phone)
    later = clients.someone(DESKTOP)
    _press(later)
    _is_at_home(later)


def test_alix_refuses_at_google_and_finds_the_way_back(clients: People, somebody: Person) -> None:
    phone = clients.someone(PHONE)
    _press(phone, answer="Refuser")
    expect(phone.get_by_role("heading", name="Connexion annulée")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("link", name="Retour à la connexion").click()
    expect(phone).to_have_url(LOGIN)


@pytest.mark.parametrize(
    "break_it", [lambda double: setattr(double, "fault", "500"), lambda double: setattr(double, "lies", "nonce")]
)
def test_when_google_fails_a_page_says_so_and_one_may_begin_again(
    clients: People, somebody: Person, openid_program: OpenIdDouble, break_it: Callable[[OpenIdDouble], None]
) -> None:
    phone = clients.someone(PHONE)
    break_it(openid_program)
    _press(phone)
    expect(phone.get_by_role("heading", name="La connexion n’a pas abouti")).to_be_visible()
    assert_accessible(phone)
    openid_program.fault = openid_program.lies = ""
    phone.get_by_role("link", name="Recommencer").click()
    _press(phone)
    _is_at_home(phone)


def test_a_forged_answer_and_one_that_comes_twice_let_nobody_in(
    clients: People, somebody: Person, openid_program: OpenIdDouble
) -> None:
    phone = clients.someone(PHONE)
    answers: list[str] = []
    phone.on("request", lambda request: answers.append(request.url) if "/google/retour/" in request.url else None)
    _press(phone)
    _is_at_home(phone)
    [answer] = answers
    victim = clients.someone(PHONE)
    for address in (answer, re.sub("state=[^&]+", "state=forged", answer)):
        victim.goto(address)
        expect(victim.get_by_role("heading", name="La connexion n’a pas abouti")).to_be_visible()
    victim.goto("/compte/")
    expect(victim).to_have_url(re.compile("/compte/connexion/"))


def test_facebook_confirms_no_address_so_we_do(clients: People, somebody: Person) -> None:
    phone = clients.someone(PHONE)
    _press(phone, "Facebook")
    expect(phone.get_by_role("heading", name="Confirmez votre adresse")).to_be_visible()
    phone.goto("/compte/")
    expect(phone).to_have_url(re.compile("/compte/connexion/"))


def test_alix_is_known_by_google_and_links_facebook_after_signing_in(clients: People, somebody: Person) -> None:
    desk = clients.someone(DESKTOP)
    _press(desk)
    _is_at_home(desk)
    _choose_password(desk)
    phone = clients.someone(PHONE)
    _press(phone, "Facebook")
    expect(phone.get_by_role("heading", name="Un compte existe déjà")).to_be_visible()
    assert_accessible(phone)
    phone.get_by_role("link", name="Se connecter et rattacher").click()
    phone.get_by_label("Adresse électronique").fill(somebody.email)
    phone.get_by_label("Mot de passe").fill(PASSWORD)
    phone.get_by_role("button", name="Se connecter", exact=True).click()
    phone.get_by_role("button", name="Rattacher Facebook").click()
    phone.get_by_role("link", name="Accepter").click()
    phone.get_by_label("Mot de passe").fill(PASSWORD)
    phone.get_by_role("button", name="Confirmer").click()
    expect(phone.get_by_text("Facebook est rattaché à votre compte.")).to_be_visible()
    assert_accessible(phone)
    other = clients.someone(PHONE)
    _press(other, "Facebook")
    _is_at_home(other)
    phone.get_by_role("button", name="Détacher Facebook").click()
    expect(phone.get_by_role("button", name="Détacher Facebook")).to_have_count(0)
    expect(phone.get_by_role("button", name="Détacher Google")).to_be_visible()
