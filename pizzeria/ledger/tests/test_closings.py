"""A day, a month and a year are closed once they are over, in order, and once."""

from datetime import date, datetime
from decimal import Decimal

import pytest

from pizzeria.ledger.closings import close_day, close_due, close_month, close_year
from pizzeria.ledger.errors import NotItsTurn, PeriodNotOver
from pizzeria.ledger.models import Closing, Entry, Reason
from pizzeria.ledger.services import append_correction, append_refund
from pizzeria.ledger.tests.conftest import MEAL, NOON, ONE_DAY, pay, sell
from pizzeria.ledger.values import TaxedPart
from pizzeria.stores.hours import PARIS
from tests.cast import House

pytestmark = pytest.mark.django_db

MONDAY = NOON.date()
TUESDAY = MONDAY + ONE_DAY
NEXT_MORNING = NOON + ONE_DAY


def a_day(house: House, at: datetime = NOON, tag: str = "2") -> None:
    """Two meals, one of which is given back in part: 13.11 + 13.11 - 2.11 €."""
    for order in (f"P-{tag}A", f"P-{tag}B"):
        sell(house.bastille, order, vat=MEAL, at=at)
    pay(house.bastille, f"P-{tag}A", amount="13.11", at=at)
    pay(house.bastille, f"P-{tag}B", amount="13.11", means="terminal", at=at)
    less = TaxedPart(percent=Decimal("5.50"), amount=Decimal("-2.11"), vat=Decimal("-0.11"))
    append_correction(store=house.bastille, order=f"P-{tag}B", vat=[less], reason=Reason.GESTURE, at=at)
    append_refund(
        store=house.bastille,
        order=f"P-{tag}B",
        means="terminal",
        amount=Decimal("2.11"),
        reason=Reason.GESTURE,
        at=at,
    )


def test_a_closed_day_says_what_was_sold_by_rate_and_taken_by_means(house: House) -> None:
    a_day(house)
    closing = close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING)
    assert closing.totals == {
        "sales": "26.22",
        "corrections": "-2.11",
        "vat": [
            {"rate": "5.50", "amount": "2.11", "vat": "0.11"},
            {"rate": "10.00", "amount": "22.00", "vat": "2.00"},
        ],
        "means": [
            {"means": "cash", "received": "13.11", "refunded": "0.00"},
            {"means": "terminal", "received": "13.11", "refunded": "-2.11"},
        ],
    }
    assert (closing.first_number, closing.last_number) == (1, 6)
    assert closing.last_hash == Entry.objects.get(number=6).hash


def test_the_perpetual_total_goes_on_from_day_to_day(house: House) -> None:
    a_day(house)
    a_day(house, at=NEXT_MORNING, tag="3")
    close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING + ONE_DAY)
    closing = close_day(store=house.bastille, day=TUESDAY, at=NEXT_MORNING + ONE_DAY)
    assert closing.totals["sales"] == "26.22"
    assert closing.perpetual == {
        "sales": "52.44",
        "corrections": "-4.22",
        "received": "52.44",
        "refunded": "-4.22",
    }


def test_a_closed_day_is_not_closed_again(house: House) -> None:
    a_day(house)
    first = close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING)
    again = close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING + ONE_DAY)
    assert again == first
    assert Closing.objects.count() == 1
    assert Entry.objects.filter(kind="closing").count() == 1


@pytest.mark.parametrize("at", [NOON, datetime(2026, 3, 2, 23, 59, 59, tzinfo=PARIS)])
def test_a_day_that_is_not_over_is_not_closed(house: House, at: datetime) -> None:
    a_day(house)
    with pytest.raises(PeriodNotOver):
        close_day(store=house.bastille, day=MONDAY, at=at)


def test_a_day_is_not_closed_before_the_one_before_it(house: House) -> None:
    a_day(house)
    with pytest.raises(NotItsTurn, match="journée, à partir du 2 mars 2026"):
        close_day(store=house.bastille, day=TUESDAY, at=NEXT_MORNING + ONE_DAY)


def test_a_store_that_never_sold_anything_has_nothing_to_close(house: House) -> None:
    with pytest.raises(NotItsTurn, match="encore rien"):
        close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING)
    assert close_due(store=house.bastille, at=NEXT_MORNING) == []


def test_what_comes_after_the_closing_is_of_the_next_day_whatever_its_hour(house: House) -> None:
    a_day(house)
    closed = close_day(store=house.bastille, day=MONDAY, at=NEXT_MORNING)
    late = sell(house.bastille, "P-LATE2", at=NOON)
    assert late.day == TUESDAY
    assert closed.last_number is not None
    assert late.number == closed.last_number + 2
    assert close_day(store=house.bastille, day=TUESDAY, at=NEXT_MORNING + ONE_DAY).totals["sales"] == "11.00"


def test_a_day_on_which_nothing_was_sold_is_closed_too(house: House) -> None:
    a_day(house)
    closings = close_due(store=house.bastille, at=NOON + 3 * ONE_DAY)
    assert [closing.starts_on.day for closing in closings] == [2, 3, 4]
    assert [(closing.totals["sales"], closing.first_number) for closing in closings] == [
        ("26.22", 1),
        ("0.00", None),
        ("0.00", None),
    ]
    assert {closing.last_hash for closing in closings} == {Entry.objects.get(number=6).hash}
    assert closings[-1].perpetual == closings[0].perpetual


def test_each_closing_is_announced_in_the_journal(house: House) -> None:
    a_day(house)
    closings = close_due(store=house.bastille, at=NOON + 3 * ONE_DAY)
    announced = Entry.objects.filter(kind="closing").order_by("number").values_list("closing", flat=True)
    assert list(announced) == [closing.hash for closing in closings]


def test_after_the_last_day_come_the_month_and_the_year(house: House) -> None:
    sell(house.bastille, "P-22222", at=datetime(2025, 12, 30, 20, tzinfo=PARIS))
    sell(house.bastille, "P-33333", at=datetime(2026, 1, 1, 20, tzinfo=PARIS))
    closings = close_due(store=house.bastille, at=datetime(2026, 1, 2, 6, tzinfo=PARIS))
    assert [(str(closing.period), closing.starts_on, closing.ends_on) for closing in closings] == [
        ("day", date(2025, 12, 30), date(2025, 12, 30)),
        ("day", date(2025, 12, 31), date(2025, 12, 31)),
        ("month", date(2025, 12, 1), date(2025, 12, 31)),
        ("year", date(2025, 1, 1), date(2025, 12, 31)),
        ("day", date(2026, 1, 1), date(2026, 1, 1)),
    ]
    assert [closing.totals["sales"] for closing in closings] == ["11.00", "0.00", "11.00", "11.00", "11.00"]
    assert [closing.perpetual["sales"] for closing in closings] == ["11.00", "11.00", "11.00", "11.00", "22.00"]


def test_a_month_and_a_year_are_closed_by_hand_in_their_turn(house: House) -> None:
    sell(house.bastille, "P-22222", at=datetime(2025, 12, 31, 20, tzinfo=PARIS))
    morning = datetime(2026, 1, 2, 6, tzinfo=PARIS)
    with pytest.raises(NotItsTurn):
        close_month(store=house.bastille, month=date(2025, 12, 15), at=morning)
    close_day(store=house.bastille, day=date(2025, 12, 31), at=morning)
    with pytest.raises(NotItsTurn):
        close_day(store=house.bastille, day=date(2026, 1, 1), at=morning)
    month = close_month(store=house.bastille, month=date(2025, 12, 15), at=morning)
    year = close_year(store=house.bastille, year=2025, at=morning)
    assert (month.number, year.number) == (2, 3)
    with pytest.raises(PeriodNotOver):
        close_month(store=house.bastille, month=date(2026, 1, 1), at=morning)


def test_the_29th_of_february_ends_its_month(house: House) -> None:
    sell(house.bastille, "P-22222", at=datetime(2024, 2, 28, 20, tzinfo=PARIS))
    closings = close_due(store=house.bastille, at=datetime(2024, 3, 1, 6, tzinfo=PARIS))
    assert [(str(closing.period), closing.ends_on.day) for closing in closings] == [
        ("day", 28),
        ("day", 29),
        ("month", 29),
    ]
