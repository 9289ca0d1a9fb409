"""A month of past orders, in the order in which they happened, with the deliveries that kept the shelves full."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from pizzeria.accounts.models import Role
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.boards import fill_boards
from pizzeria.operations.demo.catalogue import Menu
from pizzeria.operations.demo.life import live, order_at
from pizzeria.operations.demo.places import Place, full_shelves
from pizzeria.operations.demo.rhythm import moments
from pizzeria.operations.demo.stores import SCARCE
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import lower_quantity, raise_quantity
from pizzeria.stores.selectors import PARIS

LONGEST_LIFE = timedelta(hours=2, minutes=30)
"""Orders of the last hours would not have reached their end: the boards' orders take their place."""
DELIVERY_TIME = time(9, 30)
LOW = 0.4
"""The supplier brings what has fallen below this part of a full shelf."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens at a place: an order, or the supplier's morning delivery."""

    at: datetime
    place: Place
    is_supply: bool = False


def write_history(
    *, menu: Menu, places: list[Place], days: int, seed: str, now: datetime, tell: Callable[[int, int], None]
) -> None:
    """Live through the last `days` days until `now`, then leave the shelves and the boards as the demo opens."""
    timeline = _timeline(places, days, seed, now)
    total = sum(not moment.is_supply for moment in timeline)
    rng = random.Random(seed)  # noqa: S311 - a demonstration, not a secret
    taste = Taste(menu=menu, rng=rng)
    done = 0
    for moment in timeline:
        if moment.is_supply:
            _restock(moment.place, moment.at)
            continue
        order = order_at(place=moment.place, taste=taste, at=moment.at)
        live(order=order, place=moment.place, rng=rng)
        done += 1
        tell(done, total)
    for place in places:
        _restock(place, now - LONGEST_LIFE)
        fill_boards(place=place, taste=taste, now=now)
        _run_short(place, menu, now)


def _timeline(places: list[Place], days: int, seed: str, now: datetime) -> list[Moment]:
    """Every moment of the past, oldest first: a day's own moments depend on the seed and the day alone."""
    today = now.astimezone(PARIS).date()
    last = now - LONGEST_LIFE
    found: list[Moment] = []
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        for place in places:
            rng = random.Random(f"{seed} {place.row.slug} {day - today}")  # noqa: S311
            if back < days:
                found.append(Moment(datetime.combine(day, DELIVERY_TIME, tzinfo=PARIS), place, is_supply=True))
            found += [Moment(at, place) for at in moments(place=place, day=day, rng=rng)]
    return sorted((moment for moment in found if moment.at < last), key=lambda moment: moment.at)


def _restock(place: Place, at: datetime) -> None:
    """The supplier fills the shelves that are low, in whole units, and the manager writes it down."""
    manager = place.team[Role.MANAGER][0]
    full = full_shelves()
    for item in StockItem.objects.filter(store=place.store).select_related("ingredient").order_by("pk"):
        missing = full[item.ingredient.slug] - item.available
        if item.available < full[item.ingredient.slug] * LOW:
            unit = item.ingredient.unit_quantity
            raise_quantity(item_id=item.pk, quantity=-(-missing // unit) * unit, acting_user=manager, at=at)


def _run_short(place: Place, menu: Menu, now: datetime) -> None:
    """Leave only a little of what this store is short of: the rest was spoilt and thrown away."""
    manager = place.team[Role.MANAGER][0]
    for slug, left in SCARCE.get(place.row.slug, {}).items():
        item = StockItem.objects.get(store=place.store, ingredient=menu.ingredients[slug])
        if item.available > left:
            lower_quantity(item_id=item.pk, quantity=item.available - left, acting_user=manager, at=now)
