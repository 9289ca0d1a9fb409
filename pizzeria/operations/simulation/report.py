"""What an evening came to, in the terminal: figures, and charts made of blocks."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from pizzeria.operations.simulation.outcome import Figures, Kept, Load, Outcome, figures

BLOCKS = 40


def report(outcome: Outcome) -> Iterator[str]:
    """The lines to print."""
    words = {"orders": outcome.orders, "cancelled": outcome.cancelled, "handed": len(outcome.kept)}
    yield ""
    yield _("%(orders)s commandes : %(handed)s remises, %(cancelled)s annulées.") % words
    yield from _refused(outcome)
    yield ""
    yield from _promises(outcome)
    yield ""
    yield from _by_hour(outcome.kept)
    for slug, loads in _told_loads(outcome):
        yield ""
        yield from _ovens(slug, loads)
    yield ""
    broken = len(outcome.evening.broken)
    yield (
        _("Fours, stock, argent, journaux : %(broken)s anomalie(s).") % {"broken": broken}
        if broken
        else _("Fours jamais promis au-delà de ce qu’ils cuisent ; stock, argent et journaux tombent juste.")
    )


def _refused(outcome: Outcome) -> Iterator[str]:
    told = outcome.evening.told
    for code, number in sorted(told.refused.items()):
        yield f"  {code:<28} {number:>5}"
    too_long = _("trop long, parti ailleurs")
    yield f"  {too_long:<28} {told.long_waits:>5}"


def _promises(outcome: Outcome) -> Iterator[str]:
    yield _("Promesses, en minutes (négatif : en avance)         tenues à 5 min  à ±5 min    5 %   médiane   95 %")
    rows: list[tuple[str, Iterable[Kept]]] = [
        (_("toutes"), outcome.kept),
        (_("à livrer"), [one for one in outcome.kept if one.is_delivery]),
        (_("au comptoir"), [one for one in outcome.kept if not one.is_delivery]),
    ]
    rows += [(shop.slug, [one for one in outcome.kept if one.slug == shop.slug]) for shop in outcome.evening.shops]
    for name, kept in rows:
        yield _line(name, _("première"), figures(kept, _by_first))
        yield _line("", _("dernière"), figures(kept, _by_last))


def _line(name: str, which: str, of: Figures) -> str:
    return (
        f"  {name:<20} {of.orders:>5}  {which:<16} {of.kept:>13.1f} % {of.within:>7.1f} %"
        f" {of.fifth:>7.1f} {of.median:>8.1f} {of.ninety_fifth:>7.1f}"
    )


def _by_hour(kept: Sequence[Kept]) -> Iterator[str]:
    yield _("Dernière promesse tenue à 5 min, par demi-heure de commande")
    for start, of in by_half_hour(kept, _by_last):
        yield f"  {start:%H:%M} {_bar(of.kept / 100)} {of.kept:5.1f} %  ({of.orders})"


def by_half_hour(kept: Iterable[Kept], late: Callable[[Kept], float]) -> list[tuple[datetime, Figures]]:
    """The figures of the orders of each half-hour."""
    halves: dict[datetime, list[Kept]] = {}
    for one in kept:
        start = one.placed.replace(minute=one.placed.minute // 30 * 30, second=0, microsecond=0)
        halves.setdefault(start, []).append(one)
    return [(start, figures(ones, late)) for start, ones in sorted(halves.items())]


def _told_loads(outcome: Outcome) -> list[tuple[str, list[Load]]]:
    """The shop whose oven broke down, or none."""
    return [(slug, loads) for slug, loads in outcome.loads.items() if is_broken(loads)]


def is_broken(loads: Iterable[Load]) -> bool:
    return any(load.there < load.usual for load in loads)


def _ovens(slug: str, loads: Sequence[Load]) -> Iterator[str]:
    yield _("Fours de %(shop)s : █ promis, ░ libre, × en panne ; cuit, en minutes de four") % {"shop": slug}
    top = max(load.usual for load in loads) or 1
    for load in loads:
        held, free, lost = (
            round(BLOCKS * minutes / top) for minutes in (load.held, load.there - load.held, load.usual - load.there)
        )
        bar = "█" * held + "░" * free + "×" * lost
        yield f"  {load.starts_at:%H:%M} {bar:<{BLOCKS + 1}} {load.held:>4}/{load.there:<4} {load.baked:>5.0f}"


def _bar(share: float) -> str:
    filled = round(BLOCKS * share)
    return "█" * filled + "░" * (BLOCKS - filled)


def _by_first(one: Kept) -> float:
    return one.late_by_first


def _by_last(one: Kept) -> float:
    return one.late_by_last
