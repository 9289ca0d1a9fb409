"""What a client may expect now, before they order: at the counter, at their door, or else later or elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pizzeria.errors import BusinessError
from pizzeria.ordering.elsewhere import Elsewhere, shops_elsewhere
from pizzeria.ordering.lines import PricedLine
from pizzeria.ordering.models import Fulfilment
from pizzeria.ordering.promise import days_offered, oven_minutes_of, promise_of, slots_of
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import zone_of

DAYS_LOOKED_AT = 2
"""For the next free slot: a shop that is full for two days is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """An hour at the counter and at the door, as far as there is one; else why not, from when on, and who can."""

    counter: datetime | None
    door: datetime | None
    refusal: BusinessError | None = None
    next_at: datetime | None = None
    elsewhere: Sequence[Elsewhere] = ()


def expected_of(
    *, store: Store, lines: Sequence[PricedLine], oven_minutes: int, postal_code: str, at: datetime
) -> Expected:
    """For these lines, or for so many minutes of oven where there are none; a door where the postal code is served."""
    minutes = oven_minutes_of(lines) if lines else oven_minutes
    zone = zone_of(store=store, postal_code=postal_code)
    try:
        counter = promise_of(store=store, oven_minutes=minutes, zone=None, at=at).promised_at
    except BusinessError as refusal:
        return Expected(
            counter=None,
            door=None,
            refusal=refusal,
            next_at=_next_at(store, minutes, zone, at),
            elsewhere=shops_elsewhere(
                store=store,
                lines=lines,
                oven_minutes=minutes,
                fulfilment=Fulfilment.DELIVERY if zone else Fulfilment.COLLECTION,
                postal_code=postal_code,
                at=at,
            ),
        )
    return Expected(counter=counter, door=_door(store, minutes, zone, at))


def _door(store: Store, minutes: int, zone: DeliveryZone | None, at: datetime) -> datetime | None:
    """The hour at the door; None without a zone, or where the road is too long before the store closes."""
    if zone is None:
        return None
    try:
        return promise_of(store=store, oven_minutes=minutes, zone=zone, at=at).promised_at
    except BusinessError:
        return None


def _next_at(store: Store, minutes: int, zone: DeliveryZone | None, at: datetime) -> datetime | None:
    for day in days_offered(store=store, at=at)[:DAYS_LOOKED_AT]:
        for slot in slots_of(store=store, oven_minutes=minutes, zone=zone, at=at, day=day, most=1):
            if slot.room:
                return slot.starts_at
    return None
