"""Tomorrow's stock order: enough for the day, in whole units, and taken over once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import IntegrityError

from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.proposals import propose_order, proposed_order, receive_order
from pizzeria.stores.hours import PARIS
from tests.cast import House, People
from tests.races.together import books_that_do_not_balance

SIX = datetime(2026, 12, 2, 6, 0, tzinfo=PARIS)
"""A Wednesday."""
THURSDAY = date(2026, 12, 3)
LAST_WEDNESDAYS = [SIX + timedelta(hours=6) - timedelta(weeks=week) for week in range(1, 5)]
LAST_THURSDAYS = [day + timedelta(days=1) for day in LAST_WEDNESDAYS]


@pytest.fixture
def flour(house: House) -> StockItem:
    """The dough of Bastille, delivered by 500 g; 1,000 g are there and nothing was used yet."""
    item = StockItem.objects.get(store=house.bastille, ingredient=house.ingredients["pate"])
    return left(item, 1000)


def left(item: StockItem, grams: int) -> StockItem:
    Movement.objects.create(item=item, change=grams - item.available, reason="lower", created_at=SIX)
    item.available = grams
    item.save()
    return item


def used(item: StockItem, grams: int, at: datetime, reason: str = "order") -> None:
    Movement.objects.create(item=item, change=-grams, reason=reason, created_at=at)


def test_the_same_weekday_of_four_weeks_minus_what_is_there_in_whole_units(house: House, flour: StockItem) -> None:
    for day, grams in zip(LAST_THURSDAYS, (2000, 2400, 2200, 2301), strict=True):
        used(flour, grams, day)
    assert propose_order(store=house.bastille, at=SIX) == 1
    [proposal] = proposed_order(store=house.bastille, for_day=THURSDAY)
    assert (proposal.weekday_use, proposal.rest_of_today, proposal.available) == (2226, 0, 1000)
    assert (proposal.quantity, proposal.units) == (1500, 3)


def test_what_today_will_still_use_is_not_counted_on(house: House, flour: StockItem) -> None:
    for wednesday, thursday in zip(LAST_WEDNESDAYS, LAST_THURSDAYS, strict=True):
        used(flour, 700, wednesday)
        used(flour, 900, thursday)
    propose_order(store=house.bastille, at=SIX)
    assert Proposal.objects.get().quantity == 1000  # 700 + 900 - 1000 = 600
    used(flour, 300, SIX + timedelta(hours=5))
    propose_order(store=house.bastille, at=SIX + timedelta(hours=6))
    assert Proposal.objects.get().rest_of_today == 400


def test_other_weekdays_deliveries_losses_and_other_stores_do_not_count(house: House, flour: StockItem) -> None:
    used(flour, 9000, LAST_THURSDAYS[0] - timedelta(days=2))
    used(flour, -5000, LAST_THURSDAYS[0], "raise")
    used(flour, 9000, LAST_THURSDAYS[0], "lower")
    used(flour, 9000, LAST_THURSDAYS[0] - timedelta(weeks=4))
    elsewhere = StockItem.objects.get(store=house.croix_rousse, ingredient=house.ingredients["pate"])
    used(elsewhere, 9_000_000, LAST_THURSDAYS[0])
    assert propose_order(store=house.bastille, at=SIX) == 0
    assert propose_order(store=house.croix_rousse, at=SIX) == 1


def test_what_a_cancelled_order_gave_back_was_not_used(house: House, flour: StockItem) -> None:
    used(flour, 1400, LAST_THURSDAYS[0])
    used(flour, -300, LAST_THURSDAYS[0] + timedelta(minutes=5), "return")
    propose_order(store=house.bastille, at=SIX)
    assert Proposal.objects.get().weekday_use == 1100


def test_a_week_in_which_the_store_was_closed_is_no_week_without_use(house: House, flour: StockItem) -> None:
    used(flour, 1600, LAST_THURSDAYS[0])
    used(flour, 1800, LAST_THURSDAYS[1])
    propose_order(store=house.bastille, at=SIX)
    assert Proposal.objects.get().weekday_use == 1700


def test_computed_again_it_is_the_same_and_follows_the_stock(house: House, flour: StockItem) -> None:
    used(flour, 2600, LAST_THURSDAYS[0])
    propose_order(store=house.bastille, at=SIX)
    before = list(Proposal.objects.values())
    propose_order(store=house.bastille, at=SIX)
    assert list(Proposal.objects.values()) == before
    left(flour, 2000)
    propose_order(store=house.bastille, at=SIX)
    assert Proposal.objects.get().quantity == 1000
    left(flour, 3000)
    assert propose_order(store=house.bastille, at=SIX) == 0
    assert not Proposal.objects.exists()


def test_yesterdays_proposal_gives_way_to_todays(house: House, flour: StockItem) -> None:
    for day in (*LAST_THURSDAYS, *LAST_WEDNESDAYS):
        used(flour, 2600, day)
    propose_order(store=house.bastille, at=SIX - timedelta(days=1))
    propose_order(store=house.bastille, at=SIX)
    assert Proposal.objects.get().for_day == THURSDAY


def test_one_tap_adds_it_all_to_the_stock_and_a_second_nothing(house: House, people: People, flour: StockItem) -> None:
    balance = {item.pk for item in books_that_do_not_balance()}
    used(flour, 2600, LAST_THURSDAYS[0])
    propose_order(store=house.bastille, at=SIX)
    assert receive_order(store=house.bastille, for_day=THURSDAY, acting_user=people.manager) == 1
    assert receive_order(store=house.bastille, for_day=THURSDAY, acting_user=people.manager) == 0
    flour.refresh_from_db()
    assert flour.available == 1000 + 2000
    last = flour.movements.first()
    assert last is not None
    assert (last.reason, last.change, last.acting_user) == ("delivery", 2000, people.manager)
    # What came is not proposed once more.
    left(flour, 0)
    assert propose_order(store=house.bastille, at=SIX) == 0
    assert proposed_order(store=house.bastille, for_day=THURSDAY).get().received_by == people.manager
    assert balance == set()


def test_the_database_keeps_one_proposal_an_ingredient_and_a_day(flour: StockItem) -> None:
    figures = {"quantity": 500, "weekday_use": 1, "rest_of_today": 0, "available": 0}
    Proposal.objects.create(item=flour, for_day=THURSDAY, **figures)
    with pytest.raises(IntegrityError):
        Proposal.objects.create(item=flour, for_day=THURSDAY, **figures)
