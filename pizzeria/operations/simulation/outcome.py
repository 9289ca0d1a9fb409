"""What an evening came to: who was promised what, when it came, and how full the ovens were."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pizzeria.operations.simulation.evening import Evening
from pizzeria.operations.simulation.kitchen import Bake
from pizzeria.ordering.baking import QUARTER, quarters_between
from pizzeria.ordering.models import Fulfilment, Order, OvenSlot, PromiseChange
from pizzeria.ordering.planning import capacity_of
from pizzeria.ordering.punctuality import KEPT_WITHIN
from pizzeria.stores.hours import PARIS

ENOUGH = 95
"""Percent of the promises that an evening has to keep."""
BY_THE_CLIENT = (PromiseChange.Reason.CHANGED, PromiseChange.Reason.PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An order that was handed over. `first` is what its client was promised when they last decided something: ordered, paid, changed
    the order; `last` what stood in the end; `came` when it was at the door, or stood ready at the counter.
    """

    slug: str
    placed: datetime
    first: datetime
    last: datetime
    came: datetime
    is_delivery: bool

    @property
    def late_by_first(self) -> float:
        """Minutes; negative for early."""
        return (self.came - self.first).total_seconds() / 60

    @property
    def late_by_last(self) -> float:
        return (self.came - self.last).total_seconds() / 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Of some orders: how many kept their promise, in percent; minutes of lateness, negative for early."""

    orders: int
    kept: float
    within: float
    """Neither later nor earlier by more than five minutes."""
    fifth: float
    median: float
    ninety_fifth: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A quarter of an hour of a shop's ovens, in minutes of oven: what is usual, what there was, what was promised and baked."""

    starts_at: datetime
    usual: int
    there: int
    held: int
    baked: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    evening: Evening
    orders: int
    cancelled: int
    kept: Sequence[Kept]
    loads: dict[str, list[Load]]

    @property
    def first(self) -> Figures:
        return figures(self.kept, lambda one: one.late_by_first)

    @property
    def last(self) -> Figures:
        return figures(self.kept, lambda one: one.late_by_last)

    @property
    def holds(self) -> bool:
        """Enough promises were kept, and nothing was promised or counted that is not so."""
        return self.first.kept >= ENOUGH and not self.evening.broken


def outcome_of(evening: Evening) -> Outcome:
    orders = Order.objects.select_related("store").prefetch_related("promise_changes").order_by("pk")
    ended = [order for order in orders if order.status == Order.Status.DELIVERED]
    return Outcome(
        evening=evening,
        orders=len(orders),
        cancelled=sum(order.status == Order.Status.CANCELLED for order in orders),
        kept=[_kept(order) for order in ended],
        loads={shop.slug: _loads(evening, number) for number, shop in enumerate(evening.shops)},
    )


def figures(kept: Iterable[Kept], late: Callable[[Kept], float]) -> Figures:
    minutes = sorted(late(one) for one in kept)
    if not minutes:
        return Figures(orders=0, kept=0, within=0, fifth=0, median=0, ninety_fifth=0)
    most = KEPT_WITHIN / timedelta(minutes=1)
    return Figures(
        orders=len(minutes),
        kept=100 * sum(each <= most for each in minutes) / len(minutes),
        within=100 * sum(abs(each) <= most for each in minutes) / len(minutes),
        fifth=_at(minutes, 0.05),
        median=_at(minutes, 0.5),
        ninety_fifth=_at(minutes, 0.95),
    )


def _at(minutes: Sequence[float], part: float) -> float:
    return minutes[min(len(minutes) - 1, int(part * len(minutes)))]


def _kept(order: Order) -> Kept:
    first = order.first_promised_at or order.promised_at
    for change in order.promise_changes.all():
        if change.reason in BY_THE_CLIENT:
            first = change.after
    is_delivery = order.fulfilment == Fulfilment.DELIVERY
    came = order.delivered_at if is_delivery else order.ready_at
    if came is None:
        raise ValueError(order.number)
    return Kept(
        slug=order.store.slug,
        placed=order.placed_at.astimezone(PARIS),
        first=first,
        last=order.promised_at,
        came=came,
        is_delivery=is_delivery,
    )


def _loads(evening: Evening, number: int) -> list[Load]:
    shop, plan = evening.shops[number], evening.plan
    store = shop.store
    slots = {slot.starts_at: slot for slot in OvenSlot.objects.filter(store=store)}
    found = []
    for start in quarters_between(plan.since, plan.until + 4 * QUARTER):
        usual, slot = capacity_of(store=store, starts_at=start), slots.get(start)
        found.append(
            Load(
                starts_at=start.astimezone(PARIS),
                usual=usual,
                there=slot.minutes if slot else usual,
                held=slot.reserved if slot else 0,
                baked=_baked(shop.kitchen.baked, start),
            )
        )
    return found


def _baked(bakes: Sequence[Bake], start: datetime) -> float:
    """The minutes for which places were taken in a quarter of an hour."""
    end = start + QUARTER
    spans = (min(bake.until, end) - max(bake.since, start) for bake in bakes if bake.since < end and bake.until > start)
    return sum((span.total_seconds() / 60 for span in spans), 0.0)
