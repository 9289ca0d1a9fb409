"""A month of past orders, in the order in which they happened, with the deliveries that kept the shelves full."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby

from django.db import connection, transaction
from django.db.models import Max

from pizzeria.accounts.models import Role
from pizzeria.operations.demo.baskets import Taste
from pizzeria.operations.demo.boards import fill_boards, fill_slots
from pizzeria.operations.demo.catalogue import Menu
from pizzeria.operations.demo.floats import count_floats
from pizzeria.operations.demo.life import live, order_at
from pizzeria.operations.demo.places import Place, full_shelves
from pizzeria.operations.demo.reviews import write_reviews
from pizzeria.operations.demo.rhythm import moments
from pizzeria.operations.demo.stores import SCARCE
from pizzeria.ordering.models import Order
from pizzeria.ordering.sales import recompute_sales
from pizzeria.stock.changing import Reason, change_quantity
from pizzeria.stock.models import Movement, StockItem
from pizzeria.stores.hours import PARIS

LONGEST_LIFE = timedelta(hours=2, minutes=30)
"""Orders of the last hours would not have reached their end: the boards' orders take their place."""
DELIVERY_TIME = time(9, 30)
LOW = 0.4
"""The supplier brings what has fallen below this part of a full shelf."""


@dataclass(frozen=True, slots=True)
class Moment:
    """Something that happens at a place: the supplier's morning delivery, or an order, which has a seed of its own."""

    at: datetime
    place: Place
    seed: str = ""


def write_past(
    *, menu: Menu, places: list[Place], days: int, seed: str, now: datetime, tell: Callable[[int, int], None]
) -> None:
    """Live through the last `days` days until `now`; what is written already is not written again.

    Every day is a transaction: one alone over all of them would have to walk past every version
    that a much sold ingredient's row ever had.
    """
    timeline = _timeline(places, days, seed, now)
    known = Order.objects.aggregate(last=Max("placed_at"))["last"]
    total = sum(1 for moment in timeline if moment.seed)
    done = 0
    for _day, moments_of_day in groupby(timeline, key=lambda moment: moment.at.astimezone(PARIS).date()):
        to_come = list(moments_of_day)
        with transaction.atomic():
            for moment in to_come:
                done += 1 if moment.seed else 0
                if known is None or moment.at > known:
                    _happen(moment, menu)
                    tell(done, total)
            forget_news()


def write_present(*, menu: Menu, places: list[Place], seed: str, now: datetime) -> None:
    """Leave the shelves, the boards and the figures as the demo opens, inside the caller's transaction."""
    for place in places:
        _restock(place, now - LONGEST_LIFE)
        count_floats(place=place, at=now)
        taste = Taste(menu=menu, rng=_random(f"{seed} {place.row.slug} now"))
        fill_boards(place=place, taste=taste, now=now)
        fill_slots(place=place, taste=taste, now=now)
        _run_short(place, menu, now)
        recompute_sales(store=place.store, at=now)
        write_reviews(place=place, rng=_random(f"{seed} {place.row.slug} said"), now=now)
    forget_news()


def forget_news() -> None:
    """Drop the live events that this transaction has written: the past is no news to anybody."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM live_liveevent WHERE xact = pg_current_xact_id()::text::bigint")


def _happen(moment: Moment, menu: Menu) -> None:
    if not moment.seed:
        _restock(moment.place, moment.at)
        return
    taste = Taste(menu=menu, rng=_random(moment.seed))
    order = order_at(place=moment.place, taste=taste, at=moment.at)
    live(order=order, place=moment.place, rng=taste.rng)


def _random(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a demonstration, not a secret


def _timeline(places: list[Place], days: int, seed: str, now: datetime) -> list[Moment]:
    """Every moment of the past, oldest first: a day's own depend on the seed and on how long ago it is."""
    today = now.astimezone(PARIS).date()
    found: list[Moment] = []
    for back in range(days, -1, -1):
        day = today - timedelta(days=back)
        for place in places:
            day_seed = f"{seed} {place.row.slug} {back}"
            if back < days:
                found.append(Moment(datetime.combine(day, DELIVERY_TIME, tzinfo=PARIS), place))
            orders = moments(place=place, day=day, rng=_random(day_seed))
            found += [Moment(at, place, f"{day_seed} {number}") for number, at in enumerate(orders)]
    last = now - LONGEST_LIFE
    return sorted((moment for moment in found if moment.at < last), key=lambda moment: moment.at)


def _restock(place: Place, at: datetime) -> None:
    """The supplier fills the shelves that are low, in whole units, and the manager writes it down."""
    manager = place.team[Role.MANAGER][0]
    full = full_shelves()
    for item in StockItem.objects.filter(store=place.store).select_related("ingredient").order_by("pk"):
        missing = full[item.ingredient.slug] - item.available
        if item.available < full[item.ingredient.slug] * LOW:
            unit = item.ingredient.unit_quantity
            change_quantity(
                store=place.store, item_id=item.pk, reason=Reason.DELIVERY, quantity=-(-missing // unit) * unit,
                seen=item.version, acting_user=manager, at=at,
            )  # fmt: skip


def _run_short(place: Place, menu: Menu, now: datetime) -> None:
    """Leave only a little of what this store is short of: the rest was spoilt and thrown away."""
    manager = place.team[Role.MANAGER][0]
    for slug, left in SCARCE.get(place.row.slug, {}).items():
        item = StockItem.objects.get(store=place.store, ingredient=menu.ingredients[slug])
        if item.available > left:
            change_quantity(
                store=place.store, item_id=item.pk, reason=Reason.WASTE, cause=Movement.Cause.SPOILT,
                quantity=item.available - left, seen=item.version, acting_user=manager, at=now,
            )  # fmt: skip
