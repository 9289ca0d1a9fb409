"""The whole group on one page: trouble stands on top."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.formats import date_format

from pizzeria.accounts.models import Role, StaffRole, User
from pizzeria.ordering.models import DaySales, Order, OvenSlot, Review
from pizzeria.stock.models import StockItem
from pizzeria.stores.models import OpeningHours, Rush, SpecialDay
from tests.cast import PASSWORD, House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
GROUP = "/equipe/groupe/"


def _slugs(browser: Client, **asked: str) -> list[str]:
    return [row.store.slug for row in browser.get(GROUP, asked).context["rows"]]


def test_the_point_of_sale_in_trouble_stands_on_top(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    late = house.order(store=house.croix_rousse, fulfilment="collection")
    house.order()
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now() - timedelta(minutes=12, seconds=5))
    page = browser.get(GROUP)
    assert [row.store.slug for row in page.context["rows"]] == ["croix-rousse", "bastille"]
    words = page.content.decode()
    assert "jusqu’à 12 min" in words
    assert words.count("store-now--trouble") == 1
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now() + timedelta(minutes=12))
    Rush.objects.create(
        store=house.bastille, minutes=None, starts_at=timezone.now(), ends_at=timezone.now() + timedelta(hours=1)
    )
    page = browser.get(GROUP)
    assert [row.store.slug for row in page.context["rows"]] == ["bastille", "croix-rousse"]
    assert "En pause jusqu’à" in page.content.decode()


def test_each_point_of_sale_tells_its_hour_oven_money_stock_and_stars(
    house: House, people: People, signed_in: SignedIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = order_in(house, people, Order.Status.DELIVERED)
    now = timezone.now()
    # Of this quarter of an hour all is told, also when it ends before the page is asked for.
    monkeypatch.setattr(timezone, "now", lambda: now)
    quarter = now - timedelta(minutes=now.minute % 15, seconds=now.second, microseconds=now.microsecond)
    OvenSlot.objects.filter(store=house.bastille).update(reserved=0, gone=0)
    OvenSlot.objects.update_or_create(
        store=house.bastille, starts_at=quarter, defaults={"minutes": 180, "reserved": 180}
    )
    Rush.objects.create(store=house.bastille, minutes=20, starts_at=now, ends_at=now + timedelta(hours=1))
    StockItem.objects.filter(store=house.bastille, ingredient__slug="jambon").update(available=0)
    Review.objects.create(order=order, stars=4, at=now)
    for weeks, turnover in ((1, 20), (2, 26)):
        DaySales.objects.create(
            store=house.bastille,
            day=timezone.localdate() - timedelta(weeks=weeks),
            channel="online",
            orders=1,
            turnover=turnover,
            delivery_fees=0,
        )
    rows = {row.store.slug: row for row in signed_in(people.direction).get(GROUP).context["rows"]}
    row, other = rows["bastille"], rows["croix-rousse"]
    assert (row.oven_percent, row.oven_free, other.oven_percent, other.oven_free) == (25, 540, 0, 720)
    assert row.ready_at >= other.ready_at + timedelta(minutes=20), (
        "the rush, and an oven that is full until the next quarter"
    )
    assert (row.figures.turnover, row.usual, row.of_usual) == (Decimal("11.50"), Decimal("23.00"), 50)
    assert (row.short, row.stars.average, other.stars) == (1, 4.0, None)


def test_a_closed_point_of_sale_says_when_it_opens(house: House, people: People, signed_in: SignedIn) -> None:
    OpeningHours.objects.filter(store=house.bastille).delete()
    page = signed_in(people.direction).get(GROUP)
    assert page.context["open_stores"] == 1
    assert "Fermé" in page.content.decode()


def test_a_point_of_sale_that_stays_open_for_days_says_until_which(
    house: House, people: People, signed_in: SignedIn
) -> None:
    closed = timezone.localdate() + timedelta(days=3)
    SpecialDay.objects.create(store=house.bastille, day=closed, reason="Travaux")
    said = signed_in(people.direction).get(GROUP).content.decode()
    assert f"Ouvert jusqu’à {date_format(closed, 'D')} 00:00" in said


def test_the_group_is_shown_city_by_city(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    assert _slugs(browser, city="city_002") == ["croix-rousse"]
    assert len(_slugs(browser, city="nowhere")) == 2


def test_the_group_is_refreshed_only_when_a_figure_changed(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.direction)
    version = browser.get(GROUP).context["version"]
    house.order()
    changed = browser.get(GROUP, {"v": version}, headers=HTMX)
    assert changed.status_code == 200
    assert "store-now" in changed.content.decode()


def test_the_direction_lands_on_the_group(people: People, signed_in: SignedIn) -> None:
    assert signed_in(people.direction).get("/equipe/").headers["Location"] == GROUP


def test_a_group_without_stores_says_so(db: None, signed_in: SignedIn) -> None:
    diane = User.objects.create_user("diane", PASSWORD)
    StaffRole.objects.create(user=diane, role=Role.DIRECTION)
    assert "pas encore de point de vente" in signed_in(diane).get(GROUP).content.decode()


def test_who_runs_two_stores_sees_both_as_the_direction_does(house: House, people: People, signed_in: SignedIn) -> None:
    StaffRole.objects.create(user=people.manager, role=Role.MANAGER, store=house.croix_rousse)
    words = signed_in(people.manager).get("/equipe/").content.decode()
    assert words.count('class="store-now') == 2 + words.count('class="store-now__')
    for address in ("/equipe/bastille/journee/", "/equipe/croix-rousse/journee/", "/equipe/commandes/"):
        assert address in words
    assert signed_in(people.manager).get(GROUP).status_code == 403


def test_a_day_far_away_has_no_usual(house: House, people: People, signed_in: SignedIn) -> None:
    DaySales.objects.create(
        store=house.bastille, day=date(2020, 1, 1), channel="online", orders=1, turnover=9, delivery_fees=0
    )
    assert {row.usual for row in signed_in(people.direction).get(GROUP).context["rows"]} == {Decimal(0)}
