"""Tables that are taken away: the same figures as the pages and the journal, and nothing that a spreadsheet would run."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import AuditEntry, Role, StaffRole, User
from pizzeria.ledger.models import Entry, Kind
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import DaySales, Order, Review
from pizzeria.ordering.sales import recompute_sales
from pizzeria.ordering.services import cancel_as_staff
from tests.cast import House, People

from .conftest import order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
EXPORT = "/equipe/bastille/exports/fichier/"
SHEET = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def _asked(**other: str) -> dict[str, str]:
    today = timezone.localdate()
    first = today - timedelta(days=30)
    asked = {"what": "orders", "since": first.isoformat(), "until": today.isoformat(), "stores": "here", "file": "csv"}
    return asked | other


def _taken(browser: Client, **asked: str) -> bytes:
    answer: Any = browser.post(EXPORT, _asked(**asked))
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content)


def _csv(browser: Client, **asked: str) -> list[dict[str, str]]:
    text = _taken(browser, **asked).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def _xlsx(browser: Client, **asked: str) -> list[list[ET.Element]]:
    """The cells of each row, as the workbook writes them."""
    book = zipfile.ZipFile(io.BytesIO(_taken(browser, file="xlsx", **asked)))
    page = ET.fromstring(book.read("xl/worksheets/sheet1.xml"))
    return [list(row) for row in page.iter(f"{SHEET}row")]


def _sum(rows: list[dict[str, str]], column: str) -> Decimal:
    return sum((Decimal(row[column].replace(",", ".")) for row in rows), Decimal(0))


@pytest.fixture
def sold(house: House, people: People) -> House:
    """Two days ago: three orders handed over, of which one got a gesture, and one cancelled."""
    orders = [order_in(house, people, Order.Status.DELIVERED) for _number in range(3)]
    gesture(order=orders[0], amount=Decimal("2.50"), words="Froide", acting_user=people.manager)
    cancel_as_staff(order=house.order(), acting_user=people.manager, reason="Doublon")
    Order.objects.update(placed_at=timezone.now() - timedelta(days=2))
    recompute_sales(store=house.bastille, at=timezone.now())
    return house


def test_page_journal_orders_and_days_say_the_same_turnover(sold: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    journal = Entry.objects.filter(kind__in=[Kind.SALE, Kind.CORRECTION]).values_list("amount", flat=True)
    turnover = sum(journal, Decimal(0))
    report = browser.get("/equipe/bastille/ventes/").context["report"]
    assert turnover == Decimal("32.00")
    assert (report.turnover, report.gestures, report.orders) == (turnover, Decimal("2.50"), 3)
    assert _sum(_csv(browser), "Chiffre d’affaires") == turnover
    assert _sum(_csv(browser, what="sales"), "Chiffre d’affaires") == turnover
    lines = _csv(browser, what="lines")
    assert _sum(lines, "Montant net") + _sum(_csv(browser, what="sales"), "Dont livraison") == turnover + Decimal(
        "2.50"
    )


def test_a_workbook_holds_numbers_and_days_and_no_formula(sold: House, people: People, signed_in: SignedIn) -> None:
    order = Order.objects.filter(status="delivered").first()
    assert order
    Review.objects.create(order=order, stars=5, words='=HYPERLINK("https://elsewhere.example")', at=timezone.now())
    browser = signed_in(people.manager)
    head, *rows = _xlsx(browser)
    amounts = [float(row[-1].findtext(f"{SHEET}v") or 0) for row in rows]
    assert (len(head), sum(amounts)) == (20, 32.0)
    placed = float(rows[0][2].findtext(f"{SHEET}v") or 0)
    assert placed > 45_000, "a moment is a number of days, not a text"
    [review] = _xlsx(browser, what="reviews")[1:]
    assert not any(cell.find(f"{SHEET}f") is not None for cell in review)
    assert any("HYPERLINK" in (text.text or "") for cell in review for text in cell.iter(f"{SHEET}t"))
    [row] = _csv(browser, what="reviews")
    assert row["Avis"] == '\'=HYPERLINK("https://elsewhere.example")'


def test_movements_name_their_order_and_never_the_token_that_opens_it(
    sold: House, people: People, signed_in: SignedIn
) -> None:
    text = _taken(signed_in(people.manager), what="movements").decode()
    order = Order.objects.filter(status="delivered").first()
    assert order
    assert order.number in text
    assert order.token not in text
    assert "commande annulée" in text


def test_nobodys_name_phone_or_street_is_taken_away(sold: House, people: People, signed_in: SignedIn) -> None:
    for what in ("orders", "lines", "sales", "movements", "reviews"):
        text = _taken(signed_in(people.manager), what=what).decode()
        assert not re.search("Gaspard|Visiteur|39 98|Roquette", text), what


def test_who_runs_two_stores_takes_both_and_nobody_takes_anothers(
    sold: House, people: People, signed_in: SignedIn
) -> None:
    house = sold
    there = house.order(store=house.croix_rousse, fulfilment="collection")
    browser = signed_in(people.manager)
    assert there.number not in [row["Numéro"] for row in _csv(browser, stores="all")]
    StaffRole.objects.create(user=people.manager, role=Role.MANAGER, store=house.croix_rousse)
    rows = _csv(browser, stores="all")
    assert (there.number in [row["Numéro"] for row in rows], len(rows)) == (True, 5)
    for who, status in (("pizzaiolo", 403), ("driver", 403), ("cashier", 403), ("outsider", 404), ("alice", 403)):
        assert signed_in(getattr(people, who)).post(EXPORT, _asked()).status_code == status, who


def test_what_was_taken_away_is_written_down(house: House, people: People, signed_in: SignedIn) -> None:
    _taken(signed_in(people.manager), what="lines")
    [entry] = AuditEntry.objects.filter(actor=people.manager, action__startswith="table")
    assert (entry.action, entry.details["table"], entry.details["stores"]) == ("table.exported", "lines", 1)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ({"since": "2026-02-31"}, "date valide"),
        ({"since": "2020-01-01"}, "Au plus 92 jours"),
        ({"until": "9999-12-31"}, "deux jours passés"),
        ({"what": "people"}, "choix valide"),
    ],
)
def test_a_period_that_cannot_be_is_told_and_nothing_is_lost(
    house: House, people: People, signed_in: SignedIn, asked: dict[str, str], told: str
) -> None:
    answer = signed_in(people.manager).post(EXPORT, _asked(**asked))
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert timezone.localdate().isoformat() in answer.content.decode() or "until" in asked


def test_a_long_table_is_read_in_pieces_with_as_many_questions_as_a_short_one(
    house: House, people: People, signed_in: SignedIn, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    DaySales.objects.bulk_create(
        DaySales(
            store=house.bastille,
            day=timezone.localdate() - timedelta(days=back),
            channel="online",
            orders=1,
            turnover=back,
            delivery_fees=0,
        )
        for back in range(700)
    )
    since = (timezone.localdate() - timedelta(days=720)).isoformat()
    browser = signed_in(people.manager)
    with django_assert_max_num_queries(14):
        rows = _csv(browser, what="sales", since=since)
    assert (len(rows), _sum(rows, "Chiffre d’affaires")) == (700, Decimal(sum(range(700))))
