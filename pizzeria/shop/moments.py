"""When an order is wanted, as the checkout asks: as soon as possible, or one of a day's quarters of an hour."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order
from pizzeria.ordering.planning import Promise
from pizzeria.ordering.promise import SlotOffer, days_offered, promise_of, slots_of
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import DeliveryZone, Store

MOMENT = re.compile(r"\A20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z\Z")
DAY = re.compile(r"\A20[0-9]{2}-[0-9]{2}-[0-9]{2}\Z")
NEXT = 3
"""So many free slots are offered where the one that was wanted is full."""
SOON_FULL = 3
"""From so few on, what is left of a slot is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A quarter of an hour to choose; `few` is what is left of it where that is little."""

    offer: SlotOffer

    @property
    def value(self) -> str:
        return moment_text(self.offer.starts_at)

    @property
    def few(self) -> int:
        return self.offer.room if self.offer.room <= SOON_FULL else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """What can be chosen, and what is: `wanted` is empty for as soon as possible.

    `soonest` is what would be promised at once, `refusal` why nothing is; `promise` is that of the choice, `problem`
    why it has none; `free` are the next slots with room.
    """

    soonest: Promise | None
    refusal: BusinessError | None
    days: Sequence[date]
    day: date | None
    slots: Sequence[Slot]
    wanted: str
    promise: Promise | None
    problem: BusinessError | None

    @property
    def slot(self) -> SlotOffer | None:
        """The slot that is chosen."""
        return next((slot.offer for slot in self.slots if slot.value == self.wanted), None)

    @property
    def free(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.offer.room][:NEXT]

    @property
    def shows_slots(self) -> bool:
        """Whether the slots stand open: something of them is chosen, or nothing else can be."""
        return bool(self.wanted) or self.soonest is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """What the kitchen is asked for, and from where to where; `besides` is the order that it takes the place of, if any."""

    store: Store
    oven_minutes: int
    zone: DeliveryZone | None
    at: datetime
    besides: Order | None = None


def when_without_fee(*, basket: Basket, values: Mapping[str, str]) -> When:
    """The times as long as a delivery has no price, for want of an address or of enough to deliver: the page shows none of them.

    So none is counted, unless it stands for something.
    """
    soonest, _refusal = _promised(basket, None)
    if soonest is None or values["day"] or values["wanted"]:
        return when_of(basket=basket, values=values)
    return When(soonest=soonest, refusal=None, days=(), day=None, slots=(), wanted="", promise=soonest, problem=None)


def when_of(*, basket: Basket, values: Mapping[str, str]) -> When:
    """The times for a basket, with what was chosen; the first free slot where nothing can be made at once."""
    soonest, refusal = _promised(basket, None)
    days = days_offered(store=basket.store, at=basket.at)
    day = _day(values, days)
    slots = _slots(basket, day)
    if soonest is None and not _has_room(slots) and not (values["day"] or values["wanted"]):
        # Nothing of today is left: tomorrow is what can be had.
        day, slots = _next_day(basket, days, day, slots)
    wanted = _wanted(values, slots, is_open=soonest is not None)
    promise, problem = (soonest, refusal) if not wanted else _promised(basket, read_moment(wanted))
    return When(
        soonest=soonest,
        refusal=refusal,
        days=days,
        day=day,
        slots=slots,
        wanted=wanted,
        promise=promise,
        problem=problem,
    )


def is_on_another_day(values: Mapping[str, str]) -> bool:
    """Whether a day was ticked whose slots the page had not shown yet."""
    return bool(values["shown_day"] and values["day"]) and values["day"] != values["shown_day"]


def read_moment(text: str) -> datetime | None:
    """A moment as the page wrote it; None for anything else."""
    if not MOMENT.match(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def moment_text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _promised(basket: Basket, wanted_at: datetime | None) -> tuple[Promise | None, BusinessError | None]:
    try:
        found = promise_of(
            store=basket.store,
            oven_minutes=basket.oven_minutes,
            zone=basket.zone,
            at=basket.at,
            wanted_at=wanted_at,
            besides=basket.besides,
        )
    except BusinessError as refusal:
        return None, refusal
    return found, None


def _slots(basket: Basket, day: date | None) -> list[Slot]:
    if day is None:
        return []
    offers = slots_of(
        store=basket.store,
        oven_minutes=basket.oven_minutes,
        zone=basket.zone,
        at=basket.at,
        day=day,
        besides=basket.besides,
        most=SOON_FULL + 1,
    )
    return [Slot(offer=offer) for offer in offers]


def _has_room(slots: Sequence[Slot]) -> bool:
    return any(slot.offer.room for slot in slots)


def _next_day(
    basket: Basket, days: Sequence[date], day: date | None, slots: list[Slot]
) -> tuple[date | None, list[Slot]]:
    later = next((each for each in days if day and each > day), None)
    return (later, _slots(basket, later)) if later else (day, slots)


def _day(values: Mapping[str, str], days: Sequence[date]) -> date | None:
    """The day that was ticked, that of the slot that was chosen, or the first one."""
    wanted = read_moment(values["wanted"])
    asked = values["day"]
    ticked = date.fromisoformat(asked) if DAY.match(asked) and _is_a_day(asked) else None
    if ticked is None and wanted:
        ticked = wanted.astimezone(PARIS).date()
    return ticked if ticked in days else next(iter(days), None)


def _is_a_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _wanted(values: Mapping[str, str], slots: Sequence[Slot], *, is_open: bool) -> str:
    """The value that is chosen: as asked, or of another day its first free slot."""
    asked = values["wanted"]
    first = next((slot.value for slot in slots if slot.offer.room), "")
    if is_on_another_day(values) or (not asked and not is_open):
        return first
    if asked and asked not in {slot.value for slot in slots}:
        return "" if is_open else first
    return asked
