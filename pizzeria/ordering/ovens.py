"""Minutes of oven, reserved and given back under row locks, in the caller's transaction.

The slots of a store are locked in the order of their time, after the order and before its stock, so that two orders never wait for one another;
the constraint `oven_slot_not_overbooked` stands under it. Rows are made before any is locked: who makes them waits for nobody who
holds one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from pizzeria.kept import NOTHING, just_seen
from pizzeria.ordering.baking import Hold, Quarter, quarters_between
from pizzeria.ordering.errors import PromiseMoved
from pizzeria.ordering.keeping_turn import shrink
from pizzeria.ordering.models import Order, OvenReservation
from pizzeria.ordering.planning import Look, Promise, Wish, capacity_of, road_of
from pizzeria.ordering.promise import clock, held_by, plan, reading
from pizzeria.rows import Along, Row, array_of, insert_all, row
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import active_store, informed, zone_of

TOLERANCE = timedelta(minutes=5)
"""By how much an hour may move without anybody being asked again: no client sets out, or lays the table, by less."""

ASKED = "store_id = %(store)s AND starts_at >= %(first)s AND starts_at < %(end)s"
_LOCK = """
SELECT starts_at, minutes, reserved, gone, id FROM ordering_ovenslot
WHERE {which} AND %(there)s = (
    SELECT count(*) FROM ordering_ovenslot WHERE store_id = %(store)s AND starts_at >= %(first)s AND starts_at < %(stop)s
)
ORDER BY starts_at
FOR NO KEY UPDATE
"""
LOCK, LOCK_WITH_OWN = _LOCK.format(which=ASKED), _LOCK.format(which=f"({ASKED} OR id = ANY(%(also)s))")
"""None are locked when one is missing as far as may be asked: they are made first."""

NOT_PLANNED = "SELECT pg_advisory_xact_lock_shared(hashtext('ordering.ovens'), %(store)s)"
PLANNED = "SELECT pg_advisory_xact_lock(hashtext('ordering.ovens'), %(store)s)"
"""A quarter that is made while a plan of the ovens is being saved would have what they had before: its maker waits for the plan."""

MAKE = """
INSERT INTO ordering_ovenslot (store_id, starts_at, minutes, reserved, gone)
SELECT %(store)s, slot.starts_at, slot.minutes, 0, 0
FROM unnest(%(starts)s::timestamptz[], %(minutes)s::int[]) AS slot (starts_at, minutes)
ORDER BY slot.starts_at
ON CONFLICT (store_id, starts_at) DO NOTHING
"""

ADD = """
UPDATE ordering_ovenslot
SET reserved = reserved + (%(minutes)s::int[])[array_position(%(slots)s::bigint[], id)],
    gone = gone + (%(gone)s::int[])[array_position(%(slots)s::bigint[], id)]
WHERE id = ANY(%(slots)s::bigint[])
"""
"""Not a join: PostgreSQL, which expects ten slots where there is one, would read and hash them all."""

RELEASE = """
WITH held AS (
    SELECT reservation.id, reservation.slot_id, reservation.minutes
    FROM ordering_ovenreservation AS reservation JOIN ordering_ovenslot AS slot ON slot.id = reservation.slot_id
    WHERE reservation.order_id = %(order)s AND slot.starts_at > %(after)s
    ORDER BY slot.starts_at
    FOR NO KEY UPDATE OF slot
), gone AS (
    DELETE FROM ordering_ovenreservation AS reservation USING held WHERE reservation.id = held.id
)
UPDATE ordering_ovenslot AS slot SET reserved = slot.reserved - held.minutes FROM held WHERE slot.id = held.slot_id
"""

Plan = Callable[[Look], Promise]


@dataclass(frozen=True, slots=True)
class Reserved:
    """What is promised, and the minutes that are held for it by their slot's key."""

    promise: Promise
    holds: Mapping[int, Hold]

    @property
    def taking(self) -> Sequence[Along]:
        """What the slots, which are locked, are to be told of it: the caller lets it go along with the rows."""
        if not self.holds:
            return ()
        values = {
            "slots": array_of(self.holds),
            "minutes": array_of(hold.minutes for hold in self.holds.values()),
            "gone": array_of(hold.gone for hold in self.holds.values()),
        }
        return (Along((("held", ADD),), values),)

    def rows_of(self, order_id: int) -> list[Row]:
        """The rows that hold them for an order: the caller inserts them with it."""
        return [
            row(OvenReservation, order_id=order_id, slot_id=slot, minutes=hold.minutes)
            for slot, hold in self.holds.items()
        ]


def reserve(
    *,
    store: Store,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    wanted_at: datetime | None = None,
    expected: datetime | None = None,
) -> Reserved:
    """Find the minutes of oven that an order needs, lock them, and promise it an hour; the caller writes `rows_of` and `taking`.

    `expected` is the hour that the client saw, None for one who saw none. Raises what `promise_of` raises, and PromiseMoved.
    """
    wish = Wish(store=informed(store=store), oven_minutes=oven_minutes, zone=zone, at=at, wanted_at=wanted_at)
    locked: dict[datetime, int] = {}
    promise = plan(wish, _locking(wish.store, locked))
    require_expected(promise=promise, expected=expected)
    return _reserved(promise, locked)


def require_expected(*, promise: Promise, expected: datetime | None) -> None:
    """Raises PromiseMoved when what can be promised is later than what the client saw by more than `TOLERANCE`."""
    if expected is None or promise.promised_at <= expected + TOLERANCE:
        return
    raise PromiseMoved(
        _(
            "L’heure a changé entre-temps : ce sera %(time)s au lieu de %(before)s. Confirmez, ou choisissez-en une autre."
        )
        % {"time": clock(promise.promised_at), "before": clock(expected)},
        promised_at=promise.promised_at.isoformat(),
    )


def rebook(
    *,
    order: Order,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    wanted_at: datetime | None = None,
) -> Promise:
    """Give back what an order, whose lock the caller holds, has of the ovens and take what it needs now; what it is promised then.

    One that needs no more than it has, for the same hour, keeps its turn, and gives back the rest of it. The order's own columns
    are the caller's to write: see `moving.keep_promise`. Raises what `promise_of` raises; nothing has changed then.
    """
    store = informed(store=order.store)
    kept = _same_turn(order, store, oven_minutes, zone, wanted_at)
    if kept:
        # Only here: with its own quarters locked, another turn might be looked for in earlier ones.
        shrink(order=order, oven_minutes=oven_minutes)
        return kept
    wish = Wish(store=store, oven_minutes=oven_minutes, zone=zone, at=at, wanted_at=wanted_at)
    return rebook_by(order=order, store=store, planned=lambda look: plan(wish, look))


def would_rebook(
    *,
    order: Order,
    oven_minutes: int,
    zone: DeliveryZone | None,
    at: datetime,
    wanted_at: datetime | None = None,
) -> Promise:
    """What `rebook` would promise now; nothing is locked or kept. Raises as it does."""
    store = informed(store=order.store)
    wish = Wish(store=store, oven_minutes=oven_minutes, zone=zone, at=at, wanted_at=wanted_at)
    own = held_by(order)
    return _same_turn(order, store, oven_minutes, zone, wanted_at) or plan(wish, reading(store=store, own=own))


def rebook_by(*, order: Order, store: Store, planned: Plan) -> Promise:
    """As `rebook`, in another turn, which `planned` finds out of the ovens as they are without the order."""
    own = held_by(order)
    locked: dict[datetime, int] = {}
    promise = planned(_locking_all(store, locked, own))
    release(order=order)
    reserved = _reserved(promise, locked)
    if reserved.taking:
        insert_all(*reserved.rows_of(order.pk), along=reserved.taking)
    return promise


def release(*, order: Order) -> None:
    """Give back every minute of oven that an order, whose lock the caller holds, has. A second call finds none."""
    _release(order, "-infinity")


def release_after(*, order: Order, at: datetime) -> None:
    """Give back what an order that is out of the oven had of quarters that have not begun."""
    _release(order, at.isoformat())


def keep_from_making(*, store: Store) -> None:
    """Until the end of the transaction nobody makes a quarter of this store: what its ovens have is about to change."""
    with connection.cursor() as cursor:
        cursor.execute(PLANNED, {"store": store.pk})


@transaction.atomic
def make_slots(*, store: Store, starts: Sequence[datetime]) -> None:
    """Make the rows of these quarters of an hour that are not there yet, before any of them is locked."""
    with connection.cursor() as cursor:
        cursor.execute(NOT_PLANNED, {"store": store.pk})
        # Asked again: a plan may have been saved since `store` was read.
        with just_seen(NOTHING):
            now = active_store(slug=store.slug) or store
        capacities = [capacity_of(store=now, starts_at=start) for start in starts]
        cursor.execute(MAKE, {"store": store.pk, "starts": list(starts), "minutes": capacities})


def lock_slots(
    *, store: Store, first: datetime, end: datetime, stop: datetime, also: Sequence[int] = ()
) -> list[Quarter]:
    """Lock the quarters from that of `first` to `end`, and those of the keys `also`, in the order of their time.

    Every one as far as `stop` is made first, should one be missing. Comes back with all that it locked.
    """
    upto = quarters_between(first, stop)
    if not upto:
        return []
    asked: dict[str, Any] = {"store": store.pk, "first": upto[0], "end": end, "stop": stop, "there": len(upto)}
    if also:
        asked["also"] = list(also)
    lock = LOCK_WITH_OWN if also else LOCK
    with connection.cursor() as cursor:
        cursor.execute(lock, asked)
        rows = cursor.fetchall()
        if not rows:
            make_slots(store=store, starts=upto)
            cursor.execute(lock, asked)
            rows = cursor.fetchall()
    return [Quarter(*row) for row in rows]


def _reserved(promise: Promise, locked: Mapping[datetime, int]) -> Reserved:
    """What was promised, by the slots, which are locked."""
    return Reserved(promise, {locked[hold.starts_at]: hold for hold in promise.holds})


def _locking(store: Store, locked: dict[datetime, int]) -> Look:
    def look(first: datetime, end: datetime, stop: datetime) -> Sequence[Quarter]:
        quarters = lock_slots(store=store, first=first, end=end, stop=stop)
        locked.update((quarter.starts_at, quarter.pk or 0) for quarter in quarters)
        return quarters

    return look


def _locking_all(store: Store, locked: dict[datetime, int], own: Mapping[int, int]) -> Look:
    """Everything that may be asked, and the order's own slots, in one go: a second one might go back in time."""

    def look(first: datetime, _end: datetime, stop: datetime) -> Sequence[Quarter]:
        found = lock_slots(store=store, first=first, end=stop, stop=stop, also=list(own))
        locked.update((quarter.starts_at, quarter.pk or 0) for quarter in found)
        for quarter in found:
            quarter.reserved -= own.get(quarter.pk or 0, 0)
        asked = set(quarters_between(first, stop))
        return [quarter for quarter in found if quarter.starts_at in asked]

    return look


def _release(order: Order, after: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(RELEASE, {"order": order.pk, "after": after})


def _same_turn(
    order: Order, store: Store, oven_minutes: int, zone: DeliveryZone | None, wanted_at: datetime | None
) -> Promise | None:
    """The promise of an order that keeps its turn: it needs no more of the oven than before, for the same hour; None else."""
    holds = OvenReservation.objects.filter(order=order).order_by("slot__starts_at")
    held = tuple(Hold(*row) for row in holds.values_list("slot__starts_at", "minutes"))
    before = zone_of(store=store, postal_code=order.postal_code) if order.fulfilment == "delivery" else None
    road, road_before = (road_of(zone=each, at=order.promised_at) for each in (zone, before))
    is_same = sum(hold.minutes for hold in held) >= oven_minutes and wanted_at == order.wanted_at
    if order.start_at is None or not is_same or (wanted_at and road != road_before):
        return None
    return Promise(
        promised_at=order.promised_at + timedelta(minutes=road - road_before),
        start_at=order.start_at,
        ready_at=order.promised_at - timedelta(minutes=road_before),
        wanted_at=wanted_at,
        road_minutes=road,
        holds=held,
    )
