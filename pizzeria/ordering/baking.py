"""The model of time: what ovens can bake by when (decision 21). It knows no database.

- A store's ovens are a number of places. A place is free for 15 minutes a quarter of an hour: twelve places are 180
  minutes of oven a quarter. A pizza takes what its size takes of them (`Size.oven_minutes`).
- The minutes of a quarter go through one after another, evenly: an order whose last minute is the 90th of 180 is through in the
  middle of the quarter. What nobody has asked for by now is gone: bread is not baked in the past.
- An order goes through without a gap. What a full quarter would part is begun after it: half of a table's pizzas would be cold.
- The kitchen begins at `start`; its hands take `Store.preparation_minutes`, the oven included, and more in a rush. The oven is asked
  for `IN_OVEN` before their end; once the last minute is through, that pizza still has its own time in there and is cut and
  boxed: `AFTER_OVEN`. So an order that finds the ovens empty is ready when `preparation_minutes` are over, a large one later.
- What was promised is that, and the road if it is delivered, rounded up to the minute: people read clocks by the minute, and
  five would give away four of them at each order.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import NamedTuple

QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
IN_OVEN = timedelta(minutes=12)
AFTER_OVEN = timedelta(minutes=8)
SECONDS = 900
"""Of a quarter."""


class Hold(NamedTuple):
    """Minutes of oven of a quarter, and those that had passed unasked before them: gone for everybody after."""

    starts_at: datetime
    minutes: int
    gone: int = 0


Holds = tuple[Hold, ...]


@dataclass(slots=True)
class Quarter:
    """A quarter of an hour of a store's ovens, in minutes of oven; `pk` is its row's, none for one that nobody asked for yet."""

    starts_at: datetime
    minutes: int
    reserved: int = 0
    gone: int = 0
    pk: int | None = None

    def used_by(self, moment: datetime) -> int:
        """The minutes that are held, or gone, at a moment."""
        used = self.reserved + self.gone
        elapsed = (moment - self.starts_at).total_seconds()
        return used if elapsed <= 0 else max(used, ceil(self.minutes * min(elapsed / SECONDS, 1)))

    def take(self, hold: Hold) -> None:
        self.reserved += hold.minutes
        self.gone += hold.gone


@dataclass(frozen=True, slots=True)
class Baked:
    """When the last minute of an order is through, and the minutes that it takes for that."""

    through: datetime
    holds: Holds


def bake(quarters: Sequence[Quarter], *, minutes: int, since: datetime, gone_by: datetime) -> Baked | None:
    """Where an order of so many minutes goes through first, from a moment on; None when these quarters have no room for it.

    `quarters` follow one another. What nobody could ask for any more at `gone_by`, and has not, is gone for everybody.
    """
    if not minutes:
        return Baked(since, ())
    holds: list[Hold] = []
    left = minutes
    for quarter in quarters[_index(quarters, since) :]:
        used = quarter.used_by(since)
        taken = min(quarter.minutes - used, left)
        if taken <= 0:
            holds, left = [], minutes
            continue
        gone = quarter.used_by(min(since, gone_by)) - quarter.reserved - quarter.gone
        holds.append(Hold(quarter.starts_at, taken, gone))
        left -= taken
        if not left:
            return Baked(quarter.starts_at + QUARTER * ((used + taken) / quarter.minutes), tuple(holds))
    return None


def quarter_of(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour that a moment is in: Paris is whole hours from Greenwich, so its quarters are the same."""
    seconds = int(moment.timestamp())
    return datetime.fromtimestamp(seconds - seconds % SECONDS, UTC)


def quarters_between(first: datetime, end: datetime) -> list[datetime]:
    """The quarters from that of `first` to the last one that begins before `end`."""
    return list(each_quarter(first, end))


def each_quarter(first: datetime, end: datetime) -> Iterator[datetime]:
    """The same, one after another: for who may stop at the first that will do."""
    start = quarter_of(first)
    while start < end:
        yield start
        start += QUARTER


def up_to_the_minute(moment: datetime) -> datetime:
    """The same, or the next whole minute."""
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + MINUTE


def _index(quarters: Sequence[Quarter], since: datetime) -> int:
    return max(0, (since - quarters[0].starts_at) // QUARTER) if quarters else 0
