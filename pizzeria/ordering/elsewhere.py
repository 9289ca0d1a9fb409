"""Full, paused or closed here: which other shop in reach can make this basket, and when (before anything is paid)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pizzeria.errors import BusinessError
from pizzeria.ordering.lines import PricedLine, needs_of
from pizzeria.ordering.models import Fulfilment
from pizzeria.ordering.promise import oven_minutes_of, promise_of
from pizzeria.stock.selectors import short_ingredients
from pizzeria.stores.models import DeliveryZone, Store
from pizzeria.stores.selectors import active_stores_in_memory, zone_of

ASKED = 5
"""So many shops are asked what they can promise: each costs a query or two."""
OFFERED = 2
"""Nobody compares more when they are hungry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """Another shop and what it would promise; `missing` names the lines that it has too little for."""

    store: Store
    zone: DeliveryZone | None
    promised_at: datetime
    missing: tuple[str, ...] = ()


def shops_elsewhere(
    *, store: Store, lines: Sequence[PricedLine], oven_minutes: int, fulfilment: str, postal_code: str, at: datetime
) -> list[Elsewhere]:
    """The other shops that deliver to the postal code, or of the same city, that would make this as soon as possible.

    Those that have everything go first, then the soonest. `oven_minutes` is asked for where there are no lines yet.
    """
    minutes = oven_minutes_of(lines) if lines else oven_minutes
    reach = _in_reach(store, fulfilment, postal_code)[:ASKED]
    found = [_offer(other, zone, lines, minutes, at) for other, zone in reach]
    able = [each for each in found if each and not (lines and len(each.missing) == len(lines))]
    return sorted(able, key=lambda each: (len(each.missing), each.promised_at))[:OFFERED]


def _in_reach(store: Store, fulfilment: str, postal_code: str) -> list[tuple[Store, DeliveryZone | None]]:
    others = [other for other in active_stores_in_memory() if other.pk != store.pk]
    if fulfilment != Fulfilment.DELIVERY:
        return [(other, None) for other in others if other.city_id == store.city_id]
    zones = [(other, zone_of(store=other, postal_code=postal_code)) for other in others]
    delivering = [(other, zone) for other, zone in zones if zone]
    delivering.sort(key=lambda found: (found[1].fee, found[1].minutes))
    return [*delivering]


def _offer(
    store: Store, zone: DeliveryZone | None, lines: Sequence[PricedLine], minutes: int, at: datetime
) -> Elsewhere | None:
    """What a shop would promise now; None where it cannot."""
    try:
        promise = promise_of(store=store, oven_minutes=minutes, zone=zone, at=at)
    except BusinessError:
        return None
    short = short_ingredients(store=store, needs=needs_of(lines)) if lines else set()
    missing = tuple(dict.fromkeys(line.label for line in lines if short & set(line.needs)))
    return Elsewhere(store=store, zone=zone, promised_at=promise.promised_at, missing=missing)
