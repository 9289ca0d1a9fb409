"""Orders that were left open are ended the morning after, each as its state asks."""

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from pizzeria.ordering.closing import NotClosedError, close_left_open
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import receive
from pizzeria.ordering.services import advance
from pizzeria.ordering.transitions import LEFT_OPEN
from pizzeria.stock.models import StockItem
from pizzeria.stores.hours import PARIS
from tests.cast import GRAMS, House, People
from tests.races.together import books_that_do_not_balance

SIX = datetime(2026, 11, 25, 6, 0, tzinfo=PARIS)
EVENING = SIX - timedelta(hours=9)
STEPS = {"to_prepare": [], "taken": ["taken"], "preparing": ["taken", "preparing"]}
STEPS["ready"] = [*STEPS["preparing"], "ready"]
STEPS["delivering"] = [*STEPS["ready"], "delivering"]


def left_open(house: House, people: People, status: str, *, at: datetime = EVENING) -> Order:
    order = house.order()
    if status == "awaiting_payment":
        Order.objects.filter(pk=order.pk).update(status=status)
    for step in STEPS.get(status, []):
        advance(order=order, to_status=step, acting_user=people.driver if step == "delivering" else people.pizzaiolo)
    Order.objects.filter(pk=order.pk).update(placed_at=at, promised_at=at + timedelta(minutes=30))
    return Order.objects.get(pk=order.pk)


def dough(house: House) -> int:
    return StockItem.objects.get(store=house.bastille, ingredient__slug="pate").available


@pytest.mark.parametrize("status", LEFT_OPEN)
def test_an_order_of_the_day_before_is_ended_and_its_history_says_why(
    house: House, people: People, status: str
) -> None:
    order = left_open(house, people, status)
    assert close_left_open(city=house.paris, at=SIX) == {LEFT_OPEN[status]: 1}
    order.refresh_from_db()
    assert order.status == LEFT_OPEN[status]
    last = order.events.last()
    assert last is not None
    assert (last.from_status, last.to_status, last.role, last.acting_user) == (status, order.status, "system", None)
    assert last.reason.startswith("Restée ouverte depuis la veille : ")
    assert books_that_do_not_balance() == []
    assert close_left_open(city=house.paris, at=SIX + timedelta(hours=1)) == {}


@pytest.mark.parametrize(
    ("status", "comes_back"),
    [("awaiting_payment", True), ("to_prepare", True), ("taken", True), ("preparing", False), ("ready", False)],
)
def test_only_what_was_not_yet_cooked_returns_to_the_stock(
    house: House, people: People, status: str, *, comes_back: bool
) -> None:
    left_open(house, people, status)
    close_left_open(city=house.paris, at=SIX)
    assert (dough(house) == GRAMS) is comes_back


def test_money_is_neither_claimed_for_who_is_thought_to_have_it_nor_due_for_what_was_not_sold(
    house: House, people: People
) -> None:
    driven, kept = (left_open(house, people, status) for status in ("delivering", "ready"))
    close_left_open(city=house.paris, at=SIX)
    assert driven.payments.get().status == "unpaid"
    assert kept.payments.get().status == "failed"


def test_what_was_paid_and_never_handed_over_is_given_back(house: House, people: People) -> None:
    order = left_open(house, people, "ready")
    receive(order=order, acting_user=people.cashier)
    close_left_open(city=house.paris, at=SIX)
    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_todays_orders_and_those_of_another_city_stay_open(house: House, people: People) -> None:
    left_open(house, people, "taken", at=SIX - timedelta(hours=5))
    assert close_left_open(city=house.paris, at=SIX) == {}
    left_open(house, people, "taken")
    assert close_left_open(city=house.lyon, at=SIX) == {}


def test_what_was_ordered_just_before_midnight_is_not_ended_just_after_it(house: House, people: People) -> None:
    midnight = datetime(2026, 11, 25, 0, 0, tzinfo=PARIS)
    left_open(house, people, "preparing", at=midnight - timedelta(minutes=10))
    assert close_left_open(city=house.paris, at=midnight + timedelta(minutes=10)) == {}
    assert close_left_open(city=house.paris, at=SIX) == {"cancelled": 1}


def test_an_order_that_somebody_moves_at_that_moment_is_theirs(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = left_open(house, people, "ready")
    stale = Order.objects.select_related("store").get(pk=order.pk)
    advance(order=order, to_status="delivering", acting_user=people.driver)
    monkeypatch.setattr("pizzeria.ordering.closing._left_open", lambda *_asked: [stale])
    assert close_left_open(city=house.paris, at=timezone.now()) == {}
    assert Order.objects.get(pk=order.pk).status == "delivering"


def test_an_order_that_cannot_be_ended_does_not_keep_the_others_open(
    house: House, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, other = (left_open(house, people, status) for status in ("ready", "to_prepare"))

    def release(**_asked: object) -> None:
        raise ValueError("une caisse fermée")

    monkeypatch.setattr("pizzeria.ordering.closing.release", release)
    with pytest.raises(NotClosedError, match=f"^{broken.number}$"):
        close_left_open(city=house.paris, at=SIX)
    assert dict(Order.objects.values_list("number", "status")) == {broken.number: "ready", other.number: "cancelled"}
