"""What may become of a basket's units: the moves of the offers, tried all of them or one after the other.

For `best`, which says by what rule. Amounts are in cents; savings in hundredths of a cent.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from pizzeria.money import in_cents
from pizzeria.promotions.models import Kind
from pizzeria.promotions.rules import Deal, Part, Unit

EXACT_UNITS = 24
MOST_STEPS = 20_000
"""For one basket, all that is tried for it together: a tenth of a second."""
FINE = 100
"""Hundredths of a cent in a cent."""


class Move(NamedTuple):
    """An offer that uses some units: which lots they are of, and what each of them saves, in hundredths of a cent."""

    deal: Deal
    lots: tuple[int, ...]
    savings: tuple[int, ...]

    @property
    def saved(self) -> int:
        return sum(self.savings)


class Plan(NamedTuple):
    """Moves, what is taken off the rest, and what the delivery saves; `value` is all of it, in hundredths of a cent."""

    value: int
    on_goods: int
    moves: tuple[Move, ...] = ()
    whole: Deal | None = None
    delivery: Deal | None = None

    @property
    def used(self) -> tuple[int, ...]:
        deals = [*(move.deal for move in self.moves), self.whole, self.delivery]
        return tuple(sorted({deal.pk for deal in deals if deal}))

    @property
    def rank(self) -> tuple[int, int, tuple[int, ...]]:
        """The smallest is the best."""
        return (-self.value, len(self.used), self.used)


class TooMuchWork(Exception):
    """The basket is too large to try everything."""


class Work:
    """The steps that are left for a basket."""

    def __init__(self) -> None:
        self.steps = 0

    def step(self) -> None:
        self.steps += 1
        if self.steps > MOST_STEPS:
            raise TooMuchWork


class Search:
    """Looks for the moves that save most, with one offer or none on what they leave."""

    def __init__(
        self, units: Sequence[tuple[Unit, int]], deals: Sequence[Deal], whole: Deal | None, work: Work
    ) -> None:
        self.units = [unit for unit, _count in units]
        self.counts = tuple(count for _unit, count in units)
        self.alone = [_best_alone(unit, deals) for unit in self.units]
        self.sets = [deal for deal in deals if deal.kind == Kind.SET]
        self.formulas = [deal for deal in deals if deal.kind == Kind.FORMULA]
        self.whole = whole
        self.most_off = FINE * in_cents(whole.amount) if whole and whole.kind == Kind.AMOUNT else 0
        self.work = work
        self.known: dict[tuple[tuple[int, ...], int], tuple[int, _Step | None]] = {}

    def plan(self) -> Plan:
        """The moves that save most, or, where they are too many to try, those that are best one after the other."""
        if sum(self.counts) <= EXACT_UNITS:
            with suppress(TooMuchWork):
                return self._with_rest(tuple(self._exactly()))
        return self._with_rest(tuple(self._one_by_one()))

    def _with_rest(self, done: tuple[Move, ...]) -> Plan:
        left = Counter(dict(enumerate(self.counts)))
        left.subtract(lot for move in done for lot in move.lots)
        rest = sum(self.units[lot].price * count for lot, count in left.items())
        off = off_rest(self.whole, rest)
        value = sum(move.saved for move in done) + off
        return Plan(value=value, on_goods=value, moves=done, whole=self.whole if off else None)

    def _exactly(self) -> Iterator[Move]:
        """The moves that save most. Raises TooMuchWork."""
        state: tuple[tuple[int, ...], int] = (self.counts, 0)
        self._value(*state)
        while step := self.known[state][1]:
            if step.move:
                yield step.move
            state = step.then

    def _value(self, counts: tuple[int, ...], taken: int) -> int:
        """The most that can be saved on these units, `taken` being what an amount off the order has given already."""
        state = (counts, taken)
        if state in self.known:
            return self.known[state][0]
        first = next((lot for lot, count in enumerate(counts) if count), None)
        best: tuple[int, _Step | None] = (0, None)
        if first is not None:
            best = (-1, None)
            for step, gain in self._steps(counts, taken, first):
                self.work.step()
                value = gain + self._value(*step.then)
                if value > best[0]:
                    best = (value, step)
        self.known[state] = best
        return best[0]

    def _steps(self, counts: tuple[int, ...], taken: int, first: int) -> "Iterator[tuple[_Step, int]]":
        """What may become of the first unit that is left: it is used with others, alone, or left for the order's offer."""
        for move in self._moves(counts, first):
            yield _Step(move=move, then=(_without(counts, move.lots), taken)), move.saved
        then = _without(counts, (first,))
        if alone := self.alone[first]:
            yield (
                _Step(move=Move(deal=alone.deal, lots=(first,), savings=alone.savings), then=(then, taken)),
                alone.saved,
            )
        gain = self._rest_gain(self.units[first].price, taken)
        yield _Step(move=None, then=(then, taken + (gain if self.most_off else 0))), gain

    def _rest_gain(self, price: int, taken: int) -> int:
        """What the order's offer gives for one more unit that is left to it."""
        if self.whole is None:
            return 0
        return min(self.most_off - taken, price * FINE) if self.most_off else price * self.whole.percent

    def _moves(self, counts: tuple[int, ...], first: int) -> Iterator[Move]:
        for deal in self.sets:
            if deal.parts[0].fits(self.units[first]):
                yield from self._set_moves(deal, counts, first)
        for deal in self.formulas:
            yield from self._formula_moves(deal, counts, first)

    def _set_moves(self, deal: Deal, counts: tuple[int, ...], first: int) -> Iterator[Move]:
        size = self.units[first].size
        fitting = [
            lot
            for lot, unit in enumerate(self.units)
            if counts[lot] and deal.parts[0].fits(unit) and (not deal.same_size or unit.size == size)
        ]
        for others in self._choices(fitting, _without(counts, (first,)), deal.bought + deal.given - 1):
            yield self._set_move(deal, (first, *others))

    def _set_move(self, deal: Deal, lots: tuple[int, ...]) -> Move:
        """The lots go from the dearest to the cheapest: the last are free."""
        free = [0] * deal.bought + [self.units[lot].menu * FINE for lot in lots[deal.bought :]]
        return Move(deal=deal, lots=lots, savings=tuple(free))

    def _choices(self, lots: Sequence[int], counts: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
        """So many units of these lots, in the lots' order."""
        if size == 0:
            yield ()
            return
        for place, lot in enumerate(lots):
            self.work.step()
            if counts[lot]:
                for others in self._choices(lots[place:], _without(counts, (lot,)), size - 1):
                    yield (lot, *others)

    def _formula_moves(self, deal: Deal, counts: tuple[int, ...], first: int) -> Iterator[Move]:
        seen: set[tuple[int, ...]] = set()
        for lots in self._fillings(deal.parts, counts):
            key = tuple(sorted(lots))
            if first in lots and key not in seen:
                seen.add(key)
                move = self._formula_move(deal, key)
                if move:
                    yield move

    def _formula_move(self, deal: Deal, lots: tuple[int, ...]) -> Move | None:
        """The saving is shared by the prices that its parts have on the menu (CGI art. 268 bis): so is its VAT, by their rates.

        Supplements are paid beside.
        """
        menu = [self.units[lot].menu for lot in lots]
        saved = sum(menu) - in_cents(deal.price)
        if saved <= 0:
            return None
        return Move(deal=deal, lots=lots, savings=tuple(FINE * share for share in shared(saved, menu)))

    def _fillings(self, parts: Sequence[Part], counts: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if not parts:
            yield ()
            return
        for lot, unit in enumerate(self.units):
            self.work.step()
            if counts[lot] and parts[0].fits(unit):
                for others in self._fillings(parts[1:], _without(counts, (lot,))):
                    yield (lot, *others)

    def _one_by_one(self) -> Iterator[Move]:
        """Each time the move that gains most over what its units have alone, then each unit's own offer."""
        counts = self.counts
        while move := self._next_move(counts):
            yield move
            counts = _without(counts, move.lots)
        for lot, count in enumerate(counts):
            alone = self.alone[lot]
            if alone and alone.saved > self._left(lot):
                yield from [Move(deal=alone.deal, lots=(lot,), savings=alone.savings)] * count

    def _next_move(self, counts: tuple[int, ...]) -> Move | None:
        found = [move for deal in self.sets for move in self._dearest_sets(deal, counts)]
        found += [move for deal in self.formulas if (move := self._dearest_formula(deal, counts))]
        gaining = [(gain, -move.deal.pk, move.lots, move) for move in found if (gain := self._gain(move)) > 0]
        return max(gaining, key=lambda entry: entry[:3])[3] if gaining else None

    def _gain(self, move: Move) -> int:
        alone = (self.alone[lot] for lot in move.lots)
        had = (max(found.saved if found else 0, self._left(lot)) for found, lot in zip(alone, move.lots, strict=True))
        return move.saved - sum(had)

    def _left(self, lot: int) -> int:
        return self.units[lot].price * self.whole.percent if self.whole else 0

    def _dearest_sets(self, deal: Deal, counts: tuple[int, ...]) -> Iterator[Move]:
        """The dearest units that fit, of each size or of all."""
        fitting = [lot for lot, unit in enumerate(self.units) if counts[lot] and deal.parts[0].fits(unit)]
        sizes = sorted({self.units[lot].size or 0 for lot in fitting}) if deal.same_size else [None]
        for size in sizes:
            lots = [lot for lot in fitting if size is None or (self.units[lot].size or 0) == size]
            units = [lot for lot in lots for _one in range(counts[lot])][: deal.bought + deal.given]
            if len(units) == deal.bought + deal.given:
                yield self._set_move(deal, tuple(units))

    def _dearest_formula(self, deal: Deal, counts: tuple[int, ...]) -> Move | None:
        """The dearest unit for each part, the part that fewest units fit first."""
        fits = [[lot for lot, unit in enumerate(self.units) if part.fits(unit)] for part in deal.parts]
        chosen: list[int] = []
        for lots in sorted(fits, key=len):
            free = [lot for lot in lots if counts[lot] > chosen.count(lot)]
            if not free:
                return None
            chosen.append(free[0])
        return self._formula_move(deal, tuple(sorted(chosen)))


class _Step(NamedTuple):
    move: Move | None
    then: tuple[tuple[int, ...], int]


def _best_alone(unit: Unit, deals: Sequence[Deal]) -> Move | None:
    """The offer that takes most off this unit by itself; of several, the oldest."""
    found = [(saved, deal) for deal in deals if deal.is_by_unit and (saved := _off_unit(deal, unit))]
    if not found:
        return None
    saved, deal = max(found, key=lambda entry: (entry[0], -entry[1].pk))
    return Move(deal=deal, lots=(), savings=(saved,))


def _off_unit(deal: Deal, unit: Unit) -> int:
    """What a percentage (to the cent, half up) or an amount takes off a unit."""
    if not deal.parts[0].fits(unit):
        return 0
    if deal.kind == Kind.PERCENT:
        return FINE * ((unit.price * deal.percent + 50) // 100)
    return FINE * min(in_cents(deal.amount), unit.price)


def off_rest(whole: Deal | None, rest: int) -> int:
    """What an offer on the order takes off what is left to it, before it is rounded."""
    if whole is None:
        return 0
    return rest * whole.percent if whole.kind == Kind.PERCENT else FINE * min(in_cents(whole.amount), rest)


def _without(counts: tuple[int, ...], lots: Iterable[int]) -> tuple[int, ...]:
    left = list(counts)
    for lot in lots:
        left[lot] -= 1
    return tuple(left)


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """Cents split by weight: each has its part rounded down, and those that lost most by it get what is left.

    No part is above its weight when the amount is not above all of them.
    """
    whole = sum(weights)
    parts = [amount * weight // whole for weight in weights]
    lost = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in lost[: amount - sum(parts)]:
        parts[place] += 1
    return parts
