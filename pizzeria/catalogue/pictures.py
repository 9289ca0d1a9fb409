"""Pictures of what we sell, drawn from the recipe.

Pure functions from toppings to SVG text: the same recipe always gives the same bytes, so a picture can be
cached for ever under a name that changes with its recipe. Nothing here knows the database.
"""

import hashlib
import math
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from xml.sax.saxutils import escape

CENTRE = 200.0
CRUST_RADIUS = 188.0
SAUCE_RADIUS = 159.0
TOPPING_RADIUS = 149.0
CANDIDATES = 36
MOST_TOPPINGS = 62
OWN_KIND = 22.0
"""How much further than from others a topping keeps from its own kind."""
LARGE = 8
"""Above this radius a tenth of a unit cannot be seen."""
COVERING_CHEESE = 5
"""A cheese of this size or more melts over the whole pizza; a smaller one lies in pools."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Point: TypeAlias = tuple[float, float]
Drawing: TypeAlias = Callable[["Topping", float, random.Random], str]


@dataclass(frozen=True)
class Topping:
    """How one ingredient looks. `size` runs from 1 (a seed) to 10 (an egg); `count` is for a whole pizza.

    An egg's `colour` is its white, its `edge` the yolk.
    """

    slug: str
    shape: str
    colour: str
    edge: str
    size: int
    count: int

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise ValueError(f"unknown shape {self.shape!r}")
        for colour in (self.colour, self.edge):
            if not HEX_COLOUR.fullmatch(colour):
                raise ValueError(f"not a #rrggbb colour: {colour!r}")

    @property
    def radius(self) -> float:
        return 4 + 3.4 * self.size


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float
    radius: float
    topping: Topping


# --- small pieces of geometry and text -----------------------------------------------------------------


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.").removeprefix("0") or "0"


def _at(x: float, y: float) -> str:
    return f"{_n(x)} {_n(y)}"


def _mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` of `other` in it."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _near(x: float, y: float) -> str:
    return f"{x:.0f} {y:.0f}"


def _lighter(colour: str, share: float = 0.35) -> str:
    return _mix(colour, "#fff4d8", share)


def _darker(colour: str, share: float = 0.3) -> str:
    return _mix(colour, "#2a0d05", share)


def _smooth(points: Sequence[Point], *, write: Callable[[float, float], str] = _at) -> str:
    """A closed curve that passes between the points, rounding every corner."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    bends = zip([*points[1:], points[0]], [*middles[1:], middles[0]], strict=True)
    return f"M{write(*middles[0])}" + "".join(f"Q{write(*point)} {write(*middle)}" for point, middle in bends) + "Z"


def _wobble(x: float, y: float, radius: float, *, corners: int, unevenness: float, rng: random.Random) -> str:
    points = []
    for corner in range(corners):
        angle = math.tau * (corner + rng.uniform(-0.2, 0.2)) / corners
        reach = radius * (1 + rng.uniform(-unevenness, unevenness))
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return _smooth(points, write=_near if radius > LARGE else _at)


def _random_for(*names: str) -> random.Random:
    digest = hashlib.sha256("\n".join(names).encode(errors="replace")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 - a drawing, not a secret


# --- one drawing a shape, around the origin ------------------------------------------------------------


def _round(topping: Topping, r: float, rng: random.Random) -> str:
    spots = []
    for _ in range(6):
        angle, reach = rng.uniform(0, math.tau), r * rng.uniform(0.1, 0.68)
        spots.append(f"M{_at(reach * math.cos(angle), reach * math.sin(angle))}h0")
    return (
        f'<path d="{_wobble(0, 0, r, corners=9, unevenness=0.05, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{_n(r * 0.13)}"/>'
        f'<path d="{"".join(spots)}" stroke="{_mix(topping.colour, topping.edge, 0.55)}"'
        f' stroke-width="{_n(r * 0.19)}" stroke-linecap="round"/>'
        f'<path d="M{_at(-r * 0.62, -r * 0.2)}A{_at(r * 0.66, r * 0.66)} 0 0 1 {_at(0, -r * 0.64)}" fill="none"'
        f' stroke="{_lighter(topping.colour)}" stroke-width="{_n(r * 0.14)}" stroke-linecap="round"/>'
    )


def _ring(topping: Topping, r: float, rng: random.Random) -> str:
    path = _wobble(0, 0, r * 0.74, corners=8, unevenness=0.06, rng=rng)
    return (
        f'<g fill="none"><path d="{path}" stroke="{topping.edge}" stroke-width="{_n(r * 0.5)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{_n(r * 0.36)}"/>'
        f'<path d="M{_at(-r * 0.72, -r * 0.2)}A{_at(r * 0.75, r * 0.75)} 0 0 1 {_at(-r * 0.1, -r * 0.74)}"'
        f' stroke="{_lighter(topping.colour, 0.5)}" stroke-width="{_n(r * 0.1)}" stroke-linecap="round"/></g>'
    )


def _half_moon(topping: Topping, r: float, _rng: random.Random) -> str:
    lines = "".join(
        f"M{_at(r * 0.12 * math.cos(a), -r * 0.16 + r * 0.12 * math.sin(a))}"
        f"L{_at(r * 0.62 * math.cos(a), -r * 0.1 + r * 0.62 * math.sin(a))}"
        for a in (math.pi * share for share in (0.15, 0.38, 0.62, 0.85))
    )
    return (
        f'<path d="M{_at(-r, -r * 0.35)}Q{_at(0, -r * 0.12)} {_at(r, -r * 0.35)}'
        f'C{_at(r * 1.05, r * 0.9)} {_at(-r * 1.05, r * 0.9)} {_at(-r, -r * 0.35)}Z" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{_n(r * 0.15)}" stroke-linejoin="round"/>'
        f'<path d="{lines}" stroke="{_mix(topping.colour, topping.edge, 0.4)}" stroke-width="{_n(r * 0.07)}"'
        f' stroke-linecap="round"/>'
    )


def _leaf(topping: Topping, r: float, rng: random.Random) -> str:
    bend = r * rng.uniform(-0.18, 0.18)
    blade = (
        f"M{_at(-r, bend)}C{_at(-r * 0.5, -r * 0.75)} {_at(r * 0.45, -r * 0.7)} {_at(r * 1.1, 0)}"
        f"C{_at(r * 0.45, r * 0.7)} {_at(-r * 0.5, r * 0.75)} {_at(-r, bend)}Z"
    )
    veins = (
        f"M{_at(-r * 1.25, bend)}Q{_at(0, bend * -1)} {_at(r * 0.85, 0)}M{_at(-r * 0.35, 0)}L{_at(0, -r * 0.33)}"
        f"M{_at(-r * 0.35, 0)}L{_at(0, r * 0.33)}M{_at(r * 0.2, 0)}L{_at(r * 0.5, -r * 0.24)}"
    )
    shine = f"M{_at(-r * 0.7, -r * 0.12)}C{_at(-r * 0.3, -r * 0.62)} {_at(r * 0.4, -r * 0.5)} {_at(r * 0.9, -r * 0.05)}"
    return (
        f'<path d="{blade}" fill="{topping.colour}"/>'
        f'<path d="{shine}Z" fill="{_lighter(topping.colour, 0.22)}"/>'
        f'<path d="{veins}" fill="none" stroke="{topping.edge}" stroke-width="{_n(max(1, r * 0.08))}"'
        f' stroke-linecap="round"/>'
    )


def _strip(topping: Topping, r: float, rng: random.Random) -> str:
    bow = r * rng.uniform(0.55, 0.95)
    path = f"M{_at(-r * 0.9, r * 0.3)}Q{_at(-r * 0.1, -bow)} {_at(r * 0.9, r * 0.2)}"
    return (
        f'<g fill="none" stroke-linecap="round"><path d="{path}" stroke="{topping.edge}" stroke-width="{_n(r * 0.66)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{_n(r * 0.5)}"/>'
        f'<path d="{path}" transform="translate(0 {_n(-r * 0.1)})" stroke="{_lighter(topping.colour)}"'
        f' stroke-width="{_n(r * 0.11)}"/></g>'
    )


def _blob(topping: Topping, r: float, rng: random.Random) -> str:
    return (
        f'<path d="{_wobble(0, 0, r, corners=8, unevenness=0.2, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{_n(r * 0.1)}"/>'
        f'<path d="{_wobble(r * 0.22, r * 0.25, r * 0.3, corners=6, unevenness=0.3, rng=rng)}'
        f'{_wobble(-r * 0.45, r * 0.2, r * 0.15, corners=5, unevenness=0.3, rng=rng)}"'
        f' fill="{_mix(topping.colour, topping.edge, 0.5)}"/>'
        f'<path d="{_wobble(-r * 0.25, -r * 0.38, r * 0.26, corners=6, unevenness=0.3, rng=rng)}"'
        f' fill="{_lighter(topping.colour, 0.45)}"/>'
    )


def _cube(topping: Topping, r: float, rng: random.Random) -> str:
    a, b = r * rng.uniform(0.62, 0.8), r * rng.uniform(0.6, 0.78)
    side = f"M{_at(-a, -b)}L{_at(a, -b * 0.8)} {_at(a * 1.05, b)} {_at(-a * 0.9, b * 1.05)}Z"
    top = f"M{_at(-a, -b)}L{_at(a, -b * 0.8)} {_at(a * 0.95, b * 0.45)} {_at(-a * 0.93, b * 0.5)}Z"
    return (
        f'<g stroke-linejoin="round" stroke-width="{_n(r * 0.2)}">'
        f'<path d="{side}" fill="{topping.edge}" stroke="{topping.edge}"/>'
        f'<path d="{top}" fill="{topping.colour}" stroke="{topping.colour}"/></g>'
        f'<path d="M{_at(-a * 0.6, -b * 0.6)}L{_at(a * 0.3, -b * 0.5)}" stroke="{_lighter(topping.colour, 0.5)}"'
        f' stroke-width="{_n(r * 0.16)}" stroke-linecap="round"/>'
    )


def _drop(topping: Topping, r: float, rng: random.Random) -> str:
    return (
        f'<path d="{_wobble(0, 0, r, corners=7, unevenness=0.16, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{_n(r * 0.08)}"/>'
        f'<path d="M{_at(-r * 0.5, -r * 0.15)}Q{_at(-r * 0.4, -r * 0.55)} {_at(0, -r * 0.55)}" fill="none"'
        f' stroke="#fff" stroke-opacity=".75" stroke-width="{_n(r * 0.17)}" stroke-linecap="round"/>'
    )


def _egg(topping: Topping, r: float, rng: random.Random) -> str:
    white = _wobble(0, 0, r * 1.15, corners=9, unevenness=0.12, rng=rng)
    return (
        f'<path d="{white}" fill="{topping.colour}" stroke="{_mix(topping.colour, "#b9762f", 0.3)}" stroke-width="2"/>'
        f'<circle cx="{_n(r * 0.05)}" r="{_n(r * 0.52)}" fill="{topping.edge}"'
        f' stroke="{_darker(topping.edge, 0.15)}" stroke-width="1.5"/>'
        f'<path d="M{_at(-r * 0.28, -r * 0.1)}Q{_at(-r * 0.22, -r * 0.32)} {_at(0, -r * 0.34)}" fill="none" stroke="#fff"'
        f' stroke-opacity=".85" stroke-width="{_n(r * 0.1)}" stroke-linecap="round"/>'
    )


def _shrimp(topping: Topping, r: float, _rng: random.Random) -> str:
    body = f"M{_at(-r * 0.55, r * 0.5)}A{_at(r * 0.7, r * 0.7)} 0 1 1 {_at(r * 0.5, r * 0.55)}"
    rings = "".join(
        f"M{_at(r * 0.42 * math.cos(a), r * 0.42 * math.sin(a))}L{_at(r * 0.93 * math.cos(a), r * 0.93 * math.sin(a))}"
        for a in (math.pi * share for share in (-0.05, -0.3, -0.55, -0.8, -1.05))
    )
    return (
        f'<path d="M{_at(r * 0.45, r * 0.45)}l{_at(r * 0.05, r * 0.6)} {_at(-r * 0.2, -r * 0.12)}'
        f' {_at(-r * 0.35, r * 0.12)}Z" fill="{topping.edge}" stroke="{topping.edge}" stroke-width="2" stroke-linejoin="round"/>'
        f'<g fill="none" stroke-linecap="round"><path d="{body}" stroke="{topping.edge}" stroke-width="{_n(r * 0.56)}"/>'
        f'<path d="{body}" stroke="{topping.colour}" stroke-width="{_n(r * 0.44)}"/>'
        f'<path d="{rings}" stroke="{topping.edge}" stroke-width="{_n(r * 0.07)}"/></g>'
    )


def _seed(topping: Topping, r: float, rng: random.Random) -> str:
    grains = []
    for _ in range(3):
        x, y, turn = rng.uniform(-r, r), rng.uniform(-r, r), rng.uniform(0, math.pi)
        length = r * 0.3
        grains.append(f"M{_at(x, y)}l{_at(length * math.cos(turn), length * math.sin(turn))}")
    path = "".join(grains)
    return (
        f'<g stroke-linecap="round"><path d="{path}" stroke="{topping.edge}" stroke-width="{_n(r * 0.55)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{_n(r * 0.36)}"/></g>'
    )


DRAWINGS: dict[str, Drawing] = {
    "round": _round,
    "ring": _ring,
    "half_moon": _half_moon,
    "leaf": _leaf,
    "strip": _strip,
    "blob": _blob,
    "cube": _cube,
    "drop": _drop,
    "egg": _egg,
    "shrimp": _shrimp,
    "seed": _seed,
}
SHAPES = frozenset({"sauce", "cheese", *DRAWINGS})
UNEVEN = frozenset({"leaf", "strip", "blob"})
"""Drawn twice, differently, so that no two neighbours look stamped."""
ON_TOP = ("drop", "seed", "leaf", "egg")


# --- the pizza, from the crust up ----------------------------------------------------------------------


def _crust(prefix: str, rng: random.Random) -> str:
    edge = _wobble(CENTRE, CENTRE, CRUST_RADIUS, corners=22, unevenness=0.018, rng=rng)
    blisters, char = [], []
    for number in range(22):
        angle = math.tau * (number + rng.uniform(-0.4, 0.4)) / 22
        reach = rng.uniform(SAUCE_RADIUS + 10, CRUST_RADIUS - 6)
        x, y = CENTRE + reach * math.cos(angle), CENTRE + reach * math.sin(angle)
        blisters.append(_wobble(x, y, rng.uniform(4, 10), corners=5, unevenness=0.35, rng=rng))
        if number % 3 == 0:
            char.append(_wobble(x, y, rng.uniform(2, 4.5), corners=5, unevenness=0.3, rng=rng))
    return (
        f'<path d="{edge}" fill="url(#{prefix}c)" stroke="#a9622a" stroke-width="3"/>'
        f'<path d="{"".join(blisters)}" fill="#a65a22" opacity=".5"/><path d="{"".join(char)}" fill="#54270f" opacity=".6"/>'
        f'<path d="M60 128A158 158 0 0 1 148 42" fill="none" stroke="#ffe3ad" stroke-opacity=".6" stroke-width="9"'
        f' stroke-linecap="round"/>'
    )


def _sauce(colour: str, rng: random.Random) -> str:
    edge = _wobble(CENTRE, CENTRE, SAUCE_RADIUS, corners=20, unevenness=0.025, rng=rng)
    splashes = "".join(
        _wobble(x, y, rng.uniform(14, 30), corners=6, unevenness=0.35, rng=rng) for x, y in _spread(136, 8, rng)
    )
    return (
        f'<path d="{edge}" fill="{colour}" stroke="{_darker(colour, 0.25)}" stroke-opacity=".55" stroke-width="5"/>'
        f'<path d="{splashes}" fill="{_mix(colour, "#ffb347", 0.2)}" opacity=".55"/>'
    )


def _spread(radius: float, count: int, rng: random.Random) -> list[Point]:
    """Points all over a disc, evenly: the sunflower's spiral, shaken a little."""
    turn = rng.uniform(0, math.tau)
    points = []
    for number in range(count):
        reach = radius * math.sqrt((number + 0.5) / count) * rng.uniform(0.9, 1.05)
        angle = turn + number * 2.39996 + rng.uniform(-0.2, 0.2)
        points.append((CENTRE + reach * math.cos(angle), CENTRE + reach * math.sin(angle)))
    return points


def _cheeses(cheeses: Sequence[Topping], rng: random.Random) -> str:
    drawn = []
    for cheese in cheeses:
        if cheese.size >= COVERING_CHEESE:
            melt = _wobble(CENTRE, CENTRE, 147, corners=17, unevenness=0.07, rng=rng)
            browned = [
                _wobble(x, y, rng.uniform(9, 22), corners=6, unevenness=0.35, rng=rng) for x, y in _spread(132, 11, rng)
            ]
            pools = [
                _wobble(x, y, rng.uniform(10, 24), corners=6, unevenness=0.25, rng=rng) for x, y in _spread(126, 8, rng)
            ]
            drawn.append(
                f'<path d="{melt}" fill="{cheese.colour}" stroke="{cheese.edge}" stroke-opacity=".6" stroke-width="4"/>'
                f'<path d="{"".join(browned)}" fill="{cheese.edge}" opacity=".6"/>'
                f'<path d="{"".join(pools)}" fill="{_lighter(cheese.colour, 0.5)}" opacity=".75"/>'
            )
        else:
            places = _spread(126, max(1, cheese.count), rng)
            blobs = [
                _wobble(x, y, cheese.radius * 1.5 * rng.uniform(0.8, 1.15), corners=7, unevenness=0.18, rng=rng)
                for x, y in places
            ]
            shine = [_wobble(x - 4, y - 5, cheese.radius * 0.6, corners=5, unevenness=0.3, rng=rng) for x, y in places]
            drawn.append(
                f'<path d="{"".join(blobs)}" fill="{cheese.colour}" stroke="{cheese.edge}" stroke-opacity=".7" stroke-width="3"/>'
                f'<path d="{"".join(shine)}" fill="{_lighter(cheese.colour, 0.6)}" opacity=".8"/>'
            )
    return "".join(drawn)


def _candidate(radius: float, side: int, rng: random.Random) -> Point:
    """A point where a topping of this radius stays on the pizza, and on its side of it (-1 left, 1 right)."""
    room = TOPPING_RADIUS - radius * 0.85
    reach, angle = room * math.sqrt(rng.random()), rng.uniform(0, math.tau)
    x, y = reach * math.cos(angle), reach * math.sin(angle)
    if side:
        x = side * (radius * 0.9 + 3 + abs(x) * (1 - (radius * 0.9 + 3) / TOPPING_RADIUS))
    return CENTRE + x, CENTRE + y


def _gap(point: Point, radius: float, topping: Topping, taken: Iterable[_Spot]) -> float:
    """Free room around a point; a topping likes its own kind further away than the others."""
    return min(
        (
            math.dist(point, (spot.x, spot.y)) - radius - spot.radius - (OWN_KIND if spot.topping is topping else 0)
            for spot in taken
        ),
        default=0.0,
    )


def _place(toppings: Sequence[Topping], side: int, rng: random.Random) -> list[_Spot]:
    spots: list[_Spot] = []
    share = min(1.0, MOST_TOPPINGS / max(1, sum(topping.count for topping in toppings))) / (2 if side else 1)
    for topping in sorted(toppings, key=lambda each: -each.size):
        for _ in range(max(1, round(topping.count * share))):
            radius = topping.radius
            if topping.shape == "egg" and not spots:
                point = (CENTRE + side * 70, CENTRE)
            else:
                candidates = [_candidate(radius, side, rng) for _ in range(CANDIDATES)]
                point = max(candidates, key=lambda each: _gap(each, radius, topping, spots))
            spots.append(_Spot(*point, radius, topping))
    return spots


def _layer(shape: str) -> int:
    return ON_TOP.index(shape) + 1 if shape in ON_TOP else 0


def _part(toppings: Sequence[Topping], side: int, prefix: str) -> tuple[str, str]:
    """The definitions and the drawing of a whole pizza's filling, or of one side of it."""
    rng = _random_for(str(side), *(repr(topping) for topping in toppings))
    sauces = [topping.colour for topping in toppings if topping.shape == "sauce"]
    cheeses = [topping for topping in toppings if topping.shape == "cheese"]
    pieces = [topping for topping in toppings if topping.shape in DRAWINGS and topping.count > 0]

    definitions: list[str] = []
    uses: list[str] = []
    names: dict[Topping, list[str]] = {}
    for topping in pieces:
        names[topping] = []
        for growth in (0.94, 1.08) if topping.shape in UNEVEN else (1,):
            name = f"{prefix}{len(definitions)}"
            names[topping].append(name)
            drawing = DRAWINGS[topping.shape](topping, topping.radius * growth, rng)
            definitions.append(f'<g id="{name}">{drawing}</g>')
    spots = sorted(_place(pieces, side, rng), key=lambda spot: _layer(spot.topping.shape))
    for spot in spots:
        turn = rng.randrange(-25, 25) if spot.topping.shape == "egg" else rng.randrange(360)
        name = rng.choice(names[spot.topping])
        uses.append(f'<use href="#{name}" transform="translate({spot.x:.0f} {spot.y:.0f})rotate({turn})"/>')
    base = "".join(_sauce(colour, rng) for colour in sauces[:1])
    drops = "".join(uses)
    return "".join(definitions), f'{base}{_cheeses(cheeses, rng)}<g filter="url(#{prefix[:6]}s)">{drops}</g>'


def _open_svg(size: int, title: str) -> str:
    text = escape(NOT_XML.sub("", title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="{size:d}" height="{size:d}"'
        f' role="img"><title>{text}</title>'
    )


def _prefix(*names: str) -> str:
    """Six characters before every id, so that several pictures can stand in one page."""
    return "p" + hashlib.sha256("\n".join(names).encode(errors="replace")).hexdigest()[:5]


def pizza_svg(*, parts: Sequence[Sequence[Topping]], size: int = 400, title: str) -> str:
    """One list of toppings is a whole pizza; two lists are its left and its right half."""
    if len(parts) not in (1, 2):
        raise ValueError("a pizza has one part, or two halves")
    prefix = _prefix(title, *(repr(tuple(part)) for part in parts))
    rng = _random_for(*(topping.slug for part in parts for topping in part))
    definitions = [
        (
            f'<radialGradient id="{prefix}c"><stop offset=".8" stop-color="#b96f2f"/><stop offset=".87" stop-color="#e5ac5f"/>'
            f'<stop offset=".95" stop-color="#dc9a4b"/><stop offset="1" stop-color="#b96f2f"/></radialGradient>'
            f'<filter id="{prefix}s" x="-5%" y="-5%" width="110%" height="110%"><feDropShadow dx="1" dy="3"'
            f' stdDeviation="2" flood-color="#3b0d00" flood-opacity=".45"/></filter>'
        )
    ]
    drawing = [_crust(prefix, rng)]
    if len(parts) == 1:
        definition, filling = _part(parts[0], 0, f"{prefix}w")
        definitions.append(definition)
        drawing.append(filling)
    else:
        for letter, side, left, toppings in zip("lr", (-1, 1), (0, 200), parts, strict=True):
            definition, filling = _part(toppings, side, prefix + letter)
            clip = f'<clipPath id="{prefix}{letter}"><path d="M{left} 0h200v400h-200Z"/></clipPath>'
            definitions.append(definition + clip)
            drawing.append(f'<g clip-path="url(#{prefix}{letter})">{filling}</g>')
        drawing.append('<path d="M200 46V354" stroke="#7a2f12" stroke-opacity=".35" stroke-width="2"/>')
    return f"{_open_svg(size, title)}<defs>{''.join(definitions)}</defs>{''.join(drawing)}</svg>"


# --- drinks and desserts -------------------------------------------------------------------------------


def _checked(colour: str) -> str:
    if not HEX_COLOUR.fullmatch(colour):
        raise ValueError(f"not a #rrggbb colour: {colour!r}")
    return colour


def _shadow(width: int) -> str:
    return f'<ellipse cx="200" cy="364" rx="{width}" ry="13" fill="#3b1a08" opacity=".18"/>'


def _bottle(colour: str) -> str:
    return (
        f'{_shadow(72)}<path d="M178 62h44v60c0 26 40 44 40 88v136q0 18-18 18h-88q-18 0-18-18V210c0-44 40-62 40-88Z"'
        f' fill="{colour}"/><path d="M222 122c0 26 40 44 40 88v136q0 18-18 18h-20V62h-2Z" fill="{_darker(colour)}" opacity=".55"/>'
        f'<rect x="170" y="36" width="60" height="32" rx="7" fill="#b3261a"/><path d="M138 222h124v84H138Z" fill="#fff6e3"/>'
        f'<circle cx="200" cy="264" r="27" fill="#b3261a"/><circle cx="200" cy="264" r="18" fill="#f3b640"/>'
        f'<path d="M156 204q4-32 27-56M156 320v20" stroke="#fff" stroke-opacity=".6" stroke-width="9" stroke-linecap="round" fill="none"/>'
    )


def _can(colour: str) -> str:
    return (
        f'{_shadow(78)}<path d="M140 74h120l16 30v226l-16 32H140l-16-32V104Z" fill="#c9c5be"/>'
        f'<path d="M124 108h152v218H124Z" fill="{colour}"/><path d="M236 108h40v218h-40Z" fill="{_darker(colour)}" opacity=".45"/>'
        f'<ellipse cx="200" cy="74" rx="60" ry="12" fill="#ece8e0"/><ellipse cx="200" cy="76" rx="20" ry="5" fill="#8d8880"/>'
        f'<path d="M124 250q76-84 152-30v44q-76-54-152 34Z" fill="#fff6e3"/>'
        f'<path d="M146 126v176" stroke="#fff" stroke-opacity=".45" stroke-width="11" stroke-linecap="round"/>'
    )


def _glass(colour: str) -> str:
    return (
        f'{_shadow(64)}<path d="M118 64h164l-24 286q-2 14-16 14h-84q-14 0-16-14Z" fill="#dcebee" opacity=".8"/>'
        f'<path d="M127 118h146l-20 226q-1 8-10 8h-86q-9 0-10-8Z" fill="{colour}"/>'
        f'<path d="M240 118h33l-20 226q-1 8-10 8h-20Z" fill="{_darker(colour)}" opacity=".35"/>'
        f'<ellipse cx="200" cy="118" rx="73" ry="13" fill="{_lighter(colour)}"/>'
        f'<g fill="#fff" opacity=".55"><rect x="152" y="132" width="42" height="42" rx="8" transform="rotate(-14 173 153)"/>'
        f'<rect x="204" y="150" width="38" height="38" rx="8" transform="rotate(18 223 169)"/></g>'
        f'<path d="M146 196l10 120" stroke="#fff" stroke-opacity=".6" stroke-width="9" stroke-linecap="round"/>'
        f'<circle cx="276" cy="82" r="40" fill="#ffd65c" stroke="#e9a81e" stroke-width="7"/>'
        f'<path d="M276 52v60M246 82h60M256 62l40 40M296 62l-40 40" stroke="#fff3c4" stroke-width="4"/>'
    )


def _cup(colour: str) -> str:
    return (
        f'{_shadow(86)}<path d="M112 176h176l-16 148q-4 38-40 38h-64q-36 0-40-38Z" fill="#fff8ea" stroke="#e2cfae" stroke-width="4"/>'
        f'<path d="M118 226h164l-6 56H124Z" fill="{colour}" opacity=".9"/>'
        f'<ellipse cx="200" cy="176" rx="88" ry="20" fill="{_darker(colour, 0.1)}"/>'
        f'<path d="M124 176c-8-52 36-50 40-78 18-44 78-34 78 6 42 0 46 50 34 72q-74 26-152 0Z" fill="{_lighter(colour, 0.55)}"/>'
        f'<path d="M164 98c22 26 60 26 78 6m-96 44q58 22 116-4" fill="none" stroke="{_mix(colour, "#fff4d8", 0.2)}"'
        f' stroke-width="7" stroke-linecap="round"/><path d="M226 84q22-26 46-12-12 26-46 12Z" fill="#3f7d3c"/>'
    )


def _slice(colour: str) -> str:
    return (
        f'<ellipse cx="200" cy="322" rx="166" ry="36" fill="#3b1a08" opacity=".14"/>'
        f'<ellipse cx="200" cy="312" rx="164" ry="36" fill="#fffaf0" stroke="#e2cfae" stroke-width="4"/>'
        f'<path d="M62 218l262 20v68q-130 24-262-8Z" fill="{_lighter(colour, 0.3)}"/>'
        f'<path d="M62 252l262 18v18q-130 14-262-14Z" fill="#fff6e3"/><path d="M62 288l262 6v14q-130 22-262-12Z" fill="#b9783c"/>'
        f'<path d="M62 218q80-92 226-98 44 50 36 118Z" fill="{colour}"/>'
        f'<path d="M288 120q44 50 36 118v68q34-18 30-60-6-72-66-126Z" fill="{_darker(colour, 0.25)}"/>'
        f'<path d="M112 198q70-52 152-56" fill="none" stroke="#fff" stroke-opacity=".45" stroke-width="9" stroke-linecap="round"/>'
        f'<circle cx="248" cy="120" r="26" fill="#b3261a"/><path d="M238 108q6-8 14-6" stroke="#fff" stroke-opacity=".8"'
        f' stroke-width="5" fill="none" stroke-linecap="round"/><path d="M254 94q20-30 46-18-12 28-46 18Z" fill="#3f7d3c"/>'
    )


def _ball(colour: str) -> str:
    return (
        f'{_shadow(84)}<circle cx="148" cy="164" r="64" fill="{_lighter(colour, 0.3)}"/>'
        f'<circle cx="252" cy="164" r="64" fill="{_darker(colour, 0.12)}"/><circle cx="200" cy="118" r="66" fill="{colour}"/>'
        f'<path d="M92 190h216q-4 82-76 98l6 52q2 18-14 18h-48q-16 0-14-18l6-52q-72-16-76-98Z" fill="#e9f2f3" stroke="#bcd0d3"'
        f' stroke-width="4"/><path d="M164 92q12-20 34-22" stroke="#fff" stroke-opacity=".7" stroke-width="10" fill="none"'
        f' stroke-linecap="round"/><path d="M246 70l60-44 18 26-58 46Z" fill="#d99a4e" stroke="#a9622a" stroke-width="4"/>'
    )


DRINKS: dict[str, Callable[[str], str]] = {"bottle": _bottle, "can": _can, "glass": _glass, "cup": _cup}
DESSERTS: dict[str, Callable[[str], str]] = {"slice": _slice, "cup": _cup, "ball": _ball}


def drink_svg(*, colour: str, kind: str, title: str, size: int = 400) -> str:
    """A bottle, a can, a glass or a cup, in the drink's colour."""
    return f"{_open_svg(size, title)}{DRINKS[kind](_checked(colour))}</svg>"


def dessert_svg(*, colour: str, kind: str = "slice", title: str, size: int = 400) -> str:
    """A slice on its plate, a cup, or scoops of ice (`ball`), in the dessert's colour."""
    return f"{_open_svg(size, title)}{DESSERTS[kind](_checked(colour))}</svg>"
