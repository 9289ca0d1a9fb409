"""What must hold in the database while an evening is played, and when it is over; sentences about what does not."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from pizzeria.ledger.verification import extent, verify
from pizzeria.operations.backups.beside import INVARIANTS
from pizzeria.stores.hours import PARIS
from pizzeria.stores.models import Store

OVER_CAPACITY = """
    SELECT count(*) FROM ordering_ovenslot slot
    WHERE reserved > minutes
       OR reserved <> (SELECT coalesce(sum(minutes), 0) FROM ordering_ovenreservation WHERE slot_id = slot.id)
"""
NOT_PAID = "SELECT count(*) FROM ordering_order WHERE status = 'delivered' AND payment_status <> 'paid'"
STILL_HELD = """
    SELECT count(*) FROM ordering_ovenreservation held JOIN ordering_order placed ON placed.id = held.order_id
    WHERE placed.status = 'cancelled'
"""
NOT_ENDED = "SELECT count(*) FROM ordering_order WHERE status NOT IN ('delivered', 'cancelled')"


def over_capacity(*, at: datetime) -> list[str]:
    """The ovens that are promised beyond what they can bake, or whose minutes are not those that orders hold."""
    found = _count(OVER_CAPACITY)
    words = {"time": f"{at.astimezone(PARIS):%H:%M}", "found": found}
    return [_("%(time)s : %(found)s quarts d’heure promis au-delà du four.") % words] if found else []


def balanced(*, stores: Sequence[Store]) -> list[str]:
    """Whether stock, money and journals add up, everything is paid, and nothing is left."""
    return [*_broken_rules(), *_broken_journals(stores)]


def _broken_rules() -> Iterator[str]:
    rules = {**INVARIANTS, "remise et payée": NOT_PAID, "annulée, four rendu": STILL_HELD, "terminée": NOT_ENDED}
    for rule, query in rules.items():
        found = _count(query)
        if found:
            yield _("%(broken)s ligne(s) ne respectent pas la règle « %(rule)s »") % {"broken": found, "rule": rule}


def _broken_journals(stores: Sequence[Store]) -> Iterator[str]:
    for store in stores:
        for found in verify(store=store, extent=extent(store=store)):
            yield f"{store.slug}: {found}"


def _count(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return int(cursor.fetchone()[0])
