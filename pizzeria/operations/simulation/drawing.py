"""An evening in one picture: promised against real, the ovens with the one that broke, and how many promises were kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from html import escape

from django.utils.translation import gettext as _

from pizzeria.operations.simulation.outcome import Kept, Load, Outcome
from pizzeria.operations.simulation.report import by_half_hour, is_broken

WIDTH, HEIGHT = 960, 980
LEFT, RIGHT = 64, 24
PLOT = WIDTH - LEFT - RIGHT
EARLIEST, LATEST = -20, 30
"""Minutes that the first plot shows; who came earlier or later stands on its edge."""
KEPT_TOP, KEPT_HEIGHT = 120, 300
OVEN_TOP, OVEN_HEIGHT = 490, 200
SHARE_TOP, SHARE_HEIGHT = 770, 160
FLOOR = 70
"""Percent at which the last plot begins."""

STYLE = """
:root { color-scheme: light dark; }
svg { background: #fffdf8; font-family: "Source Sans 3", "Noto Sans", "Segoe UI", "DejaVu Sans", sans-serif; }
text { fill: #2b1a13; font-size: 14px; }
.title { font-size: 24px; font-weight: 700; } .part { font-size: 17px; font-weight: 700; } .soft { fill: #6a5144; }
.grid { stroke: #e5d4bb; stroke-width: 1; } .zero { stroke: #8e7563; stroke-width: 1.5; }
.band { fill: #e3eed7; } .there { fill: #f3e7d3; } .held { fill: #ab2417; } .lost { fill: #f3b640; } .baked { fill: none; stroke: #2b1a13; stroke-width: 2; }
.delivered { fill: #ab2417; fill-opacity: .5; } .fetched { fill: #1d5470; fill-opacity: .5; }
.first { fill: #c9a27e; } .last { fill: #2b6431; } .aim { stroke: #9d1029; stroke-width: 1.5; stroke-dasharray: 6 4; }
@media (prefers-color-scheme: dark) {
  svg { background: #251c18; } text { fill: #f9eddd; } .soft { fill: #cfbaa7; }
  .grid { stroke: #46372e; } .zero { stroke: #9d8673; } .band { fill: #223522; } .there { fill: #46372e; } .held { fill: #c8382a; } .baked { stroke: #f9eddd; }
  .delivered { fill: #ff9a83; } .fetched { fill: #9ccbe3; } .first { fill: #8e7563; } .last { fill: #9fd089; } .aim { stroke: #ff9aa2; }
}
"""


def drawn(outcome: Outcome) -> str:
    """The picture, as SVG."""
    axis = _Axis(outcome.evening.plan.since, outcome.evening.plan.until + timedelta(minutes=60))
    slug, loads = _shown(outcome)
    inside = [
        *_heading(outcome),
        *_differences(outcome.kept, axis),
        *_ovens(slug, loads, axis),
        *_shares(outcome.kept, axis),
    ]
    name = escape(_("La soirée simulée"))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{name}">'
        f"<style>{STYLE}</style>\n" + "\n".join(inside) + "\n</svg>\n"
    )


class _Axis:
    """Where a moment stands on the paper."""

    def __init__(self, since: datetime, until: datetime) -> None:
        self.since, self.until = since, until

    def x(self, moment: datetime) -> float:
        part = (moment - self.since) / (self.until - self.since)
        return round(LEFT + PLOT * min(max(part, 0), 1), 1)

    def hours(self, top: int, bottom: int) -> Iterator[str]:
        hour = self.since.replace(minute=0)
        while hour <= self.until:
            if hour >= self.since:
                x = self.x(hour)
                yield f'<path class="grid" d="M{x} {top}V{bottom}"/>'
                yield _text(x, bottom + 18, f"{hour:%H:%M}", "soft", "middle")
            hour += timedelta(hours=1)


def _heading(outcome: Outcome) -> Iterator[str]:
    words = {
        "orders": outcome.orders,
        "shops": len(outcome.evening.shops),
        "first": f"{outcome.first.kept:.1f}".replace(".", ","),
        "last": f"{outcome.last.kept:.1f}".replace(".", ","),
    }
    yield _text(LEFT, 32, _("Un vendredi simulé : %(orders)s commandes, %(shops)s points de vente") % words, "title")
    told = _(
        "Au plus 5 minutes de retard : %(first)s %% de ce qui fut promis d’abord, %(last)s %% de ce qui fut promis en dernier."
    )
    yield _text(LEFT, 54, told % words, "soft")


def _differences(kept: Sequence[Kept], axis: _Axis) -> Iterator[str]:
    bottom = KEPT_TOP + KEPT_HEIGHT
    yield _text(LEFT, KEPT_TOP - 36, _("Arrivée moins première promesse, en minutes, par heure promise"), "part")
    yield f'<path class="band" d="M{LEFT} {_late_y(5)}H{LEFT + PLOT}V{_late_y(-5)}H{LEFT}Z"/>'
    yield from axis.hours(KEPT_TOP, bottom)
    for minutes in range(EARLIEST, LATEST + 1, 10):
        css = "grid" if minutes else "zero"
        yield f'<path class="{css}" d="M{LEFT} {_late_y(minutes)}H{LEFT + PLOT}"/>'
        yield _text(LEFT - 8, _late_y(minutes) + 5, f"{minutes:+d}" if minutes else "0", "soft", "end")
    for one in kept:
        css = "delivered" if one.is_delivery else "fetched"
        yield f'<circle class="{css}" cx="{axis.x(one.first)}" cy="{_late_y(one.late_by_first)}" r="2.6"/>'
    yield from _legend(
        KEPT_TOP - 14, [("delivered", _("livrées")), ("fetched", _("au comptoir")), ("band", _("± 5 min"))]
    )


def _late_y(minutes: float) -> float:
    inside = min(max(minutes, EARLIEST), LATEST)
    return round(KEPT_TOP + KEPT_HEIGHT * (LATEST - inside) / (LATEST - EARLIEST), 1)


def _shown(outcome: Outcome) -> tuple[str, Sequence[Load]]:
    """The shop whose oven broke down, or the first one."""
    broken = [(slug, loads) for slug, loads in outcome.loads.items() if is_broken(loads)]
    return broken[0] if broken else next(iter(outcome.loads.items()))


def _ovens(slug: str, loads: Sequence[Load], axis: _Axis) -> Iterator[str]:
    bottom = OVEN_TOP + OVEN_HEIGHT
    top = max((max(load.usual, load.baked) for load in loads), default=0) or 1
    yield _text(
        LEFT, OVEN_TOP - 36, _("Fours de %(shop)s, en minutes de four par quart d’heure") % {"shop": slug}, "part"
    )
    yield from axis.hours(OVEN_TOP, bottom)
    for figure in (0, top // 2, top):
        yield _text(LEFT - 8, round(bottom - OVEN_HEIGHT * figure / top + 5, 1), f"{figure:.0f}", "soft", "end")
    for load in loads:
        x, wide = (
            axis.x(load.starts_at) + 1,
            axis.x(load.starts_at + timedelta(minutes=15)) - axis.x(load.starts_at) - 2,
        )
        for css, minutes in (("lost", load.usual), ("there", load.there), ("held", load.held)):
            high = OVEN_HEIGHT * minutes / top
            yield f'<rect class="{css}" x="{x:.1f}" y="{bottom - high:.1f}" width="{max(wide, 0):.1f}" height="{high:.1f}"/>'
    steps = [
        (axis.x(load.starts_at + timedelta(minutes=7.5)), bottom - OVEN_HEIGHT * load.baked / top) for load in loads
    ]
    yield f'<path class="baked" d="M{"L".join(f"{x:.1f} {y:.1f}" for x, y in steps)}"/>'
    names = [("held", _("promis")), ("there", _("libre")), ("lost", _("en panne")), ("baked", _("cuit vraiment"))]
    yield from _legend(OVEN_TOP - 14, names)


def _shares(kept: Sequence[Kept], axis: _Axis) -> Iterator[str]:
    bottom = SHARE_TOP + SHARE_HEIGHT
    yield _text(
        LEFT,
        SHARE_TOP - 36,
        _("Promesses tenues (au plus 5 minutes de retard), en pour cent, par demi-heure de commande"),
        "part",
    )
    yield from axis.hours(SHARE_TOP, bottom)
    for tick in range(FLOOR, 101, 10):
        yield _text(LEFT - 8, _share_y(tick) + 5, f"{tick}", "soft", "end")
    last = dict(by_half_hour(kept, lambda one: one.late_by_last))
    for start, of in by_half_hour(kept, lambda one: one.late_by_first):
        x, half = axis.x(start), (axis.x(start + timedelta(minutes=30)) - axis.x(start)) / 2
        for css, shift, percent in (("first", 2, of.kept), ("last", half, last[start].kept)):
            top = _share_y(percent)
            yield f'<rect class="{css}" x="{x + shift:.1f}" y="{top}" width="{half - 3:.1f}" height="{bottom - top:.1f}"/>'
    yield f'<path class="aim" d="M{LEFT} {_share_y(95)}H{LEFT + PLOT}"/>'
    yield from _legend(SHARE_TOP - 14, [("first", _("première")), ("last", _("dernière")), ("aim", "95 %")])


def _share_y(percent: float) -> float:
    return round(SHARE_TOP + SHARE_HEIGHT * (100 - max(percent, FLOOR)) / (100 - FLOOR), 1)


def _legend(y: int, names: Sequence[tuple[str, str]]) -> Iterator[str]:
    x = WIDTH - RIGHT
    for css, words in reversed(names):
        yield _text(x, y, words, "soft", "end")
        x -= 7 * len(words) + 22
        line = css in ("baked", "aim")
        yield (
            f'<path class="{css}" d="M{x} {y - 5}h14"/>'
            if line
            else f'<rect class="{css}" x="{x}" y="{y - 11}" width="12" height="12" rx="2"/>'
        )
        x -= 14


def _text(x: float, y: float, words: str, css: str, anchor: str = "start") -> str:
    return f'<text class="{css}" x="{x}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
