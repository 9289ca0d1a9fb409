"""One scheduled job started several times at once, as two hosts would. In a pair: with the lock, and without."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone
from pytest_django import Settings

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import PlannedPrice, Product
from pizzeria.catalogue.prices import plan_reduction
from pizzeria.operations import runs
from pizzeria.operations.models import JobRun
from pizzeria.operations.schedule import refresh_city
from pizzeria.operations.tests import jobs
from pizzeria.ordering.cart import add_line
from pizzeria.ordering.models import Cart, DaySales, Order
from pizzeria.stock.models import Movement, Proposal, StockItem
from pizzeria.stock.proposals import receive_order
from tests.cast import House, People
from tests.races.together import PATIENCE, books_that_do_not_balance, kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _job(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.CRONJOBS = [("0 6 * * *", jobs.TAKES_TIME)]
    monkeypatch.setattr(jobs, "most_at_once", 0)


def run() -> JobRun:
    return runs.run_job(path=jobs.TAKES_TIME)


def outcomes() -> list[str]:
    return sorted(JobRun.objects.values_list("outcome", flat=True))


def until_four_were_skipped() -> None:
    end = time.monotonic() + PATIENCE
    while JobRun.objects.filter(outcome=JobRun.Outcome.SKIPPED).count() < 4 and time.monotonic() < end:
        time.sleep(0.01)


def test_of_five_starts_at_once_one_runs_and_four_say_that_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "meanwhile", until_four_were_skipped)
    assert kinds(together([run] * 5)) == {"JobRun": 5}
    assert jobs.most_at_once == 1
    assert outcomes() == ["done", "skipped", "skipped", "skipped", "skipped"]


def test_without_the_lock_all_run_over_one_another(monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def unguarded(*, path: str) -> Iterator[bool]:
        yield True

    all_are_at_it = threading.Barrier(5)
    monkeypatch.setattr(runs, "only_one", unguarded)
    monkeypatch.setattr(jobs, "meanwhile", lambda: all_are_at_it.wait(PATIENCE))
    together([run] * 5)
    assert jobs.most_at_once == 5


def test_the_table_read_while_a_job_ends_never_calls_it_abandoned() -> None:
    def look() -> None:
        for _time in range(150):
            runs.last_runs()

    assert kinds(together([run, look, look])) == {"JobRun": 1, "NoneType": 2}
    assert outcomes() == ["done"]


def test_the_updates_of_all_cities_that_begin_at_the_same_second_do_everything_once(house: House) -> None:
    now, today = timezone.now(), timezone.localdate()
    reine = Product.objects.get(slug="reine")
    plan_reduction(
        product=reine, percent=20, starts_on=today, ends_on=today, today=today - timedelta(days=1), planned_by=None
    )
    for store in (house.bastille, house.croix_rousse):
        for _order in range(3):
            house.order(store=store, fulfilment="collection")
        Cart.objects.filter(pk=add_line(cart=None, store=store, request=house.line()).pk).update(
            updated_at=now - timedelta(days=8)
        )
    week_ago = now - timedelta(days=6)
    Order.objects.update(placed_at=week_ago, promised_at=week_ago)
    User.objects.create_user(
        "ancienne@example.org", "x", first_name="Ada", last_name="A", created_at=now - timedelta(days=2000)
    )

    updates: list[Callable[[], None]] = [partial(refresh_city, code=code) for code in ("city_001", "city_002")]
    assert kinds(together(updates * 4)) == {"NoneType": 8}

    assert house.variant("reine").price == Decimal("9.60")
    assert set(PlannedPrice.objects.values_list("state", flat=True)) == {"applied"}
    assert set(Order.objects.values_list("status", flat=True)) == {"cancelled"}
    assert Movement.objects.filter(reason="return").count() == Movement.objects.filter(reason="order").count()
    assert books_that_do_not_balance() == []
    assert not Cart.objects.exists()
    assert not DaySales.objects.exists()
    assert not Proposal.objects.exists()
    assert User.objects.get().identifier.startswith("anonyme-")


def test_a_stock_order_that_is_taken_over_by_many_taps_while_orders_come_is_added_once(
    house: House, people: People
) -> None:
    tomorrow = timezone.localdate() + timedelta(days=1)
    items = list(StockItem.objects.filter(store=house.bastille).order_by("pk"))
    for item in items:
        Proposal.objects.create(
            item=item, for_day=tomorrow, quantity=500, weekday_use=500, rest_of_today=0, available=0
        )
    lines = [house.line("reine")]

    def tap() -> object:
        return receive_order(store=house.bastille, for_day=tomorrow, acting_user=people.manager)

    def order() -> object:
        return house.order(lines=lines)

    assert kinds(together([tap, order] * 8)) == {"Order": 8, "int": 8}
    assert Movement.objects.filter(reason="delivery").count() == len(items)
    assert books_that_do_not_balance() == []
