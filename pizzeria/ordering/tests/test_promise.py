"""The hour that is promised: what the ovens can bake by then, never more, and never when the doors are closed."""

import random
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

import pytest
from django.db.models import Sum
from django.db.models.functions import Coalesce

from pizzeria.ordering import promise
from pizzeria.ordering.baking import QUARTER
from pizzeria.ordering.errors import InvalidChoice, KitchenPaused, PromiseMoved, SlotFull
from pizzeria.ordering.models import Order, OvenSlot
from pizzeria.ordering.placing import place_order
from pizzeria.ordering.planning import Wish
from pizzeria.ordering.pricing import quote
from pizzeria.ordering.promise import MOST_ROOM, days_offered, oven_minutes_of, promise_of, slots_of
from pizzeria.ordering.services import cancel
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import DeliveryZone, OvenHour, RoadHour, Store
from pizzeria.stores.rush import end_rush, start_rush
from pizzeria.stores.selectors import informed, informed_zone
from tests.cast import GUEST, House

PIZZA = 6
FRIDAY = date(2026, 11, 27)


def paris(clock: str, day: date = FRIDAY) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=PARIS)


@pytest.fixture
def bastille(house: House) -> Store:
    """Two places in the oven: five pizzas of the middle size a quarter of an hour."""
    Store.objects.update(oven_minutes=120)
    house.bastille.oven_minutes = 120
    return house.bastille


def place(house: House, *, pizzas: int = 1, at: datetime | None = None, **wish: Any) -> Order:
    lines = [house.line(quantity=pizzas)]
    fulfilment = wish.setdefault("fulfilment", "collection")
    priced = quote(store=house.bastille, requests=lines, fulfilment=fulfilment, postal_code=GUEST.postal_code)
    return place_order(
        store=house.bastille,
        lines=lines,
        contact=GUEST,
        payment_method="cash",
        expected_total=priced.total,
        at=at,
        expected_promise=wish.pop("expected_promise", at + timedelta(days=9) if at else None),
        **wish,
    )


def promised(store: Store, clock: str, *, pizzas: int = 1, **wish: Any) -> str:
    promise = promise_of(store=store, oven_minutes=pizzas * PIZZA, at=paris(clock), **({"zone": None} | wish))
    return f"{promise.promised_at.astimezone(PARIS):%H:%M:%S}"


def overbooked() -> list[OvenSlot]:
    held = OvenSlot.objects.annotate(held=Coalesce(Sum("reservations__minutes"), 0))
    return [slot for slot in held if slot.held != slot.reserved or slot.reserved > slot.minutes]


def test_with_empty_ovens_an_order_takes_the_usual_time_and_its_road(bastille: Store) -> None:
    zone = bastille.delivery_zones.get()
    assert promised(bastille, "19:00") == "19:20:00"
    assert promised(bastille, "19:00", zone=zone) == "19:30:00"
    assert promised(bastille, "19:00:01") == "19:21:00"


def test_the_road_is_longer_in_its_hour(bastille: Store) -> None:
    zone = bastille.delivery_zones.get()
    RoadHour.objects.create(zone=zone, hour=19, minutes=25)
    assert promised(bastille, "18:30", zone=zone) == "19:00:00"
    assert promised(bastille, "19:00", zone=zone) == "19:45:00"


def test_a_large_order_takes_longer_and_spreads_over_the_next_quarters(bastille: Store) -> None:
    # Twenty pizzas are an hour of both places, from 19:08 on, and the last one is boxed eight minutes later.
    assert promised(bastille, "19:00", pizzas=20) == "20:16:00"


def test_who_orders_later_is_promised_later_and_a_cancelled_order_gives_its_turn_back(
    house: House, bastille: Store
) -> None:
    first = [place(house, pizzas=5, at=paris("19:00")) for _ in range(4)]
    assert [f"{order.promised_at.astimezone(PARIS):%H:%M}" for order in first] == ["19:31", "19:46", "20:01", "20:16"]
    assert overbooked() == []
    cancel(order=first[1], role=CUSTOMER, acting_user=None, reason="", at=paris("19:01"))
    assert promised(bastille, "19:01", pizzas=3) == "19:47:00"
    assert overbooked() == []


def test_what_nobody_asked_for_is_not_baked_in_the_past(house: House, bastille: Store) -> None:
    # At 19:12 the oven is asked for from 19:20 on: two thirds of that quarter are left, and both orders need them.
    assert promised(bastille, "19:12", pizzas=5) == "19:43:00"
    place(house, pizzas=5, at=paris("19:12"))
    assert promised(bastille, "19:12", pizzas=5) == "19:58:00"


def test_the_ovens_differ_by_hour(bastille: Store) -> None:
    OvenHour.objects.create(store=bastille, weekday=FRIDAY.weekday(), hour=19, minutes=24)
    assert promised(bastille, "19:00", pizzas=3) == "20:03:00"


def test_a_slot_says_how_many_more_it_takes_and_refuses_the_next_one(house: House, bastille: Store) -> None:
    now = paris("17:00")

    def room(clock: str) -> int:
        offers = slots_of(store=bastille, oven_minutes=PIZZA, zone=None, at=now, day=FRIDAY)
        return next(offer.room for offer in offers if offer.starts_at == paris(clock))

    before = room("20:00")
    assert before > 0
    for left in range(before - 1, -1, -1):
        order = place(house, at=now, wanted_at=paris("20:00"))
        assert paris("20:00") <= order.promised_at < paris("20:15")
        assert order.start_at is not None
        assert order.start_at <= order.promised_at - timedelta(minutes=20)
        assert room("20:00") == left
    with pytest.raises(SlotFull) as refusal:
        place(house, at=now, wanted_at=paris("20:00"))
    assert paris("20:15").isoformat() in str(refusal.value.details["alternatives"])
    assert room("20:30") > 0
    assert overbooked() == []


@pytest.mark.parametrize("chance", range(4))
def test_slots_that_differ_in_their_hour_alone_are_counted_once_and_no_other_with_them(
    bastille: Store, chance: int
) -> None:
    """Each slot of an evening whose ovens hold whatever, in a rush, with a road of another length each hour: as if alone."""
    lot, now = random.Random(chance), paris("17:07:30")
    bastille.opening_hours.update(opens=time(11), closes=time(22, 40))
    for hour in (18, 20, 21):
        RoadHour.objects.create(zone=bastille.delivery_zones.get(), hour=hour, minutes=lot.randint(3, 50))
    start_rush(store=bastille, minutes=lot.choice([10, 20]), until=paris("18:20"), at=now, acting_user=None)
    for number in range(24):
        # From empty ovens, where slots are most alike, to full ones.
        held = lot.choice([6, 12, 18, 24, 30]) if lot.random() < chance / 4 else 0
        gone = lot.choice([0, 2]) if 0 < held < 30 else 0
        OvenSlot.objects.create(
            store=bastille, starts_at=paris("16:30") + number * QUARTER, minutes=30, reserved=held, gone=gone
        )
    stores = Store.objects.get(pk=bastille.pk)
    for zone, minutes in product((None, stores.delivery_zones.get()), (6, 14, 45)):
        known = informed(store=stores)
        wish = Wish(store=known, oven_minutes=minutes, zone=informed_zone(store=known, zone=zone), at=now)
        starts = list(promise._starting(wish, FRIDAY))
        quarters = promise.reading(store=known, own={})(paris("12:00"), paris("23:59"), paris("23:59"))
        alone = [room for start in starts for room in promise._rooms(wish, [start], quarters, MOST_ROOM)]
        offers = slots_of(store=stores, oven_minutes=minutes, zone=zone, at=now, day=FRIDAY)
        assert [offer.room for offer in offers] == alone
        assert len(set(alone)) > 1 or minutes > 30


def test_the_slots_of_a_day_are_read_by_one_query(bastille: Store, django_assert_num_queries: Any) -> None:
    # One for the stores' edition, once they are in memory.
    days_offered(store=bastille, at=paris("17:00"))
    with django_assert_num_queries(2):
        offers = slots_of(
            store=bastille, oven_minutes=PIZZA, zone=None, at=paris("17:00"), day=FRIDAY + timedelta(days=1)
        )
    assert len(offers) == 96
    assert max(offer.room for offer in offers) <= MOST_ROOM


def test_the_slots_of_a_zone_that_was_read_by_itself_ask_no_more(
    bastille: Store, django_assert_num_queries: Any
) -> None:
    zone = DeliveryZone.objects.get(store=bastille, postal_code=GUEST.postal_code)
    slots_of(store=bastille, oven_minutes=PIZZA, zone=zone, at=paris("12:00"), day=FRIDAY)
    with django_assert_num_queries(2):
        assert slots_of(store=bastille, oven_minutes=PIZZA, zone=zone, at=paris("12:00"), day=FRIDAY)


def test_a_closed_shop_takes_orders_for_its_next_opening(house: House, bastille: Store) -> None:
    bastille.opening_hours.update(opens=time(18), closes=time(22))
    now = paris("14:00")
    with pytest.raises(StoreClosed):
        place(house, at=now)
    offers = slots_of(store=bastille, oven_minutes=PIZZA, zone=None, at=now, day=FRIDAY)
    # The kitchen begins when the doors open, and nothing is promised after they have closed.
    assert [f"{offer.starts_at:%H:%M}" for offer in (offers[0], offers[-1])] == ["18:15", "21:45"]
    order = place(house, at=now, wanted_at=paris("18:15"))
    assert (order.wanted_at, order.promised_at) == (paris("18:15"), paris("18:20"))
    assert len(days_offered(store=bastille, at=now)) == 7


@pytest.mark.parametrize("clock", ["21:45", "21:59"])
def test_nothing_is_promised_after_closing(house: House, bastille: Store, clock: str) -> None:
    bastille.opening_hours.update(opens=time(18), closes=time(22))
    assert promised(bastille, "21:40") == "22:00:00"
    with pytest.raises(StoreClosed, match="trop tard"):
        place(house, at=paris(clock))


@pytest.mark.parametrize("wanted", [paris("20:07"), paris("20:00", FRIDAY + timedelta(days=8))])
def test_a_slot_that_is_not_offered_is_not_taken(house: House, bastille: Store, wanted: datetime) -> None:
    with pytest.raises(InvalidChoice):
        place(house, at=paris("17:00"), wanted_at=wanted)


def test_in_a_rush_new_promises_are_later_until_it_ends(house: House, bastille: Store) -> None:
    start_rush(store=bastille, minutes=20, until=paris("20:00"), acting_user=None, at=paris("19:00"))
    assert promised(bastille, "19:10") == "19:50:00"
    assert promised(bastille, "20:00") == "20:20:00"
    start_rush(store=bastille, minutes=10, until=paris("20:00"), acting_user=None, at=paris("19:20"))
    assert promised(bastille, "19:20") == "19:50:00"
    assert end_rush(store=bastille, acting_user=None, at=paris("19:30"))
    assert promised(bastille, "19:30") == "19:50:00"
    assert not end_rush(store=bastille, acting_user=None, at=paris("19:31"))


def test_a_pause_takes_orders_for_after_it_alone(house: House, bastille: Store) -> None:
    start_rush(store=bastille, minutes=None, until=paris("20:00"), acting_user=None, at=paris("19:00"))
    with pytest.raises(KitchenPaused) as refusal:
        place(house, at=paris("19:10"))
    assert refusal.value.details["until"] == paris("20:00").astimezone(UTC).isoformat()
    with pytest.raises(SlotFull):
        place(house, at=paris("19:10"), wanted_at=paris("20:00"))
    assert place(house, at=paris("19:10"), wanted_at=paris("20:15")).promised_at == paris("20:20")


def test_an_hour_that_has_become_much_later_is_told_before_it_is_promised(house: House, bastille: Store) -> None:
    seen = paris("19:20")
    place(house, pizzas=10, at=paris("19:00"))
    with pytest.raises(PromiseMoved) as refusal:
        place(house, at=paris("19:00"), expected_promise=seen)
    assert refusal.value.details["promised_at"] == paris("19:49").astimezone(UTC).isoformat()
    assert place(house, at=paris("19:00"), expected_promise=seen + timedelta(minutes=27)).promised_at == paris("19:49")


def test_drinks_need_no_oven(house: House) -> None:
    priced = quote(
        store=house.bastille,
        requests=[house.line(quantity=2), house.line("cola", None, quantity=9)],
        fulfilment="collection",
    )
    assert oven_minutes_of(priced.lines) == 2 * PIZZA
