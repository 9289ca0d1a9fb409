"""Orders, ovens and the store's row are locked in one order by whoever changes, breaks or plans: nobody waits for ever.

Each race comes in a pair: many at once as it is, and two that meet with the locks in the order in which they were taken once.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connections, transaction
from django.db.models import F
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.ordering import breakdowns, changing, ovens, planned_hours
from pizzeria.ordering.baking import QUARTER, quarters_between
from pizzeria.ordering.breakdowns import lose_oven
from pizzeria.ordering.changing import change_order
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot
from pizzeria.ordering.ovens import make_slots
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.pricing import quote
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity
from pizzeria.stores import planning
from pizzeria.stores.models import Store
from tests.cast import GUEST, House
from tests.races.together import PATIENCE, somebody_waits, together, until_somebody_waits

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

ROUNDS = 3
"""More than are needed for two of many to meet, were the order wrong: in the first they nearly always do."""
SCARCE = 24_000
"""Grams: every pizza that is sold is one less that can be made."""

Act = Callable[[], object]


@pytest.fixture
def busy(house: House) -> House:
    """A store that bakes five pizzas a quarter of an hour, so that its orders stand one behind the other."""
    Store.objects.filter(pk=house.bastille.pk).update(oven_minutes=120)
    house.bastille.refresh_from_db()
    quote(store=house.bastille, requests=[house.line()], fulfilment="collection")
    return house


def _place(house: House) -> Order:
    return place_order(
        store=house.bastille,
        lines=[house.line()],
        contact=GUEST,
        fulfilment="collection",
        payment_method="cash",
        expected_total=Decimal("9.00"),
    )


def _adding_a_reine(house: House, order: Order) -> Act:
    lines = [house.line(), house.line("reine")]
    return lambda: change_order(
        order=order,
        version=order.version,
        lines=lines,
        contact=GUEST,
        fulfilment="collection",
        expected_total=Decimal("21.00"),
    )


def _waited_for_ever(acts: Callable[[], list[Act]]) -> bool:
    """Whether two of many ever waited for one another."""
    return any(_is_stuck(acts()) for _round in range(ROUNDS))


def _two_wait_for_ever(first: Act, second: Act, holds: Event) -> bool:
    """Whether two wait for one another, of which the second begins when the first holds something, and says so by `holds`."""

    def later() -> object:
        holds.wait(PATIENCE)
        return second()

    return _is_stuck([first, later])


def _is_stuck(acts: list[Act]) -> bool:
    """Whether two waited for one another; anything else that goes wrong is an error of its own."""
    outcomes = together(acts)
    others = [each for each in outcomes if isinstance(each, Exception) and not isinstance(each, OperationalError)]
    assert others == []
    return any(isinstance(each, OperationalError) for each in outcomes)


def _changes(house: House) -> list[Act]:
    orders = [_place(house) for _number in range(8)]
    return [*[_adding_a_reine(house, order) for order in orders], *[lambda: _place(house)] * 6]


def test_clients_who_change_their_order_and_clients_who_order_never_wait_for_one_another(busy: House) -> None:
    assert not _waited_for_ever(lambda: _changes(busy))


def test_with_its_own_quarters_locked_first_a_change_and_an_order_wait_for_ever(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_it_is, holds = ovens.rebook, Event()

    def own_first(*, order: Order, **asked: Any) -> Promise:
        own = OvenReservation.objects.filter(order=order)
        list(OvenSlot.objects.select_for_update(no_key=True).filter(pk__in=own.values("slot_id")))
        holds.set()
        # Whoever orders has the quarters before it by then, and waits for this one.
        until_somebody_waits()
        return as_it_is(order=order, **asked)

    monkeypatch.setattr(changing, "rebook", own_first)
    *_others, last = [_place(busy) for _number in range(8)]
    assert _two_wait_for_ever(_adding_a_reine(busy, last), lambda: _place(busy), holds)


@pytest.fixture
def scarce(house: House) -> House:
    """A store whose every order moves a count of its menu, which is on the store's row."""
    for item in StockItem.objects.filter(store=house.bastille):
        lower_quantity(item_id=item.pk, quantity=item.available - SCARCE, acting_user=None)
    return house


def _plan(house: House, usual: int) -> None:
    seen = planning.oven_plan_of(store=house.bastille).mark
    planned_hours.plan_ovens(store=house.bastille, plan=planning.OvenPlan(usual=usual, preparation=20), seen=seen)


def _plans(house: House) -> list[Act]:
    _place(house)
    number = timezone.now().microsecond

    def plan() -> None:
        for each in range(6):
            _plan(house, 600 + (number + each) % 60)

    def order() -> None:
        for _number in range(3):
            _place(house)

    return [plan, *[order] * 7]


def test_the_plan_of_the_ovens_is_saved_while_orders_come_in(scarce: House) -> None:
    assert not _waited_for_ever(lambda: _plans(scarce))
    assert not OvenSlot.objects.filter(reserved__gt=F("minutes")).exists()


def test_with_the_store_locked_before_its_ovens_plan_and_order_wait_for_ever(
    scarce: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds = Event()

    def too_late(*, store: Store, locked: object) -> None:
        holds.set()
        # Whoever orders has its quarters by then, and waits for the store's row.
        until_somebody_waits()
        breakdowns.refit_ovens(store=store, locked=breakdowns.lock_ovens(store=store))

    monkeypatch.setattr(planned_hours, "lock_ovens", lambda **_asked: [])
    monkeypatch.setattr(planned_hours, "refit_ovens", too_late)
    _place(scarce)
    assert _two_wait_for_ever(lambda: _plan(scarce, 600), lambda: _place(scarce), holds)


def _minutes_made_while_a_plan_is_saved(house: House) -> set[int]:
    """What the quarters have that an order makes, which comes while the ovens get 400 minutes an hour."""

    def order() -> None:
        try:
            _place(house)
        finally:
            connections.close_all()

    thread = Thread(target=order)
    with transaction.atomic():
        _plan(house, 400)
        thread.start()
        while thread.is_alive() and not somebody_waits():
            thread.join(0.01)
    thread.join()
    return set(OvenSlot.objects.filter(store=house.bastille).values_list("minutes", flat=True))


def test_an_order_that_comes_while_the_ovens_are_planned_finds_the_new_plan(busy: House) -> None:
    assert _minutes_made_while_a_plan_is_saved(busy) == {100}


def test_without_the_wait_it_would_be_promised_out_of_the_old_plan(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ovens, "NOT_PLANNED", "SELECT %(store)s")
    assert _minutes_made_while_a_plan_is_saved(busy) == {30}


def _breakdown(house: House) -> list[Act]:
    """An oven that breaks down, and six clients who change their orders."""
    orders = [_place(house) for _number in range(6)]
    # Nobody has asked for the later hours yet.
    OvenSlot.objects.filter(reservations__isnull=True).delete()
    until = timezone.now() + timedelta(hours=2)
    return [
        lambda: lose_oven(store=house.bastille, places=1, until=until, acting_user=None),
        *[_adding_a_reine(house, order) for order in orders],
    ]


def test_an_oven_breaks_down_while_clients_change_their_orders(busy: House) -> None:
    assert not _waited_for_ever(lambda: _breakdown(busy))


def test_with_quarters_made_by_whoever_waits_for_an_order_both_wait_for_ever(
    busy: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose, make, holds = breakdowns._lose, make_slots, Event()

    def made_within(store: Store, loss: breakdowns._Loss, acting_user: User | None, at: datetime) -> object:
        with transaction.atomic():
            make(store=store, starts=quarters_between(loss.starts[0], loss.until + 48 * QUARTER))
            holds.set()
            # Whoever changes an order has locked that by then, and waits for the quarters.
            until_somebody_waits()
            return lose(store, loss, acting_user, at)

    monkeypatch.setattr(breakdowns, "make_slots", lambda **_asked: None)
    monkeypatch.setattr(breakdowns, "_lose", made_within)
    breaks, change, *_others = _breakdown(busy)
    assert _two_wait_for_ever(breaks, change, holds)
