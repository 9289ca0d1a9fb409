"""The last minutes of an oven, wanted by many at once. Each race comes in a pair: with its guard, and without."""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from pizzeria.ordering import ovens
from pizzeria.ordering.baking import QUARTER, Quarter, quarter_of
from pizzeria.ordering.breakdowns import lose_oven
from pizzeria.ordering.errors import SlotFull
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.promise import slots_of
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.stores.models import Store
from tests.cast import GUEST, House
from tests.races.together import kinds, together

pytestmark = [pytest.mark.race, pytest.mark.django_db(transaction=True)]

PIZZA = 6
"""Minutes of oven."""


def _wrong() -> list[OvenSlot]:
    """The quarters whose reservations do not add up, or are more than there is."""
    held = OvenSlot.objects.annotate(held=Coalesce(Sum("reservations__minutes"), 0))
    return [slot for slot in held if slot.held != slot.reserved or slot.reserved > slot.minutes]


def _order(house: House, wanted_at: datetime | None) -> Callable[[], Order]:
    # What every order needs is read before the race, so that the race is about the oven alone.
    lines = [house.line()]
    total = quote(store=house.bastille, requests=lines, fulfilment="collection").total
    return lambda: _place(house.bastille, lines, total, wanted_at)


def _place(store: Store, lines: list[LineRequest], total: Any, wanted_at: datetime | None) -> Order:
    return place_order(
        store=store,
        lines=lines,
        contact=GUEST,
        fulfilment="collection",
        payment_method="cash",
        expected_total=total,
        wanted_at=wanted_at,
    )


@pytest.fixture
def last_ten(house: House) -> datetime:
    """A slot of tomorrow with room for ten pizzas."""
    wanted_at = quarter_of(timezone.now() + timedelta(days=1))
    store = house.bastille
    Store.objects.filter(pk=store.pk).update(oven_minutes=0)
    # One place, for the quarter in which the slot's pizzas are baked and for those around it, is ten pizzas.
    first = wanted_at - QUARTER * 6
    quarters = [first + QUARTER * number for number in range(8)]
    OvenSlot.objects.bulk_create(OvenSlot(store=store, starts_at=start, minutes=0) for start in quarters)
    OvenSlot.objects.filter(starts_at=wanted_at - QUARTER).update(minutes=10 * PIZZA)
    now = timezone.now()
    offers = slots_of(store=store, oven_minutes=PIZZA, zone=None, at=now, day=timezone.localdate(wanted_at))
    assert next(offer.room for offer in offers if offer.starts_at == wanted_at) == 10
    return wanted_at


def test_two_hundred_clients_race_for_the_last_ten_slots_and_ten_win(house: House, last_ten: datetime) -> None:
    outcomes = together([_order(house, last_ten)] * 200)
    assert kinds(outcomes) == {"Order": 10, "SlotFull": 190}
    refusals = [outcome for outcome in outcomes if isinstance(outcome, SlotFull)]
    assert {refusal.code for refusal in refusals} == {"slot_full"}
    assert all(last_ten <= order.promised_at < last_ten + QUARTER for order in Order.objects.all())
    assert OvenReservation.objects.aggregate(held=Sum("minutes"))["held"] == 10 * PIZZA
    assert _wrong() == []


def _looked_at_without_a_lock(**asked: Any) -> list[Quarter]:
    """What `lock_slots` would be, had nobody thought of the others."""
    slots = OvenSlot.objects.filter(
        store=asked["store"], starts_at__gte=quarter_of(asked["first"]), starts_at__lt=asked["end"]
    )
    found = [Quarter(slot.starts_at, slot.minutes, slot.reserved, slot.gone, slot.pk) for slot in slots]
    time.sleep(0.05)
    return found


def test_without_the_lock_and_the_constraint_more_is_promised_than_can_be_baked(
    house: House, last_ten: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ovens, "lock_slots", _looked_at_without_a_lock)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE ordering_ovenslot DROP CONSTRAINT oven_slot_not_overbooked")
    try:
        together([_order(house, last_ten)] * 40)
        assert Order.objects.count() > 10
        assert _wrong()
    finally:
        OvenSlot.objects.update(reserved=0, gone=0)
        with connection.cursor() as cursor:
            cursor.execute(
                "ALTER TABLE ordering_ovenslot ADD CONSTRAINT oven_slot_not_overbooked CHECK (reserved + gone <= minutes)"
            )


def test_without_the_lock_the_constraint_still_keeps_the_oven_from_being_overbooked(
    house: House, last_ten: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ovens, "lock_slots", _looked_at_without_a_lock)
    outcomes = kinds(together([_order(house, last_ten)] * 40))
    assert outcomes.get("Order", 0) <= 10
    assert outcomes.get("IntegrityError", 0) > 0
    assert _wrong() == []


def test_the_first_orders_of_a_day_make_its_slots_together_and_nobody_waits_for_ever(house: House) -> None:
    tomorrow = quarter_of(timezone.now() + timedelta(days=1))
    wishes = [None, tomorrow, tomorrow + QUARTER * 3, tomorrow - QUARTER * 2] * 8
    outcomes = together([_order(house, wanted_at) for wanted_at in wishes])
    assert kinds(outcomes) == {"Order": 32}
    assert _wrong() == []


def test_orders_cancellations_and_a_broken_oven_at_once_leave_the_ovens_right(house: House) -> None:
    Store.objects.filter(pk=house.bastille.pk).update(oven_minutes=240)
    standing = [_order(house, None)() for _ in range(12)]
    until = timezone.now() + timedelta(hours=1)

    def give_up(order: Order) -> Callable[[], object]:
        return lambda: cancel(order=order, role=CUSTOMER, acting_user=None, reason="")

    def break_down() -> object:
        return lose_oven(store=house.bastille, places=2, until=until, acting_user=None)

    outcomes = together([*[_order(house, None)] * 20, *map(give_up, standing), break_down])
    assert not [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert _wrong() == []
    open_ones = Order.objects.exclude(status="cancelled")
    assert open_ones.count() == 20
    assert open_ones.filter(oven_reservations__isnull=True).count() == 0
    assert not OvenReservation.objects.filter(order__status="cancelled").exists()
    assert not open_ones.filter(promised_at__lt=F("start_at")).exists()
