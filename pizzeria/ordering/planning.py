"""When a store can have an order ready, out of what its ovens hold: `promise` reads them, `ovens` locks them.

The model of time stands in `baking`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pizzeria.ordering.baking import (
    AFTER_OVEN,
    IN_OVEN,
    QUARTER,
    Baked,
    Holds,
    Quarter,
    bake,
    up_to_the_minute,
)
from pizzeria.stores.hours import PARIS, Span, period_at
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.rush import added_minutes, paused_until

FIRST_LOOK = timedelta(hours=2)
SEARCH = timedelta(hours=12)
"""How far ahead of a moment the ovens are asked for room: first so far, then so far."""

Look = Callable[[datetime, datetime, datetime], Sequence[Quarter]]
"""The quarters from a moment's to the last one that begins before the second; the third is how far it may be asked on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the kitchen is asked for: so many minutes of oven, for a zone's road or none, at once or in a slot (`wanted_at`).

    `store` has its hours, ovens and rushes in memory: see `informed`.
    """

    store: Store
    oven_minutes: int
    zone: DeliveryZone | None
    at: datetime
    wanted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What a client reads: at the door for a delivery, at the counter else; and what it is made of.

    `start_at` is when the kitchen should begin, `ready_at` when it is boxed, `holds` the minutes of oven by their quarter.
    """

    promised_at: datetime
    start_at: datetime
    ready_at: datetime
    wanted_at: datetime | None
    road_minutes: int
    holds: Holds = ()


def at_once(wish: Wish, look: Look, *, begin: datetime) -> Promise | None:
    """The earliest promise of work that begins at `begin` or later; None when there is none before the store closes."""
    period = period_at(store=wish.store, at=begin)
    if period is None:
        return None
    hands = hands_of(store=wish.store, at=begin)
    since = _asks_the_oven(begin, hands)
    baked = _baked_at_once(wish, look, since, period)
    if baked is None:
        return None
    road = road_of(zone=wish.zone, at=_ready(begin, hands, baked))
    promise = _promise(wish, begin, hands, baked, road)
    return promise if promise.promised_at <= period[1] else None


def in_its_slot(wish: Wish, look: Look, *, wanted_at: datetime) -> Promise | None:
    """A promise within the quarter of an hour that begins at `wanted_at`; None when that cannot be kept."""
    slot = slot_of(wish, wanted_at=wanted_at)
    if slot is None:
        return None
    quarters = look(slot.since, slot.latest, slot.latest) if wish.oven_minutes else ()
    return within(slot, quarters)


@dataclass(frozen=True, slots=True)
class Slot:
    """What of a quarter of an hour that an order asks for does not depend on the ovens: asked once for as many as may come."""

    wish: Wish
    starts_at: datetime
    closes: datetime
    hands: timedelta
    road: int
    first: datetime
    """When its work may begin at the earliest."""
    begins: Sequence[datetime]

    @property
    def since(self) -> datetime:
        """When the oven is asked for it at the earliest."""
        return _asks_the_oven(self.begins[-1], self.hands)

    @property
    def latest(self) -> datetime:
        """When it has to be ready."""
        return self.starts_at + QUARTER - timedelta(minutes=self.road)

    def shape(self, quarters: Sequence[Quarter]) -> Hashable:
        """All that `within` makes of a slot and its quarters, but for the hour that it is: what is the same has the same room.

        Most slots of a day are: nobody has asked for them yet.
        """
        start = quarters[0].starts_at if quarters else self.starts_at
        return (
            tuple(begin - self.starts_at for begin in self.begins),
            self.hands,
            self.road,
            # Work that may have begun before the first quarter takes nothing of it away.
            max(_asks_the_oven(self.first, self.hands), start) - self.starts_at,
            # Nor does it matter how long after its end the store closes.
            min(self.closes - self.starts_at, QUARTER),
            start - self.starts_at,
            tuple((quarter.minutes, quarter.reserved, quarter.gone) for quarter in quarters),
        )


def slot_of(wish: Wish, *, wanted_at: datetime) -> Slot | None:
    """The slot that begins at a moment, for an order like this; None when the store is closed then."""
    period = period_at(store=wish.store, at=wanted_at)
    return slot_in(wish, period, wanted_at=wanted_at) if period else None


def slot_in(wish: Wish, period: Span, *, wanted_at: datetime) -> Slot:
    """The same, for who knows the opening period that the moment falls in."""
    road = road_of(zone=wish.zone, at=wanted_at)
    leaves = wanted_at - timedelta(minutes=road)
    hands = hands_of(store=wish.store, at=leaves - _usual(wish.store))
    first = first_begin(wish.store, wish.at, period)
    return Slot(wish, wanted_at, period[1], hands, road, first, _begins(wish, leaves - hands, first))


def within(slot: Slot, quarters: Sequence[Quarter]) -> Promise | None:
    """A promise within a slot, out of the ovens as they stand from its `since` to its `latest`; None when there is none."""
    gone_by = _asks_the_oven(slot.first, slot.hands)
    for begin in slot.begins:
        since = _asks_the_oven(begin, slot.hands)
        baked = bake(quarters, minutes=slot.wish.oven_minutes, since=since, gone_by=gone_by)
        promise = _promise(slot.wish, begin, slot.hands, baked, slot.road) if baked else None
        if promise and promise.promised_at < slot.starts_at + QUARTER and promise.promised_at <= slot.closes:
            return promise
    return None


def hands_of(*, store: Store, at: datetime) -> timedelta:
    """The work on an order that is begun at a moment, the oven included, when the ovens are empty."""
    return _usual(store) + added_minutes(store=store, at=at)


def first_begin(store: Store, at: datetime, period: Span) -> datetime:
    """When work may begin at the earliest: not before the doors open, nor in a pause."""
    begin = max(at, period[0])
    return paused_until(store=store, at=begin) or begin


def road_of(*, zone: DeliveryZone | None, at: datetime) -> int:
    """The minutes of road to a zone in the hour of a moment; none without a zone."""
    if zone is None:
        return 0
    hour = at.astimezone(PARIS).hour
    return next((road.minutes for road in zone.road_hours.all() if road.hour == hour), zone.minutes)


def capacity_of(*, store: Store, starts_at: datetime) -> int:
    """The minutes of oven of a quarter of an hour, before any oven breaks down."""
    wall = starts_at.astimezone(PARIS)
    hours = store.oven_hours.all()
    same = (row.minutes for row in hours if (row.weekday, row.hour) == (wall.weekday(), wall.hour))
    return next(same, store.oven_minutes) // 4


def _usual(store: Store) -> timedelta:
    return timedelta(minutes=store.preparation_minutes)


def _asks_the_oven(begin: datetime, hands: timedelta) -> datetime:
    return begin + max(hands - IN_OVEN, timedelta(0))


def _baked_at_once(wish: Wish, look: Look, since: datetime, period: Span) -> Baked | None:
    if not wish.oven_minutes:
        return Baked(since, ())
    stop = min(period[1], since + SEARCH)
    for end in sorted({min(since + FIRST_LOOK, stop), stop}):
        baked = bake(look(since, end, stop), minutes=wish.oven_minutes, since=since, gone_by=since)
        if baked:
            return baked
    return None


def _begins(wish: Wish, begin: datetime, first: datetime) -> list[datetime]:
    """When work for a slot may begin: so as to be just in time, or some quarters earlier where an order is larger than one."""
    usual = max(1, wish.store.oven_minutes // 4)
    earlier = [begin - QUARTER * number for number in range(2 + wish.oven_minutes // usual)]
    return [moment for moment in earlier if moment > first] + ([first] if earlier[-1] <= first else [])


def _ready(begin: datetime, hands: timedelta, baked: Baked) -> datetime:
    return max(begin + hands, baked.through + AFTER_OVEN) if baked.holds else begin + hands


def _promise(wish: Wish, begin: datetime, hands: timedelta, baked: Baked, road: int) -> Promise:
    ready = _ready(begin, hands, baked)
    promised = up_to_the_minute(ready + timedelta(minutes=road))
    return Promise(
        promised_at=max(promised, wish.wanted_at) if wish.wanted_at else promised,
        start_at=ready - hands,
        ready_at=ready,
        wanted_at=wish.wanted_at,
        road_minutes=road,
        holds=baked.holds,
    )
