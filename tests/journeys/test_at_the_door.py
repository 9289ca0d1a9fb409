"""At the door: two means for one order, the change read in the street, and a float that is counted at the counter (B32)."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import STORE, assert_accessible, place_order, sign_in, tap, ticket

pytestmark = pytest.mark.browser

WIDER = "document.scrollingElement.scrollWidth - document.documentElement.clientWidth"
ROUNDS = f"/equipe/{STORE}/fonds/"


def _look(page: Page) -> None:
    """As it stands: axe finds nothing, and nothing is wider than the screen."""
    assert_accessible(page)
    assert page.evaluate(WIDER) <= 0, f"{page.url} is wider than the screen"


def _euros(text: str | None) -> float:
    found = re.search(r"(\d+),(\d\d)", text or "")
    assert found, text
    return float(f"{found[1]}.{found[2]}")


def _french(amount: float) -> str:
    return f"{amount:.2f}".replace(".", ",")


def _give_float(cashier: Page) -> None:
    sign_in(cashier, "chloe.bastille")
    cashier.goto(ROUNDS)
    cashier.get_by_label("Livreur").select_option(label="Karim Belkacem")
    cashier.get_by_label("Fond de caisse en €").fill("40,00")
    cashier.get_by_role("button", name="Donner").click()
    expect(cashier.get_by_text("Karim a reçu un fond de caisse de 40,00")).to_be_visible()
    _look(cashier)


def _reach_the_door(people: People, driver: Page) -> str:
    """An order, cooked and on the road with this driver; its number."""
    number = place_order(people.someone(PHONE), last_name="Appoint")
    kitchen = people.someone(TABLET)
    sign_in(kitchen, "luca.bastille")
    kitchen.goto(f"/equipe/{STORE}/cuisine/")
    for verb in ("Je prends", "Je commence", "Prête"):
        tap(kitchen, number, verb)
    sign_in(driver, "karim.bastille")
    driver.goto(f"/equipe/{STORE}/livraisons/")
    tap(driver, number, "Je pars avec")
    expect(ticket(driver, number).get_by_role("button", name="Livrée")).to_be_visible()
    # Opened anew: what has just arrived flashes for a moment.
    driver.reload()
    _look(driver)
    return number


def _take_a_part_by_titre(driver: Page) -> float:
    """What is left to be taken then, in euros."""
    total = _euros(driver.locator(".take__due").text_content())
    titre = driver.get_by_role("form", name="Titre-restaurant")
    titre.get_by_text("N’encaisser qu’une partie").tap()
    titre.get_by_label("Montant encaissé").fill("5,50")
    titre.get_by_role("button", name=re.compile("Encaisser 5,50")).tap()
    expect(driver.get_by_text("Reste à encaisser")).to_be_visible()
    rest = _euros(driver.locator(".take__due").text_content())
    assert rest == pytest.approx(total - 5.5)
    return rest


def _take_the_rest_in_cash(driver: Page, rest: float) -> None:
    """On a note: the change is told while one chooses, and again once it is on record."""
    cash = driver.get_by_role("form", name="Espèces")
    cash.get_by_role("radio", name=re.compile(r"^50,00")).check()
    change = f"Rendre {_french(50 - rest)}"
    expect(cash.locator("output")).to_contain_text(change)
    cash.get_by_role("radio", name="Autre").check()
    cash.get_by_label("Autre somme reçue").fill("1")
    expect(cash.locator("output")).to_contain_text("Il manque")
    _look(driver)
    cash.get_by_role("radio", name=re.compile(r"^50,00")).check()
    cash.get_by_role("button", name=re.compile("^Encaisser")).tap()
    expect(driver.locator(".take__just")).to_contain_text(change)
    expect(driver.get_by_text("Déjà payée")).to_be_visible()
    _look(driver)


def _count_two_euros_too_few(cashier: Page, expected: float) -> None:
    """Nothing closes without a word about it."""
    cashier.goto(ROUNDS)
    cashier.get_by_role("link", name=re.compile("^Compter et clôturer Karim")).click()
    cashier.get_by_label("Montant compté").fill(_french(expected - 2))
    cashier.get_by_role("button", name="Clôturer").click()
    expect(cashier.get_by_text(re.compile("expliquez l’écart de -2,00"))).to_be_visible()
    _look(cashier)
    cashier.get_by_label("Explication de l’écart").fill("Monnaie rendue en trop")
    cashier.get_by_role("button", name="Clôturer").click()


def test_two_means_at_the_door_and_a_float_that_comes_back_with_a_difference(people: People) -> None:
    cashier, driver = people.someone(DESKTOP), people.someone(PHONE, color_scheme="dark")
    _give_float(cashier)
    number = _reach_the_door(people, driver)
    ticket(driver, number).get_by_role("link", name=re.compile("^Encaisser")).click()
    _look(driver)
    cashier.goto(f"/equipe/{STORE}/commandes/{number}/encaisser/")
    _look(cashier)
    rest = _take_a_part_by_titre(driver)
    _take_the_rest_in_cash(driver, rest)
    driver.get_by_role("link", name=re.compile("^Reçu")).first.click()
    expect(driver.get_by_text("Monnaie rendue")).to_be_visible()
    _look(driver)
    # 80 mm, in points, and one sheet of it.
    assert re.findall(rb"/MediaBox ?\[0 0 (\d+)", driver.pdf(prefer_css_page_size=True)) == [b"227"]
    driver.go_back()
    driver.get_by_role("button", name="Livrée").tap()
    expect(ticket(driver, number)).to_have_count(0)
    expect(driver.locator(".round-line")).to_contain_text(f"à remettre {_french(40 + rest)}")
    _count_two_euros_too_few(cashier, 40 + rest)
    expect(cashier.get_by_role("row", name=re.compile("Karim")).first).to_contain_text("-2,00")
    expect(cashier.get_by_text("Monnaie rendue en trop").last).to_be_visible()
    _look(cashier)


def test_the_manager_reads_the_floats_on_a_phone_in_the_dark(people: People) -> None:
    manager = people.someone(PHONE, color_scheme="dark")
    sign_in(manager, "renata.bastille")
    manager.goto(ROUNDS)
    _look(manager)
    manager.get_by_role("link", name=re.compile("^Compter et clôturer")).first.click()
    expect(manager.get_by_label("Montant compté")).to_be_visible()
    _look(manager)
