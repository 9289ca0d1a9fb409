"""The journals as they stand in the database, read through the eyes of `chain`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection
from django.db.models import QuerySet

from pizzeria.ledger.chain import BEGINNING, Bounds, Document, Finding, check
from pizzeria.ledger.models import Closing, Entry
from pizzeria.stores.models import Store

BATCH = 2000
"""Entries that are in memory at once."""

EXTENT = """
SELECT coalesce(head.number, 0), coalesce(head.hash, %(beginning)s),
       coalesce(head.closing_number, 0), coalesce(head.closing_hash, %(beginning)s),
       coalesce((SELECT max(number) FROM ledger_entry WHERE store_id = %(store)s), 0),
       coalesce((SELECT max(number) FROM ledger_closing WHERE store_id = %(store)s), 0)
FROM (SELECT %(store)s::bigint AS store_id) asked LEFT JOIN ledger_head head USING (store_id)
"""
"""Somebody who changes rows by hand may have taken the head away, or added entries behind it."""

Tell = Callable[[int, int], object]
"""Told how many entries were read, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """What a store's journal holds at one moment, and what its head says that it holds."""

    entries: int
    closings: int
    bounds: Bounds
    closing_bounds: Bounds


def extent(*, store: Store) -> Extent:
    """Read by one statement: the site may go on selling, what is added meanwhile is left out."""
    with connection.cursor() as cursor:
        cursor.execute(EXTENT, {"store": store.pk, "beginning": BEGINNING})
        number, sealed, closing_number, closing_sealed, entries, closings = cursor.fetchone()
    return Extent(
        entries=max(number, entries),
        closings=max(closing_number, closings),
        bounds=Bounds(last_number=number, last_hash=sealed),
        closing_bounds=Bounds(last_number=closing_number, last_hash=closing_sealed),
    )


def verify(*, store: Store, extent: Extent, tell: Tell = lambda _read, _of: None) -> Iterator[Finding]:
    """Walk a store's whole journal and all its closings: everything that is not as it was written."""
    closings = list(documents(model=Closing, store=store, after=0, until=extent.closings))
    entries = documents(model=Entry, store=store, after=0, until=extent.entries)
    return check(
        _told(entries, extent.entries, tell),
        closings,
        bounds=extent.bounds,
        closing_bounds=extent.closing_bounds,
        whole=True,
    )


def verify_since(*, store: Store, day: date) -> Iterator[Finding]:
    """Walk what a store's journal holds from a year's first day on, taking what came before as it stands.

    `day` is a 1 January: months and years are then read whole, or not at all. The first link is to what came before.
    """
    there = extent(store=store)
    bounds = _since(Entry.objects.filter(store=store, day__lt=day), there.bounds)
    closing_bounds = _since(Closing.objects.filter(store=store, ends_on__lt=day), there.closing_bounds)
    closings = list(documents(model=Closing, store=store, after=closing_bounds.number, until=there.closings))
    entries = documents(model=Entry, store=store, after=bounds.number, until=there.entries)
    return check(entries, closings, bounds=bounds, closing_bounds=closing_bounds, whole=False)


def _since(earlier: QuerySet[Entry] | QuerySet[Closing], bounds: Bounds) -> Bounds:
    last = earlier.order_by("-number").values_list("number", "hash").first()
    return replace(bounds, number=last[0], hash=last[1]) if last else bounds


def documents(*, model: type[Entry | Closing], store: Store, after: int, until: int) -> Iterator[Document]:
    """The entries, or closings, after a number until another, in order, a batch at a time."""
    while after < until:
        rows = model.objects.filter(store=store, number__gt=after, number__lte=until)
        batch = [row.document() for row in rows.order_by("number")[:BATCH]]
        if not batch:
            return
        yield from batch
        after = batch[-1]["number"]


def _told(read: Iterator[Document], total: int, tell: Tell) -> Iterator[Document]:
    for count, document in enumerate(read, 1):
        yield document
        if count % BATCH == 0:
            tell(count, total)
