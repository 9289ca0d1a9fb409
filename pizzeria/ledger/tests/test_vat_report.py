"""What the accountant gets: a month's sales by store and VAT rate, corrections taken into account."""

from datetime import date, datetime
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from pizzeria.ledger.closings import close_due
from pizzeria.ledger.models import Closing, Reason
from pizzeria.ledger.selectors import sales_by_vat_rate
from pizzeria.ledger.services import append_correction
from pizzeria.ledger.tests.conftest import COLA, MEAL, NOON, pay, sell
from pizzeria.ledger.values import TaxedPart
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store
from tests.cast import House

pytestmark = pytest.mark.django_db

HEADER = "mois;point de vente;taux de TVA;montant TTC;TVA;montant HT"
CANCELLED = TaxedPart(percent=COLA.percent, amount=-COLA.amount, vat=-COLA.vat)


def report(month: str = "2026-03", **options: str) -> list[str]:
    told = StringIO()
    call_command("vat_report", month=month, stdout=told, **options)
    return told.getvalue().splitlines()


@pytest.fixture
def march(house: House) -> House:
    for order in ("P-22222", "P-33333"):
        sell(house.bastille, order, vat=MEAL)
        pay(house.bastille, order, amount="13.11")
    append_correction(store=house.bastille, order="P-33333", vat=[CANCELLED], reason=Reason.CHANGED, at=NOON)
    sell(house.croix_rousse, "P-44444")
    return house


def test_each_store_and_rate_has_its_line(march: House) -> None:
    assert report() == [
        HEADER,
        "2026-03;OC Pizza Bastille;5,50;2,11;0,11;2,00",
        "2026-03;OC Pizza Bastille;10,00;22,00;2,00;20,00",
        "2026-03;OC Pizza Croix-Rousse;10,00;11,00;1,00;10,00",
    ]


def test_one_store_alone_is_asked_for_by_its_name(march: House) -> None:
    assert report(store="croix-rousse") == [HEADER, "2026-03;OC Pizza Croix-Rousse;10,00;11,00;1,00;10,00"]
    with pytest.raises(CommandError, match="s’appelle nulle-part"):
        report(store="nulle-part")


def test_a_month_begins_and_ends_at_midnight_in_paris(house: House) -> None:
    for order, at in (
        ("P-2", datetime(2026, 2, 28, 23, 59, tzinfo=PARIS)),
        ("P-3", datetime(2026, 3, 1, 0, 0, tzinfo=PARIS)),
        ("P-4", datetime(2026, 3, 31, 23, 59, tzinfo=PARIS)),
        ("P-5", datetime(2026, 4, 1, 0, 0, tzinfo=PARIS)),
    ):
        sell(house.bastille, order, at=at)
    assert report()[1:] == ["2026-03;OC Pizza Bastille;10,00;22,00;2,00;20,00"]
    assert report("2026-02")[1:] == ["2026-02;OC Pizza Bastille;10,00;11,00;1,00;10,00"]


def test_a_month_without_sales_has_a_header_alone(march: House) -> None:
    assert report("2026-01") == [HEADER]


def test_a_months_refunds_may_exceed_its_sales(house: House) -> None:
    append_correction(store=house.bastille, order="P-2", vat=[CANCELLED], reason=Reason.CANCELLED, at=NOON)
    assert report()[1:] == ["2026-03;OC Pizza Bastille;5,50;-2,11;-0,11;-2,00"]


@pytest.mark.parametrize("name", ["=HYPERLINK(1)", "+33", "-1", "@SUM(A1)", "\tx", " =1", "\u00a0=1", "＝1"])
def test_a_name_that_a_spreadsheet_would_compute_is_text(march: House, name: str) -> None:
    Store.objects.filter(pk=march.croix_rousse.pk).update(name=name)
    assert report()[-1] == f"2026-03;'{name};10,00;11,00;1,00;10,00"


def test_a_name_with_a_semicolon_stays_in_its_cell(march: House) -> None:
    Store.objects.filter(pk=march.croix_rousse.pk).update(name='Rue "A"; 3')
    assert report()[-1].startswith('2026-03;"Rue ""A""; 3";10,00;')


@pytest.mark.parametrize("month", ["2026", "2026-13", "2026-00", "03/2026", "2026-3"])
def test_a_month_that_is_none_is_refused(house: House, month: str) -> None:
    with pytest.raises(CommandError, match="2026-11"):
        report(month)


def test_the_report_and_the_closing_of_a_month_agree(march: House) -> None:
    close_due(store=march.bastille, at=datetime(2026, 4, 1, 6, tzinfo=PARIS))
    closing = Closing.objects.get(period="month")
    rows = sales_by_vat_rate(stores=[march.bastille], first_day=date(2026, 3, 1), last_day=date(2026, 3, 31))
    assert closing.totals["vat"] == [
        {"rate": str(row.percent), "amount": str(row.amount), "vat": str(row.vat)} for row in rows
    ]
    assert sum(row.amount for row in rows) == Decimal(closing.totals["sales"]) + Decimal(closing.totals["corrections"])
