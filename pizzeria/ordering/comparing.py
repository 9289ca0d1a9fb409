"""A day of the provider's against ours: what it took for an order of ours is settled first, what still differs is kept."""

from dataclasses import dataclass
from datetime import date, datetime

from pizzeria.ordering.online import settle
from pizzeria.payments.comparing import Counts, compare, not_received, read_day
from pizzeria.payments.providers import provider
from pizzeria.payments.refunds import told


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What a day's comparison did: how many payments it found and settled, and what it counted."""

    settled: int
    counts: Counts


def compare_day(*, day: date, at: datetime) -> Compared | None:
    """Compare a day in Paris; None where nothing is taken online. Raises ProviderError when the provider does not answer."""
    online = provider()
    if online is None:
        return None
    theirs = read_day(online=online, day=day)
    unknown = not_received(charges=theirs.charges)
    for charge in unknown:
        settle(charge=charge)
    for given_back in theirs.refunds:
        told(given_back=given_back)
    settled = len(unknown) - len(not_received(charges=unknown))
    return Compared(settled=settled, counts=compare(theirs=theirs, online=online, at=at))
