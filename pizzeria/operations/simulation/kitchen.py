"""A simulated kitchen: hands that make pizzas, and an oven with places. It bakes what an oven can bake, whatever was promised.

It knows no database. Orders are begun in the order of their `start_at`, and not before it, which is what the board shows.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.noise import Noise


@dataclass(slots=True)
class Ticket:
    """An order in the kitchen: its pizzas by the minutes of oven that each takes."""

    key: int
    start_at: datetime
    pizzas: list[int]
    is_taken: bool = False
    to_bake: int = 0


@dataclass(frozen=True, slots=True)
class Bake:
    """A pizza that was in the oven."""

    since: datetime
    until: datetime


@dataclass(slots=True, kw_only=True)
class Kitchen:
    """`taken`, `begun` and `ready` tap for an order; `begun` answers whether it is still to be made."""

    agenda: Agenda
    noise: Noise
    places: int
    hands: int
    taken: Callable[[int], None]
    begun: Callable[[int], bool]
    ready: Callable[[int], None]
    baked: list[Bake] = field(default_factory=list)
    _tickets: dict[int, Ticket] = field(default_factory=dict)
    _busy: int = 0
    _in_oven: int = 0
    _before_the_oven: deque[tuple[Ticket, int]] = field(default_factory=deque)

    def expect(self, key: int, *, start_at: datetime, pizzas: list[int]) -> None:
        """An order stands on the board, or stands there differently by now."""
        ticket = self._tickets.setdefault(key, Ticket(key, start_at, pizzas))
        ticket.pizzas = pizzas
        self.move(key, start_at=start_at)

    def move(self, key: int, *, start_at: datetime) -> None:
        """An order that is to be begun at another time; one that somebody has in hand is begun."""
        ticket = self._tickets.get(key)
        if ticket:
            ticket.start_at = start_at
            self.agenda.at(start_at, self._look)

    def forget(self, key: int) -> None:
        self._tickets.pop(key, None)

    def change(self, *, places: int = 0, hands: int = 0) -> None:
        """So many places or hands more, or fewer. What is in an oven that breaks down is done: bricks stay hot."""
        self.places += places
        self.hands += hands
        self._fill_the_oven()
        self._look()

    def _look(self) -> None:
        """Every free hand takes the next order that is due."""
        while self._busy < self.hands:
            waiting = (ticket for ticket in self._tickets.values() if not ticket.is_taken)
            due = [ticket for ticket in waiting if ticket.start_at <= self.agenda.now]
            if not due:
                return
            ticket = min(due, key=lambda each: (each.start_at, each.key))
            ticket.is_taken = True
            self._busy += 1
            self.taken(ticket.key)
            self.agenda.at(self.agenda.now + self.noise.reading(), partial(self._begin, ticket))

    def _begin(self, ticket: Ticket) -> None:
        is_wanted = self.begun(ticket.key)
        self.forget(ticket.key)
        if not is_wanted:
            self._put_down()
            return
        ticket.to_bake = len(ticket.pizzas)
        moment = self.agenda.now
        for minutes in ticket.pizzas:
            moment += self.noise.by_hand()
            self.agenda.at(moment, partial(self._to_the_oven, ticket, minutes))
        self.agenda.at(moment, self._put_down)

    def _put_down(self) -> None:
        self._busy -= 1
        self._look()

    def _to_the_oven(self, ticket: Ticket, minutes: int) -> None:
        self._before_the_oven.append((ticket, minutes))
        self._fill_the_oven()

    def _fill_the_oven(self) -> None:
        while self._before_the_oven and self._in_oven < self.places:
            ticket, minutes = self._before_the_oven.popleft()
            self._in_oven += 1
            bake = Bake(self.agenda.now, self.agenda.now + self.noise.baking(minutes))
            self.baked.append(bake)
            self.agenda.at(bake.until, partial(self._out, ticket))

    def _out(self, ticket: Ticket) -> None:
        self._in_oven -= 1
        self._fill_the_oven()
        ticket.to_bake -= 1
        if not ticket.to_bake:
            self.agenda.at(self.agenda.now + self.noise.packing(len(ticket.pizzas)), partial(self.ready, ticket.key))
