"""What an evening is to be: how many orders, where, from when to when, and what goes wrong."""

from dataclasses import dataclass
from datetime import date, datetime, time
from random import Random

from pizzeria.operations.demo.rows import StoreRow
from pizzeria.operations.demo.stores import STORES
from pizzeria.stores.hours import PARIS

FRIDAY = date(2026, 11, 27)
"""An ordinary one. The same evening each time: figures of two evenings can be compared."""
SHAPE = (5, 8, 12, 15, 15, 13, 11, 9, 7, 4)
"""How many of a hundred orders come in each tenth of the evening: from 18:00 to 23:00, in each half-hour. Three tenths in the
busiest hour, as the group's ovens are planned for (`demo.places`)."""
BREAKDOWN_AT, RUSH_AT, PAUSE_AT = 0.4, 0.3, 0.6
"""In parts of the evening: 20:00, 19:30 and 21:00."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EveningPlan:
    """`has_incidents`: an oven breaks down at one shop, a pizzaiolo goes home at another, a third takes nothing for a while."""

    orders: int = 1500
    shops: int = len(STORES)
    seed: str = "friday"
    day: date = FRIDAY
    begins: time = time(18)
    ends: time = time(23)
    has_incidents: bool = True

    @property
    def since(self) -> datetime:
        return datetime.combine(self.day, self.begins, tzinfo=PARIS)

    @property
    def until(self) -> datetime:
        return datetime.combine(self.day, self.ends, tzinfo=PARIS)

    @property
    def rows(self) -> tuple[StoreRow, ...]:
        """The shops that are played: the last ones of the group's table, which are the smallest."""
        return STORES[len(STORES) - self.shops :]

    def moment(self, part: float) -> datetime:
        return self.since + (self.until - self.since) * part

    def rng(self, of: str) -> Random:
        return Random(f"{self.seed} {of}")  # noqa: S311 - a simulation, not a secret

    def arrivals(self) -> list[tuple[datetime, str]]:
        """When somebody comes, and to which shop: given their number, those of a Poisson process are independent draws."""
        rng = self.rng("arrivals")
        slugs, shares = [row.slug for row in self.rows], [row.share for row in self.rows]
        tenths = rng.choices(range(len(SHAPE)), SHAPE, k=self.orders)
        drawn = [(self.moment((tenth + rng.random()) / len(SHAPE)), rng.choices(slugs, shares)[0]) for tenth in tenths]
        return sorted(drawn)
