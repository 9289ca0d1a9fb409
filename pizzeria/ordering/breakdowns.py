"""An oven breaks down, and is mended: what cannot be baked any more moves, and its clients are told.

Who was promised first keeps their turn; of the orders that do not fit any more, those that were promised last move. They have the most
time to be told, and a client who is about to leave for the counter is not sent home. What is being prepared stays where it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.ordering.baking import quarter_of, quarters_between
from pizzeria.ordering.errors import InvalidChoice
from pizzeria.ordering.models import Order, OrderLine, OvenReservation, OvenSlot, PromiseChange
from pizzeria.ordering.ovens import keep_from_making, lock_slots, make_slots, release
from pizzeria.ordering.planning import capacity_of
from pizzeria.ordering.rebooking import DAYS_TO_COME, minutes_held, move_turn
from pizzeria.stores.models import Store
from pizzeria.stores.selectors import informed

Status = Order.Status

MOVABLE = (Status.AWAITING_PAYMENT, Status.TO_PREPARE, Status.TAKEN)
LONGEST = timedelta(days=2)
A_PLACE = 15
"""Minutes of oven that a place gives in a quarter of an hour."""
ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class _Loss:
    """So many places, in these quarters, until an hour."""

    starts: Sequence[datetime]
    places: int
    until: datetime


def would_move(*, store: Store, places: int, until: datetime, at: datetime | None = None) -> list[Order]:
    """The orders that would have to move if so many places were lost until an hour: for whoever is asked to confirm it."""
    now = at or timezone.now()
    starts, store = _starts(places, until, now), informed(store=store)
    slots = list(OvenSlot.objects.filter(store=store, starts_at__gte=starts[0], starts_at__lt=until))
    for slot in slots:
        _fit(slot, store=store, lost=slot.lost + places * A_PLACE)
    return _too_many(slots, _holders(slots))


def without_turn(*, store: Store) -> list[Order]:
    """The orders for which no turn was found any more, and which hold nothing of the ovens: their clients are to be called."""
    baked = OrderLine.objects.filter(order=OuterRef("pk"), variant__size__oven_minutes__gt=0)
    waiting = Order.objects.filter(Exists(baked), store=store, status__in=MOVABLE, start_at__isnull=False)
    return list(waiting.filter(oven_reservations__isnull=True).order_by("promised_at", "pk"))


def lose_oven(
    *, store: Store, places: int, until: datetime, acting_user: User | None, at: datetime | None = None
) -> list[Order]:
    """Bake with so many places less until an hour; the orders whose turn moved, each of which is told (OVEN).

    Those for which there is no turn any more are `without_turn`. Raises InvalidChoice for an hour that has passed or is days away, or for no place at all.
    """
    now = at or timezone.now()
    starts = _starts(places, until, now)
    # Before any order is locked: whoever makes a quarter keeps others from it until the end, and may wait for an order of theirs.
    make_slots(store=informed(store=store), starts=quarters_between(now, _horizon(until)))
    for _attempt in range(ATTEMPTS):
        moved = _lose(informed(store=store), _Loss(starts, places, until), acting_user, now)
        if moved is not None:
            return moved
    raise RuntimeError(f"{store.slug}: orders kept coming in while an oven was taken out")


@transaction.atomic
def restore_oven(
    *,
    store: Store,
    places: int,
    until: datetime,
    acting_user: User | None,  # noqa: ARG001 - the audit log has it
    at: datetime | None = None,
) -> None:
    """Bake with so many places again until the hour for which they were lost; never with more than there are.

    Nobody's turn moves: new orders take what is free again. Raises InvalidChoice as `lose_oven` does.
    """
    now = at or timezone.now()
    starts = _starts(places, until, now)
    store = informed(store=store)
    slots = _locked(store, starts, until)
    for slot in slots:
        _fit(slot, store=store, lost=slot.lost - places * A_PLACE)
    _write(slots)


def lock_ovens(*, store: Store, at: datetime | None = None) -> list[OvenSlot]:
    """Lock every quarter to come that somebody has asked for, and keep others from being made: before the store's row, whose plan is
    to change.
    """
    keep_from_making(store=store)
    slots = OvenSlot.objects.select_for_update(no_key=True).filter(store=store)
    return list(slots.filter(starts_at__gte=quarter_of(at or timezone.now())).order_by("starts_at"))


def refit_ovens(*, store: Store, locked: Sequence[OvenSlot]) -> None:
    """Let these quarters, which `lock_ovens` has locked, have what the store's ovens have now that its plan was changed.

    What is held stays held: a quarter that gets smaller keeps as much. An oven that is out of order stays so.
    """
    store = informed(store=store)
    for slot in locked:
        _fit(slot, store=store, lost=slot.lost)
    _write(locked)


@transaction.atomic
def _lose(store: Store, loss: _Loss, acting_user: User | None, at: datetime) -> list[Order] | None:
    """One attempt; None, and nothing has changed, when an order came in between its two locks."""
    held = OvenReservation.objects.filter(
        slot__store=store, slot__starts_at__gte=loss.starts[0], slot__starts_at__lt=loss.until
    )
    # Orders come before ovens, for everybody.
    known = Order.objects.select_for_update(no_key=True).filter(pk__in=held.values("order_id")).order_by("pk")
    locked = {order.pk for order in known}
    slots = _locked(store, loss.starts, loss.until)
    holders = _holders(slots)
    if any(order.pk not in locked for order, _slot, _minutes in holders):
        return None
    for slot in slots:
        _fit(slot, store=store, lost=slot.lost + loss.places * A_PLACE)
    moving = _too_many(slots, holders)
    # Some of it may lie beyond the last quarter that is lost.
    minutes = {order.pk: minutes_held(order=order) for order in moving}
    for order in moving:
        release(order=order)
    left = dict(OvenSlot.objects.filter(pk__in=[slot.pk for slot in slots]).values_list("pk", "reserved"))
    for slot in slots:
        slot.reserved = left[slot.pk]
    _write(slots)
    return [
        order
        for order in moving
        if move_turn(
            order=order,
            minutes=minutes[order.pk],
            begin=max(at, order.start_at or at),
            reason=PromiseChange.Reason.OVEN,
            at=at,
            acting_user=acting_user,
        )
    ]


def _starts(places: int, until: datetime, at: datetime) -> list[datetime]:
    if not at < until <= at + LONGEST:
        raise InvalidChoice(_("Indiquez jusqu’à quelle heure, dans les deux jours."), field="until")
    if places < 1:
        raise InvalidChoice(_("Indiquez combien de places du four sont perdues."), field="places")
    return quarters_between(at, until)


def _horizon(until: datetime) -> datetime:
    """As far as an order may move that cannot be baked before an hour."""
    return until + timedelta(days=DAYS_TO_COME + 1)


def _locked(store: Store, starts: Sequence[datetime], until: datetime) -> list[OvenSlot]:
    # With those to which somebody may move: locked later on, an earlier one might come after a later one.
    end = _horizon(until)
    lock_slots(store=store, first=starts[0], end=end, stop=end)
    slots = OvenSlot.objects.filter(store=store, starts_at__gte=starts[0], starts_at__lt=until)
    return list(slots.order_by("starts_at"))


def _fit(slot: OvenSlot, *, store: Store, lost: int) -> None:
    """What a quarter has with so many minutes lost, which may be more than there are; of what has passed, its part. Not saved."""
    before = slot.minutes
    slot.lost = max(0, lost)
    slot.minutes = max(0, capacity_of(store=store, starts_at=slot.starts_at) - slot.lost)
    # A part of a quarter of an hour: half of it is half of fewer minutes, too.
    slot.gone = slot.gone * slot.minutes // before if before else 0


def _holders(slots: Sequence[OvenSlot]) -> list[tuple[Order, int, int]]:
    """Who holds minutes of these slots, the last promised first: the order, the slot, the minutes."""
    rows = OvenReservation.objects.filter(slot__in=[slot.pk for slot in slots]).select_related("order__store")
    return [(row.order, row.slot_id, row.minutes) for row in rows.order_by(F("order__promised_at").desc(), "-order_id")]


def _too_many(slots: Sequence[OvenSlot], holders: Sequence[tuple[Order, int, int]]) -> list[Order]:
    """The orders that have to go for what is held to fit, the first promised first."""
    over = {slot.pk: slot.reserved + slot.gone - slot.minutes for slot in slots}
    gone: dict[int, Order] = {}
    for order, held, _minutes in holders:
        if order.status not in MOVABLE or order.pk in gone or over[held] <= 0:
            continue
        gone[order.pk] = order
        for each, held_slot, minutes in holders:
            if each.pk == order.pk:
                over[held_slot] -= minutes
    return sorted(gone.values(), key=lambda order: (order.promised_at, order.pk))


def _write(slots: Sequence[OvenSlot]) -> None:
    """What these quarters have from now on: what is being prepared in them stays, whatever they lost."""
    for slot in slots:
        slot.minutes = max(slot.minutes, slot.reserved + slot.gone)
    OvenSlot.objects.bulk_update(slots, ["minutes", "gone", "lost"])
