"""When an order would come, and what is still free: read without a lock, for whoever asks. `ovens` reserves.

A promise is what the client reads: at the door for a delivery, at the counter else. How it is made: `baking`.
"""

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple, Protocol

from django.conf import settings
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from pizzeria.catalogue.models import Variant
from pizzeria.ordering.baking import QUARTER, Quarter, each_quarter, quarter_of, quarters_between
from pizzeria.ordering.errors import InvalidChoice, KitchenPaused, SlotFull
from pizzeria.ordering.models import Order, OvenReservation, OvenSlot
from pizzeria.ordering.planning import (
    Look,
    Promise,
    Slot,
    Wish,
    at_once,
    capacity_of,
    first_begin,
    hands_of,
    in_its_slot,
    road_of,
    slot_in,
    within,
)
from pizzeria.stores.errors import StoreClosed
from pizzeria.stores.hours import PARIS, Span, is_open, next_opening, period_at, periods
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.rush import paused_until
from pizzeria.stores.selectors import informed, informed_zone

MOST_ROOM = 20
"""More orders than this are not counted: nobody chooses between thirty and forty."""
ALTERNATIVES = 3
LOOK_BACK = timedelta(hours=4)
"""How long before a slot its work may begin: for a table of sixty, not for two pizzas."""


class Baking(Protocol):
    """A line of a basket or of an order."""

    @property
    def variant(self) -> Variant: ...
    @property
    def quantity(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOffer:
    """A quarter of an hour that can be chosen; `room` in orders like the one that was asked for, 0 when it is full."""

    starts_at: datetime
    ends_at: datetime
    room: int


def oven_minutes_of(lines: Iterable[Baking]) -> int:
    """The minutes of oven that lines take: a pizza what its size takes, half-and-half or not; drinks and desserts none."""
    return sum(line.variant.size.oven_minutes * line.quantity for line in lines if line.variant.size)


def promise_of(
    *,
    store: Store,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    wanted_at: datetime | None = None,
    besides: Order | None = None,
) -> Promise:
    """What would be promised for so many minutes of oven, at once or in a slot. Nothing is kept for it.

    `besides` is an order that gives back what it holds for it: the one that is changed. Raises InvalidChoice, SlotFull,
    KitchenPaused and StoreClosed.
    """
    store = informed(store=store)
    zone = informed_zone(store=store, zone=zone)
    wish = Wish(store=store, oven_minutes=oven_minutes, zone=zone, at=at, wanted_at=wanted_at)
    return plan(wish, reading(store=store, own=held_by(besides)))


def plan(wish: Wish, look: Look) -> Promise:
    """What can be promised out of the ovens as `look` finds them. Raises as `promise_of` does."""
    if not wish.store.is_active:
        raise closed_for_now(wish.store)
    if wish.wanted_at is not None:
        return _in_its_slot(wish, wish.wanted_at, look)
    require_open(store=wish.store, at=wish.at)
    pause = paused_until(store=wish.store, at=wish.at)
    if pause:
        raise KitchenPaused(
            _(
                "Trop de commandes à la fois : %(store)s n’en prend plus jusqu’à %(time)s. Choisissez une heure plus tard."
            )
            % {"store": wish.store.name, "time": clock(pause)},
            until=pause.isoformat(),
            alternatives=_alternatives(wish, pause),
        )
    return at_once(wish, look, begin=wish.at) or _refuse_at_once(wish)


def slots_of(
    *,
    store: Store,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    day: date,
    besides: Order | None = None,
    most: int = MOST_ROOM,
) -> list[SlotOffer]:
    """The slots of a day in Paris that an order like this can be asked for in, with what is left of each. One query.

    `besides` is an order that gives back what it holds for it, at the cost of another: no slot is full because of itself.
    Room is counted up to `most`: who only asks whether there is any does not pay for twenty.
    """
    store = informed(store=store)
    wish = Wish(store=store, oven_minutes=oven_minutes, zone=informed_zone(store=store, zone=zone), at=at)
    starts = list(_starting(wish, day))
    if not starts:
        return []
    look = reading(store=store, own=held_by(besides))
    end = starts[-1].at + QUARTER
    rooms = _rooms(wish, starts, look(starts[0].at - LOOK_BACK, end, end), most)
    return [
        SlotOffer(starts_at=start.at.astimezone(PARIS), ends_at=(start.at + QUARTER).astimezone(PARIS), room=room)
        for start, room in zip(starts, rooms, strict=True)
    ]


def days_offered(*, store: Store, at: datetime) -> list[date]:
    """The days, from today on, for which a store takes orders."""
    wish = Wish(store=informed(store=store), oven_minutes=0, zone=None, at=at)
    return [day for day in _days(at) if any(_starting(wish, day))]


def require_open(*, store: Store, at: datetime) -> None:
    """Raises StoreClosed, with the next opening, for a store that is closed at a moment."""
    if store.is_active and is_open(store=store, at=at):
        return
    opening = next_opening(store=store, at=at) if store.is_active else None
    if opening is None:
        raise closed_for_now(store)
    raise StoreClosed(
        _("%(store)s est fermé pour le moment. Il rouvre le %(day)s à %(time)s.")
        % {"store": store.name, "day": date_format(opening, "l j F"), "time": date_format(opening, "H:i")},
        store=store.slug,
    )


def closed_for_now(store: Store) -> StoreClosed:
    """The refusal of a store that says nothing of its next opening."""
    return StoreClosed(_("%(store)s est fermé pour le moment.") % {"store": store.name}, store=store.slug)


def fill(store: Store, starts: Sequence[datetime], rows: Iterable[Quarter]) -> list[Quarter]:
    """The quarters of these beginnings: those of `rows`, and whole ones where nobody has asked yet."""
    known = {row.starts_at: row for row in rows}
    return [known.get(start) or Quarter(start, capacity_of(store=store, starts_at=start)) for start in starts]


def reading(*, store: Store, own: Mapping[int, int]) -> Look:
    """The ovens as they stand, without a lock, and without what is held by oneself: minutes by their slot's key."""

    def look(first: datetime, end: datetime, _stop: datetime) -> Sequence[Quarter]:
        quarters = _read(store, first, end)
        for quarter in quarters:
            quarter.reserved -= own.get(quarter.pk or 0, 0)
        return quarters

    return look


def held_by(order: Order | None) -> dict[int, int]:
    """The minutes of oven that an order holds, by their slot's key; nothing for none."""
    if order is None:
        return {}
    return dict(OvenReservation.objects.filter(order=order).values_list("slot_id", "minutes"))


def _read(store: Store, first: datetime, end: datetime) -> list[Quarter]:
    rows = OvenSlot.objects.filter(store=store, starts_at__gte=quarter_of(first), starts_at__lt=end).order_by()
    kept = [Quarter(*row) for row in rows.values_list("starts_at", "minutes", "reserved", "gone", "pk")]
    return fill(store, quarters_between(first, end), kept)


def _in_its_slot(wish: Wish, wanted_at: datetime, look: Look) -> Promise:
    if wanted_at != quarter_of(wanted_at) or wanted_at > wish.at + timedelta(days=settings.ORDER_AHEAD_DAYS):
        raise InvalidChoice(_("Choisissez une heure parmi celles qui sont proposées."), field="wanted_at")
    if not is_open(store=wish.store, at=wanted_at):
        raise StoreClosed(
            _("%(store)s est fermé le %(day)s à %(time)s.")
            % {"store": wish.store.name, "day": _day(wanted_at), "time": clock(wanted_at)},
            store=wish.store.slug,
        )
    found = in_its_slot(wish, look, wanted_at=wanted_at)
    if found is None:
        raise SlotFull(
            _("Il n’y a plus de place à %(time)s pour cette commande. Choisissez une autre heure.")
            % {"time": clock(wanted_at)},
            alternatives=_alternatives(wish, wanted_at),
        )
    return found


def _refuse_at_once(wish: Wish) -> Promise:
    """Raises what keeps an order from being made before the store closes."""
    period = period_at(store=wish.store, at=wish.at)
    soonest = wish.at + hands_of(store=wish.store, at=wish.at) + timedelta(minutes=road_of(zone=wish.zone, at=wish.at))
    if period is None or soonest > period[1]:
        raise StoreClosed(
            _("%(store)s ferme bientôt : il est trop tard pour cette commande. Choisissez une autre heure.")
            % {"store": wish.store.name},
            store=wish.store.slug,
            alternatives=_alternatives(wish, wish.at),
        )
    raise SlotFull(
        _("Nos fours sont pleins jusqu’à la fermeture. Choisissez une autre heure."),
        alternatives=_alternatives(wish, wish.at),
    )


def _alternatives(wish: Wish, after: datetime) -> list[str]:
    """The beginnings of the next slots that have room, soonest first."""
    found = _with_room(wish, after)
    return [start.isoformat() for start, _number in zip(found, range(ALTERNATIVES), strict=False)]


def _with_room(wish: Wish, after: datetime) -> Iterator[datetime]:
    for day in _days(wish.at):
        starts = [start.at for start in _starting(wish, day) if start.at > after]
        quarters = _read(wish.store, starts[0] - LOOK_BACK, starts[-1] + QUARTER) if starts else []
        for start in starts:
            asked = replace(wish, wanted_at=start)
            if in_its_slot(asked, _within(quarters), wanted_at=start):
                yield start.astimezone(PARIS)


def _days(at: datetime) -> list[date]:
    today = at.astimezone(PARIS).date()
    return [today + timedelta(days=number) for number in range(settings.ORDER_AHEAD_DAYS + 1)]


class _Start(NamedTuple):
    """The beginning of a slot, and the opening period that it is in."""

    at: datetime
    period: Span


def _starting(wish: Wish, day: date) -> Iterator[_Start]:
    """The beginnings of a day's slots that can be reached from now, were the ovens empty."""
    midnight = datetime.combine(day, time(), tzinfo=PARIS)
    end = datetime.combine(day + timedelta(days=1), time(), tzinfo=PARIS)
    last = wish.at + timedelta(days=settings.ORDER_AHEAD_DAYS)
    for period in periods(store=wish.store, at=midnight, days=2):
        soonest = _soonest(wish, period)
        for start in each_quarter(max(period[0], midnight), min(period[1], end)):
            if period[0] <= start <= last and start + QUARTER > soonest:
                yield _Start(start, period)


def _soonest(wish: Wish, period: Span) -> datetime:
    begin = first_begin(wish.store, wish.at, period)
    ready = begin + hands_of(store=wish.store, at=begin)
    return ready + timedelta(minutes=road_of(zone=wish.zone, at=ready))


def _rooms(wish: Wish, starts: Iterable[_Start], quarters: Sequence[Quarter], most: int) -> Iterator[int]:
    """What is left of each slot, in orders; counted once for slots that differ in nothing but their hour."""
    known: dict[Hashable, int] = {}
    for start in starts:
        slot = slot_in(replace(wish, wanted_at=start.at), start.period, wanted_at=start.at)
        near = _slice(quarters, slot.since, slot.latest)
        shape = slot.shape(near)
        if shape not in known:
            known[shape] = _room(slot, near, most)
        yield known[shape]


def _room(slot: Slot, quarters: Sequence[Quarter], most: int) -> int:
    near = [replace(quarter) for quarter in quarters]
    for room in range(most):
        found = within(slot, near)
        if found is None:
            return room
        for hold in found.holds:
            near[(hold.starts_at - near[0].starts_at) // QUARTER].take(hold)
    return most


def _within(quarters: Sequence[Quarter]) -> Look:
    return lambda first, end, _stop: _slice(quarters, first, end)


def _slice(quarters: Sequence[Quarter], first: datetime, end: datetime) -> Sequence[Quarter]:
    if not quarters:
        return quarters
    start = quarters[0].starts_at
    return quarters[max(0, (quarter_of(first) - start) // QUARTER) : max(0, -((start - end) // QUARTER))]


def clock(moment: datetime) -> str:
    """`20:15`, in Paris."""
    return date_format(moment.astimezone(PARIS), "H:i")


def _day(moment: datetime) -> str:
    return date_format(moment.astimezone(PARIS), "l j F")
