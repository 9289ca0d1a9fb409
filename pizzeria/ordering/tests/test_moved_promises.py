"""What reality does to a promise: an oven that breaks down, a kitchen that is late, a payment that comes late."""

from datetime import datetime, timedelta

import pytest
from django.db.models import F

from pizzeria.live.models import LiveEvent
from pizzeria.ordering.breakdowns import (
    lock_ovens,
    lose_oven,
    refit_ovens,
    restore_oven,
    without_turn,
    would_move,
)
from pizzeria.ordering.errors import InvalidChoice, NotAllowed, TransitionRefused
from pizzeria.ordering.evening import Loss, loss_of
from pizzeria.ordering.keeping import MOST_TIMES, correct_promises
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot, PromiseChange
from pizzeria.ordering.moving import move_promise
from pizzeria.ordering.rushes import later_promises
from pizzeria.ordering.services import advance, cancel
from pizzeria.ordering.tests.test_promise import bastille, overbooked, paris, place
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Rush, Store
from pizzeria.stores.rush import start_rush
from tests.cast import House, People

__all__ = ["bastille"]

Reason = PromiseChange.Reason


def told(order: Order) -> list[tuple[str, str]]:
    """Why an order's promise was moved, and to when."""
    changes = order.promise_changes.all()
    return [(change.reason, f"{change.after.astimezone(paris('12:00').tzinfo):%H:%M}") for change in changes]


def test_when_an_oven_breaks_down_those_promised_last_move_and_are_told(house: House, bastille: Store) -> None:
    orders = [
        place(house, pizzas=2, at=paris("19:00"), wanted_at=paris(clock)) for clock in ("19:45", "19:45", "20:00")
    ]
    fast = place(house, pizzas=1, at=paris("19:00"))
    seen = would_move(store=bastille, places=1, until=paris("21:00"), at=paris("19:05"))
    moved = lose_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    assert [order.pk for order in moved] == [order.pk for order in seen]
    assert overbooked() == []
    assert told(fast) == told(orders[0]) == []
    assert [order.pk for order in moved] == [orders[1].pk]
    ((reason, clock),) = told(orders[1])
    assert (reason, clock > "19:59") == (Reason.OVEN, True)
    assert LiveEvent.objects.filter(topic=f"order:{orders[1].token}", payload__reason="oven").exists()


def test_a_mended_oven_bakes_as_before_and_never_more(house: House, bastille: Store) -> None:
    lose_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    assert set(_minutes(bastille, "19:00", "21:00")) == {15}
    for _twice in range(2):
        restore_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("20:01"))
    assert set(_minutes(bastille, "19:00", "20:00")) == {15}
    assert set(_minutes(bastille, "20:00", "21:00")) == {30}


def test_with_every_oven_out_what_is_asked_for_waits_and_what_is_being_made_stays(
    house: House, people: People, bastille: Store
) -> None:
    cooking = place(house, pizzas=5, at=paris("19:00"))
    for status in ("taken", "preparing"):
        advance(order=cooking, to_status=status, acting_user=people.pizzaiolo, at=paris("19:05"))
    waiting = place(house, pizzas=1, at=paris("19:02"))
    lose_oven(store=bastille, places=9, until=paris("21:00"), acting_user=None, at=paris("19:06"))
    assert told(cooking) == []
    assert told(waiting) == [(Reason.OVEN, "21:11")]
    assert overbooked() == []


@pytest.mark.parametrize(("places", "clock"), [(0, "21:00"), (1, "19:05")])
def test_an_oven_is_lost_for_a_while_and_by_a_number_of_places(bastille: Store, places: int, clock: str) -> None:
    with pytest.raises(InvalidChoice):
        lose_oven(store=bastille, places=places, until=paris(clock), acting_user=None, at=paris("19:05"))


def test_a_cancelled_order_holds_nothing_of_the_ovens(house: House, bastille: Store) -> None:
    order = place(house, pizzas=9, at=paris("19:00"))
    assert OvenReservation.objects.filter(order=order).count() == 3
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="", at=paris("19:01"))
    assert not OvenReservation.objects.exists()
    assert overbooked() == []


def test_who_is_ready_early_gives_the_rest_of_the_oven_back_and_is_told(
    house: House, people: People, bastille: Store
) -> None:
    order = place(house, pizzas=9, at=paris("19:00"))
    first_promise = order.promised_at
    for minute, status in enumerate(("taken", "preparing", "ready")):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo, at=paris(f"19:1{minute}"))
    assert not OvenReservation.objects.filter(order=order, slot__starts_at__gt=paris("19:12")).exists()
    assert told(order) == [(Reason.EARLY, "19:12")]
    assert order.first_promised_at == first_promise
    assert overbooked() == []


def test_an_order_in_a_slot_never_comes_before_it(house: House, people: People, bastille: Store) -> None:
    order = place(house, at=paris("19:00"), wanted_at=paris("20:30"))
    for status in ("taken", "preparing", "ready"):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo, at=paris("19:30"))
    assert told(order) == []


def test_a_kitchen_that_has_not_begun_tells_an_honest_later_hour_once_in_five_minutes(
    house: House, bastille: Store
) -> None:
    order = place(house, at=paris("19:00"), fulfilment="delivery")
    assert correct_promises(at=paris("19:05")) == 0
    assert correct_promises(at=paris("19:06")) == 1
    assert told(order) == [(Reason.KITCHEN, "19:36")]
    assert [correct_promises(at=paris(f"19:{minute}")) for minute in ("07", "11", "12")] == [0, 0, 1]
    for minute in range(13, 59):
        correct_promises(at=paris(f"19:{minute}"))
    assert len(told(order)) == MOST_TIMES
    order.refresh_from_db()
    assert order.version == 1


def test_what_lies_ready_for_a_driver_is_corrected_by_its_road(house: House, people: People, bastille: Store) -> None:
    order = place(house, at=paris("19:00"), fulfilment="delivery")
    for status in ("taken", "preparing", "ready"):
        advance(order=order, to_status=status, acting_user=people.pizzaiolo, at=paris("19:18"))
    assert correct_promises(at=paris("19:30")) == 1
    assert told(order) == [(Reason.ROAD, "19:40")]


def test_tomorrows_order_is_left_alone(house: House, bastille: Store) -> None:
    order = place(house, at=paris("19:00"), wanted_at=paris("19:00") + timedelta(days=1))
    assert correct_promises(at=paris("23:00")) == 0
    assert told(order) == []


def test_the_kitchen_and_the_driver_move_a_promise_and_nobody_else(
    house: House, people: People, bastille: Store
) -> None:
    order = place(house, at=paris("19:00"))
    now: datetime = paris("19:10")
    later = order.promised_at + timedelta(minutes=10)
    with pytest.raises(NotAllowed):
        move_promise(order=order, to=later, reason=Reason.KITCHEN, acting_user=people.outsider, at=now)
    move_promise(order=order, to=later, reason=Reason.KITCHEN, acting_user=people.pizzaiolo, at=now)
    move_promise(order=order, to=later, reason=Reason.KITCHEN, acting_user=people.driver, at=now)
    assert told(order) == [(Reason.KITCHEN, "19:30")]
    with pytest.raises(InvalidChoice):
        move_promise(order=order, to=paris("19:00"), reason=Reason.KITCHEN, acting_user=people.driver, at=now)
    cancel(order=order, role=CUSTOMER, acting_user=None, reason="", at=now)
    with pytest.raises(TransitionRefused):
        move_promise(order=order, to=later, reason=Reason.KITCHEN, acting_user=people.driver, at=now)


def test_who_starts_a_rush_moves_what_the_kitchen_has_to_do_now_and_nothing_else(
    house: House, people: People, bastille: Store
) -> None:
    now, later = place(house, at=paris("19:00")), place(house, at=paris("19:00"), wanted_at=paris("21:00"))
    rush = _rush(bastille, 10, "19:05")
    assert _later(bastille, rush) == {now.pk: "19:30"}
    assert later.pk not in _later(bastille, rush)


def test_a_rush_that_grows_adds_only_what_the_one_before_had_not(house: House, people: People, bastille: Store) -> None:
    before = place(house, at=paris("19:00"))
    ten = _rush(bastille, 10, "19:05")
    within = place(house, at=paris("19:06"))
    move_promise(order=before, to=paris("19:30"), reason=Reason.RUSH, acting_user=people.cashier, at=paris("19:07"))
    assert (f"{within.promised_at.astimezone(PARIS):%H:%M}", _later(bastille, ten)) == ("19:36", {})
    twenty = _rush(bastille, 20, "19:10")
    assert _later(bastille, twenty) == {before.pk: "19:40", within.pk: "19:46"}
    assert _later(bastille, _rush(bastille, 10, "19:11")) == {}


def test_two_breakdowns_and_one_repair_leave_one_broken(house: House, bastille: Store) -> None:
    for places in (1, 2):
        lose_oven(store=bastille, places=places, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    assert set(_minutes(bastille, "19:00", "21:00")) == {0}
    # Three places of two are lost: one that is mended is not in there yet.
    restore_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:06"))
    assert set(_minutes(bastille, "19:00", "21:00")) == {0}
    restore_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:07"))
    assert set(_minutes(bastille, "19:00", "21:00")) == {15}
    assert loss_of(store=bastille, at=paris("19:07")) == Loss(places=1, until=paris("21:00"))


def test_a_plan_that_is_saved_mends_no_oven(bastille: Store) -> None:
    lose_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    Store.objects.filter(pk=bastille.pk).update(oven_minutes=180)
    refit_ovens(store=bastille, locked=lock_ovens(store=bastille, at=paris("19:10")))
    assert set(_minutes(bastille, "19:15", "21:00")) == {30}
    assert set(_minutes(bastille, "21:00", "22:00")) == {45}


def test_an_order_for_which_no_turn_is_left_is_not_said_to_have_moved(
    house: House, bastille: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = place(house, at=paris("19:00"))
    promised = order.promised_at
    # Nothing bakes any more, today or later.
    Store.objects.filter(pk=bastille.pk).update(oven_minutes=0)
    OvenSlot.objects.filter(reserved=0).update(minutes=0)
    assert without_turn(store=bastille) == []
    moved = lose_oven(store=bastille, places=9, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    assert (moved, told(order)) == ([], [])
    order.refresh_from_db()
    assert order.promised_at == promised
    assert without_turn(store=bastille) == [order]


def test_what_has_passed_of_a_quarter_is_not_free_when_an_oven_breaks(house: House, bastille: Store) -> None:
    place(house, pizzas=5, at=paris("19:00"))
    seen = would_move(store=bastille, places=1, until=paris("21:00"), at=paris("19:05"))
    lose_oven(store=bastille, places=1, until=paris("21:00"), acting_user=None, at=paris("19:05"))
    for slot in OvenSlot.objects.all():
        assert slot.reserved + slot.gone <= slot.minutes
    assert len(seen) == 1


def _rush(store: Store, minutes: int, clock: str) -> Rush:
    begun = start_rush(store=store, minutes=minutes, until=paris("20:00"), acting_user=None, at=paris(clock))
    store.refresh_from_db()
    return begun


def _later(store: Store, rush: Rush) -> dict[int, str]:
    return {each.order.pk: f"{each.to.astimezone(PARIS):%H:%M}" for each in later_promises(store=store, rush_now=rush)}


def _minutes(store: Store, first: str, end: str) -> list[int]:
    slots = OvenSlot.objects.filter(store=store, starts_at__gte=paris(first), starts_at__lt=paris(end))
    assert not slots.filter(reserved__gt=F("minutes")).exists()
    return list(slots.values_list("minutes", flat=True))
