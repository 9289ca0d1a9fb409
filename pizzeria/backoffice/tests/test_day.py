"""The day on one page: what goes on, what was promised and kept, what was sold beside what is usual."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ordering.gestures import gesture
from pizzeria.ordering.models import Order, OvenSlot, Review
from pizzeria.ordering.services import cancel_as_staff
from pizzeria.ordering.staff_selectors import figures_of
from pizzeria.stock.models import StockItem
from tests.cast import House, People

from .conftest import HTMX, order_in

pytestmark = pytest.mark.story

SignedIn = Callable[[User], Client]
Status = Order.Status
DAY = "/equipe/bastille/journee/"


def test_the_day_tells_what_goes_on_now(house: House, people: People, signed_in: SignedIn) -> None:
    for status in (Status.TO_PREPARE, Status.TAKEN, Status.PREPARING, Status.READY, Status.DELIVERING):
        order_in(house, people, status)
    late = house.order()
    Order.objects.filter(pk=late.pk).update(promised_at=timezone.now() - timedelta(minutes=8))
    house.order(store=house.croix_rousse, fulfilment="collection")
    page = signed_in(people.manager).get(DAY)
    now = page.context["going_on"]
    assert (now.to_make, now.in_oven, now.ready, now.on_road, now.late) == (3, 1, 1, 1, 1)
    assert page.context["due"] == Decimal("69.00")
    assert "?late=on" in page.content.decode()
    assert "69,00\u00a0€" in page.content.decode()


def test_what_the_kitchen_is_to_begin_later_is_not_told_as_to_be_made_now(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = house.order()
    Order.objects.filter(pk=order.pk).update(start_at=timezone.now() + timedelta(hours=20))
    page = signed_in(people.manager).get(DAY)
    assert (page.context["going_on"].to_make, page.context["going_on"].later) == (0, 1)
    assert "plus tard : 1" in page.content.decode()
    assert figures_of(store_ids=[house.bastille.pk], at=timezone.now())[house.bastille.pk].open == 0


def test_a_promise_is_kept_within_five_minutes_of_the_first_and_of_the_last(
    house: House, people: People, signed_in: SignedIn
) -> None:
    now = timezone.localtime().replace(hour=0, minute=30)
    for minutes, moved in ((4, 0), (6, 0), (20, 18)):
        order = order_in(house, people, Status.DELIVERED)
        promised = now - timedelta(minutes=minutes)
        Order.objects.filter(pk=order.pk).update(
            delivered_at=now, first_promised_at=promised, promised_at=promised + timedelta(minutes=moved)
        )
    # Ready in time, and fetched an hour later: kept.
    fetched = order_in(house, people, Status.DELIVERED, fulfilment="collection")
    Order.objects.filter(pk=fetched.pk).update(
        ready_at=now - timedelta(hours=1),
        delivered_at=now,
        first_promised_at=now - timedelta(hours=1),
        promised_at=now - timedelta(hours=1),
    )
    kept = signed_in(people.manager).get(DAY).context["kept"]
    assert (kept.orders, kept.first, kept.last) == (4, 2, 3)
    assert (kept.percent_first, kept.percent_last) == (50, 75)
    assert (kept.median_first, kept.median_last) == (5.0, 3.0)


def test_what_was_sold_stands_beside_the_same_weekdays_before(
    house: House, people: People, signed_in: SignedIn
) -> None:
    noon = timezone.localtime().replace(hour=12, minute=10) - timedelta(days=1)
    for weeks, pizzas in ((0, 1), (1, 2), (2, 4)):
        order = house.order(lines=[house.line(quantity=pizzas)], fulfilment="collection")
        Order.objects.filter(pk=order.pk).update(placed_at=noon - timedelta(weeks=weeks))
    other = house.order()
    Order.objects.filter(pk=other.pk).update(placed_at=noon - timedelta(days=1))
    page = signed_in(people.manager).get(DAY, {"day": noon.date().isoformat()})
    assert (page.context["turnover"], page.context["usual"]) == (Decimal("9.00"), Decimal("27.00"))
    [column] = page.context["hours"].columns
    assert (column.label, column.words, column.against_words) == ("12 h", "9,00\u00a0€", "27,00\u00a0€")
    words = page.content.decode()
    assert "D’habitude le" in words
    assert "Margherita" in words
    assert "En préparation" not in words, "a day that is over has nothing that goes on"


def test_a_gesture_is_less_turnover_here_and_on_the_orders_page(
    house: House, people: People, signed_in: SignedIn
) -> None:
    order = order_in(house, people, Status.DELIVERED)
    gesture(order=order, amount=Decimal("1.50"), words="Froide", acting_user=people.manager)
    browser = signed_in(people.manager)
    assert browser.get(DAY).context["turnover"] == Decimal("10.00")
    assert browser.get("/equipe/bastille/commandes/").context["figures"].turnover == Decimal("10.00")


def test_the_day_tells_ovens_cancellations_people_stock_and_reviews(
    house: House, people: People, signed_in: SignedIn
) -> None:
    done, cancelled = order_in(house, people, Status.DELIVERED), house.order()
    cancel_as_staff(order=cancelled, acting_user=people.manager, reason="Four <en> panne")
    OvenSlot.objects.create(store=house.bastille, starts_at=timezone.now(), minutes=180, reserved=45)
    StockItem.objects.filter(store=house.bastille, ingredient__slug="jambon").update(available=0)
    Review.objects.create(order=done, stars=2, words="Froide, <b>dommage</b>", at=timezone.now())
    words = signed_in(people.manager).get(DAY).content.decode()
    for told in (
        "« Four &lt;en&gt; panne »",
        "45 min",
        "180 min",
        "jambon blanc",
        "Luca Dupont",
        "3 étapes",
        "« Froide, &lt;b&gt;dommage&lt;/b&gt; »",
        "2 / 5",
    ):
        assert told in words, told


def test_the_day_is_refreshed_only_when_something_happened(house: House, people: People, signed_in: SignedIn) -> None:
    browser = signed_in(people.manager)
    version = browser.get(DAY).context["version"]
    assert browser.get(DAY, {"v": version}, headers=HTMX).status_code == 204
    house.order()
    assert browser.get(DAY, {"v": version}, headers=HTMX).status_code == 200


@pytest.mark.parametrize("day", ["2026-02-31", "9999-12-31", "0001-01-01", "demain"])
def test_a_day_that_cannot_be_is_told_and_the_present_one_shown(
    house: House, people: People, signed_in: SignedIn, day: str
) -> None:
    page = signed_in(people.manager).get(DAY, {"day": day})
    assert page.context["day"] == timezone.localdate()
    assert "field__error" in page.content.decode()
