"""The combination of offers that makes a basket cheapest (decision 22). Pure: the same basket has the same answer.

Every unit of a basket is used by one offer at most. An exclusive offer stands alone. A percentage or an amount off the order
is taken off what the others leave. The combination that saves most wins; of several, the one with the fewest offers, then
with the oldest. An offer that would leave nothing to pay is set aside.

What is looked for is exact up to `EXACT_UNITS` units and `MOST_STEPS` steps. Beyond, offers are given one after the other, each
time the one that saves most; the units that are left have each the best that there is for it alone.

Amounts are in cents; savings, while they are compared, in hundredths of a cent: a percentage is rounded once, at the end.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import combinations
from types import MappingProxyType

from pizzeria.promotions.models import Kind
from pizzeria.promotions.rules import Deal, Unit
from pizzeria.promotions.searching import FINE, Plan, Search, Work, off_rest, shared

MOST_TRIES = 40
"""How many smaller combinations are tried for one that saves as much."""
KEPT = 1000
"""Baskets whose answer each process keeps: the same one is priced in the cart, at the checkout and when it is ordered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """What an offer takes off: of each line, by its place in the basket, and of the delivery. In cents."""

    deal: Deal
    by_line: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({}))
    delivery: int = 0

    @property
    def amount(self) -> int:
        return sum(self.by_line.values()) + self.delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lot:
    """Units that are all alike, and the lines that they stand in: (line, how many)."""

    unit: Unit
    lines: tuple[tuple[int, int], ...]

    @property
    def count(self) -> int:
        return sum(count for _line, count in self.lines)


NOTHING = Plan(value=0, on_goods=0)


def best_savings(*, basket: Sequence[tuple[Unit, int]], deals: Collection[Deal], fee: int) -> Sequence[Saving]:
    """What the best combination of these offers takes off a basket: its lines, as units and how many, and its delivery."""
    if not deals or not basket:
        return ()
    return _looked_for(tuple(basket), tuple(sorted(deals, key=lambda deal: deal.pk)), fee)


# An offer that is changed is another value: its old answers are never found again.
@lru_cache(KEPT)
def _looked_for(basket: tuple[tuple[Unit, int], ...], deals: tuple[Deal, ...], fee: int) -> tuple[Saving, ...]:
    lots = _lots(basket)
    return tuple(_told(_Chooser(lots, fee).paying(deals), lots, fee))


def _lots(basket: Sequence[tuple[Unit, int]]) -> list[_Lot]:
    """The dearest on the menu first, then in an order that has nothing to do with the basket's."""
    lines: dict[Unit, list[tuple[int, int]]] = {}
    for line, (unit, count) in enumerate(basket):
        lines.setdefault(unit, []).append((line, count))
    lots = [_Lot(unit=unit, lines=tuple(found)) for unit, found in lines.items()]
    return sorted(lots, key=lambda lot: (-lot.unit.menu, -lot.unit.price, lot.unit.products, lot.unit.size or 0))


class _Chooser:
    """Chooses the offers for one basket, and counts the work that this is."""

    def __init__(self, lots: Sequence[_Lot], fee: int) -> None:
        self.lots = lots
        self.fee = fee
        self.all_of_it = FINE * sum(lot.unit.price * lot.count for lot in lots)
        self.work = Work()

    def paying(self, deals: Sequence[Deal]) -> Plan:
        """The best plan that leaves something to pay for what is in the basket."""
        plan = self._best(deals)
        if plan.on_goods < self.all_of_it or not plan.used:
            return plan
        # Whatever else leaves nothing to pay has these offers too: one of them at least is set aside.
        fewer = ([deal for deal in deals if deal.pk != pk] for pk in plan.used)
        return min((self.paying(left) for left in fewer), key=lambda plan: plan.rank)

    def _best(self, deals: Sequence[Deal]) -> Plan:
        together = [deal for deal in deals if deal.is_combinable]
        alone = [[deal] for deal in deals if not deal.is_combinable]
        plans = [self._fewest(group) for group in (together, *alone) if group]
        return min(plans, key=lambda plan: plan.rank, default=NOTHING)

    def _fewest(self, deals: Sequence[Deal]) -> Plan:
        """The best plan of offers that go together; of those that save as much, that of the fewest and oldest offers."""
        plan = self._most(deals)
        for tried, chosen in enumerate(_smaller(deals, plan.used)):
            if tried == MOST_TRIES:
                break
            other = self._most(chosen)
            if other.value == plan.value:
                return other
        return plan

    def _most(self, deals: Sequence[Deal]) -> Plan:
        """A plan of these offers that saves most."""
        wholes = [None, *(deal for deal in deals if deal.takes_what_is_left)]
        plan = min((self._with_whole(deals, whole) for whole in wholes), key=lambda plan: plan.rank)
        free = next((deal for deal in deals if deal.kind == Kind.DELIVERY), None) if self.fee else None
        return plan._replace(value=plan.value + self.fee * FINE, delivery=free) if free else plan

    def _with_whole(self, deals: Sequence[Deal], whole: Deal | None) -> Plan:
        units = [(lot.unit, lot.count) for lot in self.lots]
        return Search(units, deals, whole, self.work).plan()


def _smaller(deals: Sequence[Deal], used: tuple[int, ...]) -> Iterator[tuple[Deal, ...]]:
    """The combinations that go before the one that is used: of fewer offers, or of as many that are older."""
    for size in range(1, len(used) + 1):
        for chosen in combinations(deals, size):
            if size < len(used) or tuple(deal.pk for deal in chosen) < used:
                yield chosen


def _told(plan: Plan, lots: Sequence[_Lot], fee: int) -> list[Saving]:
    """The plan, offer by offer, with its amounts on the lines; the oldest offer first."""
    places = [[line for line, count in lot.lines for _one in range(count)] for lot in lots]
    by_deal: dict[int, tuple[Deal, Counter[int]]] = {}
    for move in plan.moves:
        _deal, off = by_deal.setdefault(move.deal.pk, (move.deal, Counter()))
        for lot, saved in zip(move.lots, move.savings, strict=True):
            off[places[lot].pop(0)] += saved // FINE
    if plan.whole:
        by_deal[plan.whole.pk] = (plan.whole, _off_lines(plan.whole, lots, places))
    told = [
        Saving(deal=deal, by_line=MappingProxyType({line: cents for line, cents in sorted(off.items()) if cents}))
        for _pk, (deal, off) in sorted(by_deal.items())
    ]
    if plan.delivery:
        told.append(Saving(deal=plan.delivery, delivery=fee))
    return [saving for saving in told if saving.amount]


def _off_lines(whole: Deal, lots: Sequence[_Lot], places: Sequence[Sequence[int]]) -> Counter[int]:
    """What an offer on the order takes off each line, out of the units that are left to it."""
    weights: Counter[int] = Counter()
    for lot, left in zip(lots, places, strict=True):
        for line in left:
            weights[line] += lot.unit.price
    lines = sorted(line for line, weight in weights.items() if weight)
    off = (off_rest(whole, sum(weights.values())) + FINE // 2) // FINE
    return Counter(dict(zip(lines, shared(off, [weights[line] for line in lines]), strict=True)))
