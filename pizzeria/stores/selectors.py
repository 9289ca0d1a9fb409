"""When a store is open, and which stores deliver to an address."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import QuerySet

from pizzeria.kept import Kept
from pizzeria.stores.models import DeliveryZone, OpeningHours, Store

PARIS = ZoneInfo("Europe/Paris")


def active_stores() -> QuerySet[Store]:
    return Store.objects.filter(is_active=True).select_related("city").prefetch_related("opening_hours")


def stores_delivering_to(*, postal_code: str) -> QuerySet[Store]:
    """The active stores with a delivery zone for this postal code, cheapest fee first."""
    return active_stores().filter(delivery_zones__postal_code=postal_code).order_by("delivery_zones__fee", "name")


def active_store(*, slug: str) -> Store | None:
    """An active store with its city, hours and zones: from memory, in one small query, unless a store has changed.

    Shared: read only. Its `menu_version`, which orders write, may be an old one (see `menu_version_of`).
    """
    return _stores.now().get(slug)


def menu_version_of(*, store: Store) -> int:
    """The version of the store's menu, as it stands in the database now."""
    return Store.objects.values_list("menu_version", flat=True).get(pk=store.pk)


def zone_of(*, store: Store, postal_code: str) -> DeliveryZone | None:
    # All of them, of which a store has a dozen: they are in memory when the store comes from `active_store`.
    return next((zone for zone in store.delivery_zones.all() if zone.postal_code == postal_code), None)


def is_open(*, store: Store, at: datetime) -> bool:
    """Whether `at` (aware) falls in one of the store's opening periods, in Paris wall time."""
    return any(_covers(period, at.astimezone(PARIS)) for period in store.opening_hours.all())


def next_opening(*, store: Store, at: datetime) -> datetime | None:
    """The next moment after `at`, within eight days, at which a period starts; None for a store without hours."""
    local = at.astimezone(PARIS)
    starts = _starts(store.opening_hours.all(), local)
    return min((start for start in starts if start > local), default=None)


def _covers(period: OpeningHours, local: datetime) -> bool:
    now, today = local.time(), local.weekday()
    if period.opens < period.closes:
        return period.weekday == today and period.opens <= now < period.closes
    # The period runs past midnight (equal times: round the clock): its tail belongs to the next day.
    began_today = period.weekday == today and now >= period.opens
    began_yesterday = period.weekday == (today - 1) % 7 and now < period.closes
    return began_today or began_yesterday


def _starts(periods: Iterable[OpeningHours], local: datetime) -> list[datetime]:
    days = [local.date() + timedelta(days=offset) for offset in range(8)]
    return [
        datetime.combine(day, period.opens, tzinfo=PARIS)
        for period in periods
        for day in days
        if day.weekday() == period.weekday
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A store's doors at a moment: open until when (None: round the clock), or closed until when."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


def opening_of(*, store: Store, at: datetime) -> Opening:
    if not is_open(store=store, at=at):
        return Opening(is_open=False, opens_at=next_opening(store=store, at=at))
    return Opening(is_open=True, until=_closes(store.opening_hours.all(), at.astimezone(PARIS)))


def zones_delivering_to(*, postal_code: str) -> list[DeliveryZone]:
    """The zones of active stores for this postal code, cheapest first, each with its store and hours."""
    zones = DeliveryZone.objects.filter(postal_code=postal_code, store__is_active=True)
    zones = zones.select_related("store__city").prefetch_related("store__opening_hours")
    return list(zones.order_by("fee", "minutes", "store__name"))


def _closes(periods: Iterable[OpeningHours], local: datetime) -> datetime | None:
    """The end of the periods that follow one another from `local` on; None when a week has none."""
    periods = list(periods)
    spans = sorted(
        (start, _end_of(period, start)) for period in periods for start in _starts([period], local - timedelta(days=1))
    )
    end = local
    for start, stop in spans:
        if start <= end < stop:
            end = stop
    return None if end - local > timedelta(days=6) else end


def _end_of(period: OpeningHours, start: datetime) -> datetime:
    past_midnight = period.closes <= period.opens
    day = start.date() + timedelta(days=1 if past_midnight else 0)
    return datetime.combine(day, period.closes, tzinfo=PARIS)


def _read_stores() -> Mapping[str, Store]:
    return {store.slug: store for store in active_stores().prefetch_related("delivery_zones")}


_stores = Kept(table="stores_edition", read=_read_stores)


def menu_version(*, slug: str) -> int | None:
    """The version of an active store's menu; None for a store that there is not.

    Asked with every page of every menu, and therefore in plain SQL: the query's own time is most of it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT menu_version FROM stores_store WHERE slug = %s AND is_active", [slug])
        row = cursor.fetchone()
    return row[0] if row else None
