"""What goes wrong on a simulated evening, and what the house does about it once somebody has noticed."""

from datetime import datetime, timedelta
from functools import partial

from pizzeria.operations.simulation.agenda import Agenda
from pizzeria.operations.simulation.shop import Shop, places_of
from pizzeria.ordering.breakdowns import lose_oven, restore_oven
from pizzeria.stores.rush import end_rush, start_rush

NOTICED = timedelta(minutes=2)
BROKEN_FOR = timedelta(minutes=45)
SAID_FOR = timedelta(minutes=60)
"""The repair man said an hour; he needs less."""
ILL_FOR = timedelta(minutes=45)
RUSH_MINUTES = 10
PAUSED_FOR = timedelta(minutes=20)


def break_an_oven(*, shop: Shop, agenda: Agenda, at: datetime) -> None:
    """Half of its places are gone for a while; the responsable says so two minutes later, and when they are back."""
    places = places_of(shop.place.store) // 2
    mended = at + BROKEN_FOR
    until = at + SAID_FOR
    agenda.at(at, partial(shop.kitchen.change, places=-places))
    agenda.at(at + NOTICED, lambda: _say_it_is_lost(shop, agenda, places, until))
    agenda.at(mended, partial(shop.kitchen.change, places=places))
    agenda.at(mended + NOTICED, lambda: _say_it_is_back(shop, agenda, places, until))


def send_a_pizzaiolo_home(*, shop: Shop, agenda: Agenda, at: datetime) -> None:
    """One of three is missing for a while: five minutes later ten are added to what is promised."""
    hands = max(1, shop.kitchen.hands // 3)
    noticed = at + 2 * NOTICED
    agenda.at(at, partial(shop.kitchen.change, hands=-hands))
    agenda.at(noticed, lambda: _rush(shop, agenda, RUSH_MINUTES, at + ILL_FOR + NOTICED))
    agenda.at(at + ILL_FOR, partial(shop.kitchen.change, hands=hands))
    agenda.at(at + ILL_FOR, lambda: _rush_is_over(shop, agenda))


def take_nothing_for_a_while(*, shop: Shop, agenda: Agenda, at: datetime) -> None:
    agenda.at(at, lambda: _rush(shop, agenda, None, at + PAUSED_FOR))


def _say_it_is_lost(shop: Shop, agenda: Agenda, places: int, until: datetime) -> None:
    moved = lose_oven(store=shop.store, places=places, until=until, acting_user=shop.manager(), at=agenda.now)
    shop.moods.moved(moved)


def _say_it_is_back(shop: Shop, agenda: Agenda, places: int, until: datetime) -> None:
    restore_oven(store=shop.store, places=places, until=until, acting_user=shop.manager(), at=agenda.now)


def _rush(shop: Shop, agenda: Agenda, minutes: int | None, until: datetime) -> None:
    start_rush(store=shop.store, minutes=minutes, until=until, acting_user=shop.manager(), at=agenda.now)


def _rush_is_over(shop: Shop, agenda: Agenda) -> None:
    end_rush(store=shop.store, acting_user=shop.manager(), at=agenda.now)
