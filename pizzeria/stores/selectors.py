"""Which stores there are, and which of them deliver to an address."""

import re
from collections.abc import Mapping

from django.db.models import Prefetch, QuerySet

from pizzeria.kept import Kept
from pizzeria.stores.models import DeliveryZone, Rush, Store
from pizzeria.trail import concerns

FIVE_FIGURES = re.compile(r"\A[0-9]{5}\Z")


def active_stores() -> QuerySet[Store]:
    return Store.objects.filter(is_active=True).select_related("city").prefetch_related(*hours_of())


def hours_of(*, prefix: str = "") -> list[str]:
    """What has to be read along with stores for `hours` to ask nothing more; `prefix` leads to the store: `store__`."""
    return [f"{prefix}opening_hours", f"{prefix}special_days"]


def stores_delivering_to(*, postal_code: str) -> QuerySet[Store]:
    """The active stores with a delivery zone for this postal code, cheapest fee first."""
    if not FIVE_FIGURES.match(postal_code):
        return Store.objects.none()
    return active_stores().filter(delivery_zones__postal_code=postal_code).order_by("delivery_zones__fee", "name")


def active_store(*, slug: str) -> Store | None:
    """An active store with its city, hours and zones: from memory, in one small query, unless a store has changed.

    Shared: read only. Its `menu_version`, which orders write, may be an old one (see `menu_version_of`).
    """
    return _concerned(_stores.now().get(slug))


def active_store_of(*, pk: int) -> Store | None:
    """The same, by its key."""
    return _concerned(next((store for store in _stores.now().values() if store.pk == pk), None))


def active_store_lately(*, slug: str) -> Store | None:
    """An active store as this process saw it last, None for one that it has not seen: for who asks again once their transaction has begun."""
    return _stores.lately().get(slug)


def active_stores_in_memory() -> list[Store]:
    """All of them, as `active_store` brings one. Shared: read only."""
    return list(_stores.now().values())


def store_with_hours(*, pk: int) -> Store:
    """A store with what its doors depend on, as the current transaction sees it: for whoever has just changed it."""
    return Store.objects.prefetch_related("opening_hours", "special_days").get(pk=pk)


def informed(*, store: Store) -> Store:
    """The store with its hours, zones, ovens and rushes: from memory unless it has them; itself when it is not active.

    Shared: read only.
    """
    if not store.is_active or "rushes" in getattr(store, "_prefetched_objects_cache", {}):
        return store
    return _stores.now().get(store.slug, store)


def informed_zone(*, store: Store, zone: DeliveryZone | None) -> DeliveryZone | None:
    """The zone as an informed store has it, with its roads by hour: each slot of a day asks for them again."""
    return next((known for known in store.delivery_zones.all() if known == zone), zone) if zone else None


def menu_version_of(*, store: Store) -> int:
    """The version of the store's menu, as it stands in the database now."""
    return Store.objects.values_list("menu_version", flat=True).get(pk=store.pk)


def zone_of(*, store: Store, postal_code: str) -> DeliveryZone | None:
    # All of them, of which a store has a dozen: they are in memory when the store comes from `active_store`.
    return next((zone for zone in store.delivery_zones.all() if zone.postal_code == postal_code), None)


def zones_delivering_to(*, postal_code: str) -> list[DeliveryZone]:
    """The zones of active stores for this postal code, cheapest first, each with its store and hours."""
    if not FIVE_FIGURES.match(postal_code):
        return []
    zones = DeliveryZone.objects.filter(postal_code=postal_code, store__is_active=True)
    zones = zones.select_related("store__city").prefetch_related("road_hours", *hours_of(prefix="store__"))
    return list(zones.order_by("fee", "minutes", "store__name"))


def _concerned(store: Store | None) -> Store | None:
    """The store; what is logged or reported from here on is about it."""
    if store:
        concerns(store=store.slug, city=store.city.code)
    return store


def _read_stores() -> Mapping[str, Store]:
    # The newest alone: it ended the one before. Not by the clock: whoever asks tells what time it is (a service may be simulated).
    rushes = Prefetch("rushes", Rush.objects.order_by("store_id", "-starts_at").distinct("store_id"))
    stores = active_stores().prefetch_related("delivery_zones__road_hours", "oven_hours", rushes)
    for store in stores:
        store.known_days, store.known_spans = {}, {}
    return {store.slug: store for store in stores}


EDITION = "stores_edition"
"""Where the stores' edition stands."""

_stores = Kept(table=EDITION, read=_read_stores)
