"""Simulated drivers: so many a shop, one or two orders at a time. They know what the shop knows, and no database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.noise import LEAVING, NEXT_DOOR, Noise


@dataclass(frozen=True, slots=True)
class Ride:
    """An order that waits for a driver: where to, the minutes that its road is said to take, and before when nobody opens."""

    key: int
    postal_code: str
    minutes: int
    promised_at: datetime
    not_before: datetime | None


@dataclass(slots=True, kw_only=True)
class Road:
    """`left` and `delivered` tap for a ride, with the driver's number."""

    agenda: Agenda
    noise: Noise
    drivers: int
    left: Callable[[Ride, int], None]
    delivered: Callable[[Ride, int], None]
    _free: list[int] = field(init=False)
    _waiting: list[Ride] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._free = list(range(self.drivers))

    def take(self, ride: Ride) -> None:
        """An order is ready. One for a slot waits until its road ends within it."""
        leaves = self.agenda.now
        if ride.not_before:
            leaves = max(leaves, ride.not_before - timedelta(minutes=ride.minutes) - LEAVING)
        self.agenda.at(leaves, partial(self._line_up, ride))

    def _line_up(self, ride: Ride) -> None:
        self._waiting.append(ride)
        self._send()

    def _send(self) -> None:
        while self._free and self._waiting:
            first = min(self._waiting, key=lambda ride: (ride.promised_at, ride.key))
            self._waiting.remove(first)
            second = self._second(first)
            self._leave(self._free.pop(), [first, second] if second else [first])

    def _second(self, first: Ride) -> Ride | None:
        """Another one for the same postal code that would still be in time, as far as the shop knows."""
        arrives = self.agenda.now + LEAVING + timedelta(minutes=first.minutes) + NEXT_DOOR
        same = [ride for ride in self._waiting if ride.postal_code == first.postal_code and arrives <= ride.promised_at]
        if not same:
            return None
        second = min(same, key=lambda ride: (ride.promised_at, ride.key))
        self._waiting.remove(second)
        return second

    def _leave(self, driver: int, rides: list[Ride]) -> None:
        moment = self.agenda.now + self.noise.leaving()
        for ride in rides:
            self.agenda.at(moment, partial(self.left, ride, driver))
        moment += self.noise.road(rides[0].minutes)
        for number, ride in enumerate(rides):
            moment += self.noise.next_door() if number else timedelta(0)
            self.agenda.at(moment, partial(self.delivered, ride, driver))
        self.agenda.at(moment + self.noise.way_back(rides[-1].minutes), partial(self._back, driver))

    def _back(self, driver: int) -> None:
        self._free.append(driver)
        self._send()
