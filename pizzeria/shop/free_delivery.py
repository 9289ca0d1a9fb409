"""How far a basket is from a delivery that costs nothing."""

from dataclasses import dataclass
from decimal import Decimal

from pizzeria.stores.models import DeliveryZone


@dataclass(frozen=True, slots=True, kw_only=True)
class Towards:
    """In euros: from what on the delivery is free, and what is missing for that, nothing when it is."""

    free_from: Decimal
    missing: Decimal


def towards_free(*, zone: DeliveryZone | None, gross: Decimal) -> Towards | None:
    """None where the zone has no such sum, or asks no fee anyway. `gross` is what the lines cost before offers."""
    if zone is None or zone.free_from is None or not zone.fee:
        return None
    return Towards(free_from=zone.free_from, missing=max(zone.free_from - gross, Decimal("0.00")))
