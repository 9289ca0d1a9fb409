"""UC 6.1 as the responsable and the direction live it: orders, the day, the group, and what they take away."""

import csv
import io
import re
import zipfile
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, TABLET, People
from tests.journeys.steps import STORE, assert_accessible, place_order, sign_in, tap

pytestmark = pytest.mark.browser

ORDERS, DAY, EXPORTS = (f"/equipe/{STORE}/{page}/" for page in ("commandes", "journee", "exports"))
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def test_uc_6_1_every_order_with_its_status_searched_filtered_and_followed_live(people: People) -> None:
    """Nominal: all orders, one found by its phone, its move seen live, filters and place kept."""
    guest, renata, luca = people.someone(PHONE), people.someone(DESKTOP), people.someone(TABLET)
    number = place_order(guest, last_name="Kermadec")
    sign_in(renata, "renata.bastille")
    expect(renata).to_have_url(re.compile(DAY))
    renata.goto(ORDERS)
    assert_accessible(renata)
    renata.get_by_label("Numéro, nom, téléphone ou rue").fill("kermadec roquette")
    renata.get_by_role("button", name="Chercher").click()
    row = renata.locator("tr", has=renata.get_by_role("link", name=number))
    expect(row).to_contain_text("À réaliser")
    expect(renata.locator("html")).to_have_attribute("data-live-state", "live")
    sign_in(luca, "luca.bastille")
    luca.goto(f"/equipe/{STORE}/cuisine/")
    tap(luca, number, "Je prends")
    expect(row).to_contain_text("Prise en charge")
    expect(renata).to_have_url(re.compile("q=kermadec"))
    expect(renata.locator("tbody tr")).to_have_count(1)
    renata.get_by_text("Plus de filtres").click()
    renata.get_by_label("Mode").select_option("collection")
    renata.get_by_role("button", name="Chercher").click()
    expect(renata.get_by_text("Aucune ne correspond à cette recherche.")).to_be_visible()
    assert_accessible(renata)
    # Its whole history: every step with who made it.
    renata.goto(f"{ORDERS}{number}/")
    told = renata.locator(".timeline")
    expect(told).to_contain_text("Prise en charge")
    expect(told).to_contain_text("Luca")
    expect(told).to_contain_text("Stock pris")
    tap(luca, number, "Je commence")
    expect(told).to_contain_text("En préparation")
    assert_accessible(renata)


def test_uc_6_1_late_orders_come_first_and_other_cities_stay_shut(people: People) -> None:
    """Alternative: late first, with their minutes. Exception: a page of another shop is none."""
    renata = people.someone(PHONE)
    sign_in(renata, "renata.bastille")
    renata.goto(f"{ORDERS}?late=on")
    late = renata.locator(".table-wrap--late")
    expect(late).to_contain_text("de retard")
    assert_accessible(renata)
    renata.goto("/equipe/part-dieu/journee/")
    expect(renata.get_by_role("heading", name="Rien ici pour vous")).to_be_visible()
    renata.goto("/equipe/groupe/")
    expect(renata.get_by_role("heading", name=re.compile("Cette page n’est pas|Ce compte n’est pas"))).to_be_visible()


def test_the_day_on_one_page_today_and_any_day_before(people: People) -> None:
    renata = people.someone(PHONE)
    sign_in(renata, "renata.bastille")
    expect(renata.get_by_role("heading", name="Aujourd’hui")).to_be_visible()
    assert_accessible(renata)
    renata.get_by_role("link", name="La veille").click()
    expect(renata.get_by_role("img", name="Chiffre d’affaires par heure")).to_be_visible()
    # What the picture shows stands in a table too.
    renata.locator('[data-chart="hours"] summary').click()
    expect(renata.locator('[data-chart="hours"] table')).to_contain_text("€")
    assert_accessible(renata)
    assert renata.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_group_moves_with_a_kitchen_and_opens_each_shop(people: People) -> None:
    guest, diane = people.someone(PHONE), people.someone(DESKTOP)
    sign_in(diane, "diane.direction")
    expect(diane.get_by_role("heading", name="Le groupe, maintenant")).to_be_visible()
    expect(diane.locator(".store-now")).to_have_count(8)
    assert_accessible(diane)
    expect(diane.locator("html")).to_have_attribute("data-live-state", "live")
    card = diane.locator(f'[data-store="{STORE}"]')
    before = _in_progress(card.inner_text())
    place_order(guest, last_name="Groupe")
    # Perhaps by more than one: an order that was planned for later may come onto the board in the same minute.
    expect(card).not_to_contain_text(re.compile(rf"En cours\s*{before}(?!\d)"))
    assert _in_progress(card.inner_text()) > before
    diane.get_by_role("link", name="Lyon").click()
    expect(diane.locator(".store-now")).to_have_count(2)
    diane.get_by_role("link", name="OC Pizza Part-Dieu").click()
    expect(diane).to_have_url(re.compile("/equipe/part-dieu/journee/"))
    diane.get_by_role("link", name="Groupe").click()
    expect(diane).to_have_url(re.compile("/equipe/groupe/"))


def _in_progress(words: str) -> int:
    found = re.search(r"En cours\s*(\d+)", words)
    assert found, words
    return int(found[1])


def test_exports_open_and_add_up_to_what_the_page_says(people: People) -> None:
    renata = people.someone(DESKTOP)
    sign_in(renata, "renata.bastille")
    renata.goto(f"/equipe/{STORE}/ventes/")
    assert_accessible(renata)
    told = renata.locator(".figure", has_text="Chiffre d’affaires").locator("dd").first.inner_text()
    turnover = Decimal(re.sub(r"[^\d,]", "", told).replace(",", "."))
    renata.goto(EXPORTS)
    assert_accessible(renata)
    book = zipfile.ZipFile(_downloaded(renata, file="xlsx"))
    page = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    amounts = [row[4].findtext(f"{SHEET}v") for row in list(page.iter(f"{SHEET}row"))[1:]]
    assert round(sum(Decimal(amount or 0) for amount in amounts), 2) == turnover
    rows = csv.DictReader(io.StringIO(_downloaded(renata, file="csv").read_text("utf-8-sig")), delimiter=";")
    assert sum(Decimal(row["Chiffre d’affaires"].replace(",", ".")) for row in rows) == turnover


def _downloaded(page: Page, *, file: str) -> Path:
    """The sales of the last days, as this sort of file."""
    page.get_by_label("Ventes par jour").check()
    page.get_by_label("Du", exact=True).fill((timezone.localdate() - timedelta(days=30)).isoformat())
    page.get_by_label("Fichier").select_option(file)
    with page.expect_download() as download:
        page.get_by_role("button", name="Télécharger").click()
    return download.value.path()
