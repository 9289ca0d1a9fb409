"""What is simulated obeys its own rules, whatever a service promises: places, hands, drivers, arrivals."""

from collections import Counter
from datetime import datetime, timedelta
from random import Random

from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.kitchen import Kitchen
from pizzeria.operations.simulation.noise import Noise
from pizzeria.operations.simulation.plan import EveningPlan
from pizzeria.operations.simulation.road import Ride, Road
from pizzeria.stores.hours import PARIS

NOW = datetime(2026, 11, 27, 19, tzinfo=PARIS)
MINUTE = timedelta(minutes=1)


def noise() -> Noise:
    return Noise(Random("friday"))


def kitchen(agenda: Agenda, ready: list[int], *, places: int = 4, hands: int = 8) -> Kitchen:
    return Kitchen(
        agenda=agenda, noise=noise(), places=places, hands=hands,
        taken=lambda _key: None, begun=lambda key: key != GIVEN_UP, ready=ready.append,
    )  # fmt: skip


GIVEN_UP = 99


def baking_at(cook: Kitchen, moment: datetime) -> int:
    return sum(bake.since <= moment < bake.until for bake in cook.baked)


def test_an_oven_never_holds_more_pizzas_than_it_has_places() -> None:
    agenda, ready = Agenda(NOW), list[int]()
    cook = kitchen(agenda, ready)
    for key in range(12):
        cook.expect(key, start_at=NOW, pizzas=[6, 6, 6])
    agenda.run(NOW + 90 * MINUTE)
    assert sorted(ready) == list(range(12))
    assert max(baking_at(cook, bake.since) for bake in cook.baked) == 4
    # Thirty-six pizzas of six minutes in four places are fifty-four minutes, and the doors are opened now and then.
    assert max(bake.until for bake in cook.baked) > NOW + 54 * MINUTE


def test_a_broken_oven_finishes_what_is_in_it_and_takes_nothing_until_it_is_mended() -> None:
    agenda, ready = Agenda(NOW), list[int]()
    cook = kitchen(agenda, ready)
    for key in range(6):
        cook.expect(key, start_at=NOW, pizzas=[6, 6])
    agenda.run(NOW + 8 * MINUTE)
    cook.change(places=-4)
    agenda.run(NOW + 40 * MINUTE)
    assert baking_at(cook, NOW + 39 * MINUTE) == 0
    assert len(ready) < 6
    cook.change(places=4)
    agenda.run(NOW + 90 * MINUTE)
    assert len(ready) == 6


def test_nothing_is_begun_before_its_hour_nor_made_once_it_was_given_up() -> None:
    agenda, ready = Agenda(NOW), list[int]()
    cook = kitchen(agenda, ready)
    cook.expect(1, start_at=NOW + 30 * MINUTE, pizzas=[6])
    cook.expect(GIVEN_UP, start_at=NOW, pizzas=[6])
    cook.expect(2, start_at=NOW, pizzas=[6])
    cook.forget(2)
    agenda.run(NOW + 90 * MINUTE)
    assert ready == [1]
    assert [bake.since > NOW + 30 * MINUTE for bake in cook.baked] == [True]


def test_one_pizzaiolo_makes_one_order_after_the_other() -> None:
    agenda, ready = Agenda(NOW), list[int]()
    cook = kitchen(agenda, ready, hands=1)
    cook.expect(1, start_at=NOW, pizzas=[6, 6])
    cook.expect(2, start_at=NOW - MINUTE, pizzas=[6, 6])
    agenda.run(NOW + 60 * MINUTE)
    assert ready == [2, 1]


def ride(key: int, *, promised: int, postal_code: str = "75011") -> Ride:
    return Ride(key=key, postal_code=postal_code, minutes=10, promised_at=NOW + promised * MINUTE, not_before=None)


def test_a_driver_takes_a_second_order_next_door_that_would_still_be_in_time() -> None:
    agenda, left, came = Agenda(NOW), list[tuple[int, int]](), dict[int, datetime]()
    road = Road(
        agenda=agenda, noise=noise(), drivers=1,
        left=lambda each, driver: left.append((each.key, driver)),
        delivered=lambda each, _driver: came.update({each.key: agenda.now}),
    )  # fmt: skip
    # The first one leaves alone: the others were not there yet.
    for each in (
        ride(1, promised=12),
        ride(2, promised=40),
        ride(3, promised=60),
        ride(4, promised=45, postal_code="75012"),
    ):
        road.take(each)
    agenda.run(NOW + 180 * MINUTE)
    assert [key for key, _driver in left] == [1, 2, 3, 4]
    assert came[3] - came[2] < 10 * MINUTE < came[4] - came[3]


def test_the_same_seed_plays_the_same_evening_three_tenths_of_it_in_its_busiest_hour() -> None:
    plan = EveningPlan()
    arrivals = plan.arrivals()
    assert arrivals == EveningPlan().arrivals() != EveningPlan(seed="saturday").arrivals()
    assert len(arrivals) == 1500
    assert plan.since <= arrivals[0][0] <= arrivals[-1][0] < plan.until
    busiest = [at for at, _slug in arrivals if NOW + 30 * MINUTE <= at < NOW + 90 * MINUTE]
    assert 0.26 < len(busiest) / 1500 < 0.34
    by_shop = Counter(slug for _at, slug in arrivals)
    assert by_shop.most_common(1)[0][0] == "bastille"
    assert len(by_shop) == 8
