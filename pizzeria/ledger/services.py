"""Appending to the journal, inside the transaction of what is recorded: both are done, or neither.

Numbers come from the store's head, locked until the transaction ends: one that is rolled back gives its number back with
everything else, and who comes meanwhile waits. It is the last lock of all (after the store's row), and what comes after it
should be the commit. Without the lock the database would still refuse a second entry 17 (`ledger_entry_goes_on`); it is
there so that nobody is refused.

`at` is when it happened: now, unless history is being written.
"""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from pizzeria.ledger.chain import digest
from pizzeria.ledger.models import Entry, Head, Kind, Reason
from pizzeria.ledger.values import Sold, Taxed, euros, lines_document, vat_document
from pizzeria.money import NOTHING
from pizzeria.rows import insert
from pizzeria.stores.models import Store

LOCK = "SELECT * FROM ledger_head WHERE store_id = %s FOR NO KEY UPDATE"
"""Said by hand: the ORM would put it together anew, twice an order, while others wait."""


def append_sale(
    *,
    store: Store,
    order: str,
    vat: Sequence[Taxed],
    lines: Sequence[Sold],
    acting_user: int | None = None,
    at: datetime | None = None,
) -> Entry:
    """Record what was sold, once an order: its VAT by rate and its lines, the delivery's among them.

    `order` is its number and `acting_user` a user's key. Raises IntegrityError when the order was recorded already, or
    when lines and VAT do not add up, and TransactionManagementError outside of a transaction, as the others do.
    """
    return _append(
        store=store,
        entry=Entry(
            kind=Kind.SALE,
            order=order,
            amount=_sum(vat),
            vat=vat_document(vat),
            lines=lines_document(lines),
            acting_user=acting_user,
        ),
        at=at,
    )


def append_correction(
    *,
    store: Store,
    order: str,
    vat: Sequence[Taxed],
    reason: Reason,
    lines: Sequence[Sold] = (),
    acting_user: int | None = None,
    at: datetime | None = None,
) -> Entry:
    """Record by how much more, or less (negative), was sold than the journal says, with the VAT of the difference."""
    return _append(
        store=store,
        entry=Entry(
            kind=Kind.CORRECTION,
            order=order,
            amount=_sum(vat),
            vat=vat_document(vat),
            lines=lines_document(lines),
            reason=reason,
            acting_user=acting_user,
        ),
        at=at,
    )


def append_payment(
    *,
    store: Store,
    order: str,
    means: str,
    amount: Decimal,
    reason: Reason | None = None,
    acting_user: int | None = None,
    at: datetime | None = None,
) -> Entry:
    """Record money that was taken, in euros, by a means (`cash`). The reason is there for one that puts another right."""
    return _append(
        store=store,
        entry=Entry(
            kind=Kind.PAYMENT,
            order=order,
            means=means,
            amount=Decimal(euros(amount)),
            reason=reason or "",
            acting_user=acting_user,
        ),
        at=at,
    )


def append_refund(
    *,
    store: Store,
    order: str,
    means: str,
    amount: Decimal,
    reason: Reason,
    acting_user: int | None = None,
    at: datetime | None = None,
) -> Entry:
    """Record money that was given back: `amount` is positive, the entry's is negative.

    It changes no turnover: what is not sold any more is a correction beside it.
    """
    return _append(
        store=store,
        entry=Entry(
            kind=Kind.REFUND,
            order=order,
            means=means,
            amount=-Decimal(euros(amount)),
            reason=reason,
            acting_user=acting_user,
        ),
        at=at,
    )


def append_closing(*, store: Store, closing_hash: str, at: datetime) -> Entry:
    """Announce a closing in the journal, so that neither can go without the other. `closings` calls it."""
    return _append(store=store, entry=Entry(kind=Kind.CLOSING, amount=NOTHING, closing=closing_hash), at=at)


def lock_head(store: Store) -> Head:
    """The end of a store's journal, which stays it until the transaction ends."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("an entry is appended inside the transaction of what it records")
    found = list(Head.objects.raw(LOCK, [store.pk]))
    if not found:
        # The store's first entry, perhaps in several transactions at once: one writes the row, the others wait for it.
        Head.objects.bulk_create([Head(store=store)], ignore_conflicts=True)
        found = list(Head.objects.raw(LOCK, [store.pk]))
    return found[0]


def _append(*, store: Store, entry: Entry, at: datetime | None) -> Entry:
    head = lock_head(store)
    # Read with the lock in hand: whoever waited for it was recorded later.
    entry.at = at or timezone.now()
    entry.day = _day(head, entry.at)
    entry.store = store
    entry.number = head.number + 1
    entry.previous = head.hash
    entry.hash = digest(entry.document())
    insert(entry)
    return entry


def _day(head: Head, at: datetime) -> date:
    """The day of a moment; that of the last entry when it is an earlier one.

    The announcement of a closing is an entry too, of a day after what it closes: nothing gets into a closed day.

    Raises ValueError for a moment to come: every later entry would have to be of that day.
    """
    if at > timezone.now():
        raise ValueError(f"{at} is still to come")
    day = timezone.localdate(at)
    return max(day, head.day) if head.day else day


def _sum(vat: Sequence[Taxed]) -> Decimal:
    return sum((part.amount for part in vat), NOTHING)
