"""A point of sale that is played: its kitchen and its road are simulated, every tap of its staff is a call of the services."""

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from random import Random

from pizzeria.accounts.models import Role, User
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.floats import carry_float
from pizzeria.operations.demo.life import take_titres
from pizzeria.operations.demo.places import Place
from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.guests import Told
from pizzeria.operations.simulation.kitchen import Kitchen
from pizzeria.operations.simulation.moods import Moods
from pizzeria.operations.simulation.noise import A_PIZZA_BY_HAND, READING, Noise
from pizzeria.operations.simulation.road import Ride, Road
from pizzeria.ordering.lines import LineRequest
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.planning import road_of
from pizzeria.ordering.services import advance
from pizzeria.payments.models import Method
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import active_store, zone_of

Status = Order.Status

A_PIZZA_IN_THE_OVEN = 6
PIZZAS_AN_ORDER = 2
SPARE = 0.85
"""Hands and drivers are busy for this part of the busiest hour: with every minute planned, any late one would never be made up."""
DELIVERED_SHARE = 0.67
A_RIDE = 24
"""Minutes of a driver for a delivery, there and back, one in three of them with another."""
FETCHED = (-2, 6)
"""Minutes around the promised hour at which a client comes to the counter."""


@dataclass(slots=True, kw_only=True)
class Shop:
    """What happens at one point of sale."""

    place: Place
    agenda: Agenda
    rng: Random
    taste: Taste
    told: Told
    drivers: list[User]
    kitchen: Kitchen = field(init=False)
    road: Road = field(init=False)
    moods: Moods = field(init=False)

    def __post_init__(self) -> None:
        noise = Noise(self.rng)
        self.kitchen = Kitchen(
            agenda=self.agenda, noise=noise, places=places_of(self.place.store), hands=hands_of(self.place.store),
            taken=self._taken, begun=self._begun, ready=self._ready,
        )  # fmt: skip
        self.road = Road(
            agenda=self.agenda, noise=noise, drivers=len(self.drivers), left=self._left, delivered=self._delivered
        )
        self.moods = Moods(agenda=self.agenda, rng=self.rng, taste=self.taste, kitchen=self.kitchen, told=self.told)

    @property
    def slug(self) -> str:
        return self.place.row.slug

    @property
    def store(self) -> Store:
        """With its hours, ovens and rushes of now."""
        found = active_store(slug=self.slug)
        if found is None:
            raise LookupError(self.slug)
        return found

    def placed(self, order: Order, lines: list[LineRequest]) -> None:
        """An order stands: the kitchen expects it, once it is paid where it is paid on the page."""
        self.moods.ordered(order, lines)

    def order(self, pk: int) -> Order:
        found = Order.objects.select_related("driver").get(pk=pk)
        found.store = self.store
        return found

    def manager(self) -> User:
        return self.place.team[Role.MANAGER][0]

    def _tap(self, order: Order, status: str, person: User) -> None:
        advance(order=order, to_status=status, acting_user=person, at=self.agenda.now)

    def _pizzaiolo(self, key: int) -> User:
        team = self.place.team[Role.PIZZAIOLO]
        return team[key % len(team)]

    def _cashier(self) -> User:
        return self.rng.choice(self.place.team[Role.CASHIER])

    def _taken(self, key: int) -> None:
        self._tap(self.order(key), Status.TAKEN, self._pizzaiolo(key))

    def _begun(self, key: int) -> bool:
        order = self.order(key)
        if order.status != Status.TAKEN:
            return False
        self._tap(order, Status.PREPARING, self._pizzaiolo(key))
        return True

    def _ready(self, key: int) -> None:
        order = self.order(key)
        self._tap(order, Status.READY, self._pizzaiolo(key))
        if order.fulfilment == Fulfilment.DELIVERY:
            self.road.take(self._ride(order))
            return
        comes = order.promised_at + timedelta(minutes=self.rng.uniform(*FETCHED))
        at = self.agenda.now + timedelta(minutes=1)
        self.agenda.at(at if order.fulfilment == Fulfilment.ON_SITE else max(at, comes), partial(self._fetched, key))

    def _ride(self, order: Order) -> Ride:
        zone = zone_of(store=self.store, postal_code=order.postal_code)
        return Ride(
            key=order.pk,
            postal_code=order.postal_code,
            minutes=road_of(zone=zone, at=self.agenda.now),
            promised_at=order.promised_at,
            not_before=order.wanted_at,
        )

    def _fetched(self, key: int) -> None:
        order = self.order(key)
        self._hand_over(order, self._cashier())

    def _left(self, ride: Ride, driver: int) -> None:
        self._tap(self.order(ride.key), Status.DELIVERING, self.drivers[driver])

    def _delivered(self, ride: Ride, driver: int) -> None:
        order, person = self.order(ride.key), self.drivers[driver]
        if order.payment_method == Method.CASH:
            carry_float(place=self.place, driver=person, at=self.agenda.now)
        self._hand_over(order, person)

    def _hand_over(self, order: Order, person: User) -> None:
        if order.payment_method == Method.VOUCHER:
            take_titres(order, person, self.agenda.now)
        self._tap(order, Status.DELIVERED, person)


def places_of(store: Store) -> int:
    """The places of its ovens."""
    return store.oven_minutes // 60


def hands_of(store: Store) -> int:
    """As many pizzaiolos as its ovens need when they are full, and a little more."""
    pizzas = store.oven_minutes / A_PIZZA_IN_THE_OVEN
    seconds = (A_PIZZA_BY_HAND + READING / PIZZAS_AN_ORDER).total_seconds()
    return max(1, -int(-pizzas * seconds / 3600 / SPARE // 1))


def drivers_of(store: Store) -> int:
    """As many drivers as can take away what its ovens bake when they are full."""
    rides = store.oven_minutes / A_PIZZA_IN_THE_OVEN / PIZZAS_AN_ORDER * DELIVERED_SHARE
    return max(1, -int(-rides * A_RIDE / 60 / SPARE // 1))
