"""How an ingredient looks on a pizza: one drawing a shape, around the origin."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pizzeria.catalogue.pictures.lines import at, checked, darker, lighter, mix, short, wobble

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
            checked(colour)

    @property
    def radius(self) -> float:
        return 4 + 3.4 * self.size


def _round(topping: Topping, r: float, rng: random.Random) -> str:
    spots = []
    for _ in range(6):
        angle, reach = rng.uniform(0, math.tau), r * rng.uniform(0.1, 0.68)
        spots.append(f"M{at(reach * math.cos(angle), reach * math.sin(angle))}h0")
    return (
        f'<path d="{wobble(0, 0, r, corners=9, unevenness=0.05, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{short(r * 0.13)}"/>'
        f'<path d="{"".join(spots)}" stroke="{mix(topping.colour, topping.edge, 0.55)}"'
        f' stroke-width="{short(r * 0.19)}" stroke-linecap="round"/>'
        f'<path d="M{at(-r * 0.62, -r * 0.2)}A{at(r * 0.66, r * 0.66)} 0 0 1 {at(0, -r * 0.64)}" fill="none"'
        f' stroke="{lighter(topping.colour)}" stroke-width="{short(r * 0.14)}" stroke-linecap="round"/>'
    )


def _ring(topping: Topping, r: float, rng: random.Random) -> str:
    path = wobble(0, 0, r * 0.74, corners=8, unevenness=0.06, rng=rng)
    return (
        f'<g fill="none"><path d="{path}" stroke="{topping.edge}" stroke-width="{short(r * 0.5)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{short(r * 0.36)}"/>'
        f'<path d="M{at(-r * 0.72, -r * 0.2)}A{at(r * 0.75, r * 0.75)} 0 0 1 {at(-r * 0.1, -r * 0.74)}"'
        f' stroke="{lighter(topping.colour, 0.5)}" stroke-width="{short(r * 0.1)}" stroke-linecap="round"/></g>'
    )


def _half_moon(topping: Topping, r: float, _rng: random.Random) -> str:
    lines = "".join(
        f"M{at(r * 0.12 * math.cos(a), -r * 0.16 + r * 0.12 * math.sin(a))}"
        f"L{at(r * 0.62 * math.cos(a), -r * 0.1 + r * 0.62 * math.sin(a))}"
        for a in (math.pi * share for share in (0.15, 0.38, 0.62, 0.85))
    )
    return (
        f'<path d="M{at(-r, -r * 0.35)}Q{at(0, -r * 0.12)} {at(r, -r * 0.35)}'
        f'C{at(r * 1.05, r * 0.9)} {at(-r * 1.05, r * 0.9)} {at(-r, -r * 0.35)}Z" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{short(r * 0.15)}" stroke-linejoin="round"/>'
        f'<path d="{lines}" stroke="{mix(topping.colour, topping.edge, 0.4)}" stroke-width="{short(r * 0.07)}"'
        f' stroke-linecap="round"/>'
    )


def _leaf(topping: Topping, r: float, rng: random.Random) -> str:
    bend = r * rng.uniform(-0.18, 0.18)
    blade = (
        f"M{at(-r, bend)}C{at(-r * 0.5, -r * 0.75)} {at(r * 0.45, -r * 0.7)} {at(r * 1.1, 0)}"
        f"C{at(r * 0.45, r * 0.7)} {at(-r * 0.5, r * 0.75)} {at(-r, bend)}Z"
    )
    veins = (
        f"M{at(-r * 1.25, bend)}Q{at(0, bend * -1)} {at(r * 0.85, 0)}M{at(-r * 0.35, 0)}L{at(0, -r * 0.33)}"
        f"M{at(-r * 0.35, 0)}L{at(0, r * 0.33)}M{at(r * 0.2, 0)}L{at(r * 0.5, -r * 0.24)}"
    )
    shine = f"M{at(-r * 0.7, -r * 0.12)}C{at(-r * 0.3, -r * 0.62)} {at(r * 0.4, -r * 0.5)} {at(r * 0.9, -r * 0.05)}"
    return (
        f'<path d="{blade}" fill="{topping.colour}"/>'
        f'<path d="{shine}Z" fill="{lighter(topping.colour, 0.22)}"/>'
        f'<path d="{veins}" fill="none" stroke="{topping.edge}" stroke-width="{short(max(1, r * 0.08))}"'
        f' stroke-linecap="round"/>'
    )


def _strip(topping: Topping, r: float, rng: random.Random) -> str:
    bow = r * rng.uniform(0.55, 0.95)
    path = f"M{at(-r * 0.9, r * 0.3)}Q{at(-r * 0.1, -bow)} {at(r * 0.9, r * 0.2)}"
    return (
        f'<g fill="none" stroke-linecap="round"><path d="{path}" stroke="{topping.edge}" stroke-width="{short(r * 0.66)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{short(r * 0.5)}"/>'
        f'<path d="{path}" transform="translate(0 {short(-r * 0.1)})" stroke="{lighter(topping.colour)}"'
        f' stroke-width="{short(r * 0.11)}"/></g>'
    )


def _blob(topping: Topping, r: float, rng: random.Random) -> str:
    return (
        f'<path d="{wobble(0, 0, r, corners=8, unevenness=0.2, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{short(r * 0.1)}"/>'
        f'<path d="{wobble(r * 0.22, r * 0.25, r * 0.3, corners=6, unevenness=0.3, rng=rng)}'
        f'{wobble(-r * 0.45, r * 0.2, r * 0.15, corners=5, unevenness=0.3, rng=rng)}"'
        f' fill="{mix(topping.colour, topping.edge, 0.5)}"/>'
        f'<path d="{wobble(-r * 0.25, -r * 0.38, r * 0.26, corners=6, unevenness=0.3, rng=rng)}"'
        f' fill="{lighter(topping.colour, 0.45)}"/>'
    )


def _cube(topping: Topping, r: float, rng: random.Random) -> str:
    a, b = r * rng.uniform(0.62, 0.8), r * rng.uniform(0.6, 0.78)
    side = f"M{at(-a, -b)}L{at(a, -b * 0.8)} {at(a * 1.05, b)} {at(-a * 0.9, b * 1.05)}Z"
    top = f"M{at(-a, -b)}L{at(a, -b * 0.8)} {at(a * 0.95, b * 0.45)} {at(-a * 0.93, b * 0.5)}Z"
    return (
        f'<g stroke-linejoin="round" stroke-width="{short(r * 0.2)}">'
        f'<path d="{side}" fill="{topping.edge}" stroke="{topping.edge}"/>'
        f'<path d="{top}" fill="{topping.colour}" stroke="{topping.colour}"/></g>'
        f'<path d="M{at(-a * 0.6, -b * 0.6)}L{at(a * 0.3, -b * 0.5)}" stroke="{lighter(topping.colour, 0.5)}"'
        f' stroke-width="{short(r * 0.16)}" stroke-linecap="round"/>'
    )


def _drop(topping: Topping, r: float, rng: random.Random) -> str:
    return (
        f'<path d="{wobble(0, 0, r, corners=7, unevenness=0.16, rng=rng)}" fill="{topping.colour}"'
        f' stroke="{topping.edge}" stroke-width="{short(r * 0.08)}"/>'
        f'<path d="M{at(-r * 0.5, -r * 0.15)}Q{at(-r * 0.4, -r * 0.55)} {at(0, -r * 0.55)}" fill="none"'
        f' stroke="#fff" stroke-opacity=".75" stroke-width="{short(r * 0.17)}" stroke-linecap="round"/>'
    )


def _egg(topping: Topping, r: float, rng: random.Random) -> str:
    white = wobble(0, 0, r * 1.15, corners=9, unevenness=0.12, rng=rng)
    return (
        f'<path d="{white}" fill="{topping.colour}" stroke="{mix(topping.colour, "#b9762f", 0.3)}" stroke-width="2"/>'
        f'<circle cx="{short(r * 0.05)}" r="{short(r * 0.52)}" fill="{topping.edge}"'
        f' stroke="{darker(topping.edge, 0.15)}" stroke-width="1.5"/>'
        f'<path d="M{at(-r * 0.28, -r * 0.1)}Q{at(-r * 0.22, -r * 0.32)} {at(0, -r * 0.34)}" fill="none" stroke="#fff"'
        f' stroke-opacity=".85" stroke-width="{short(r * 0.1)}" stroke-linecap="round"/>'
    )


def _shrimp(topping: Topping, r: float, _rng: random.Random) -> str:
    body = f"M{at(-r * 0.55, r * 0.5)}A{at(r * 0.7, r * 0.7)} 0 1 1 {at(r * 0.5, r * 0.55)}"
    rings = "".join(
        f"M{at(r * 0.42 * math.cos(a), r * 0.42 * math.sin(a))}L{at(r * 0.93 * math.cos(a), r * 0.93 * math.sin(a))}"
        for a in (math.pi * share for share in (-0.05, -0.3, -0.55, -0.8, -1.05))
    )
    return (
        f'<path d="M{at(r * 0.45, r * 0.45)}l{at(r * 0.05, r * 0.6)} {at(-r * 0.2, -r * 0.12)}'
        f' {at(-r * 0.35, r * 0.12)}Z" fill="{topping.edge}" stroke="{topping.edge}" stroke-width="2" stroke-linejoin="round"/>'
        f'<g fill="none" stroke-linecap="round"><path d="{body}" stroke="{topping.edge}" stroke-width="{short(r * 0.56)}"/>'
        f'<path d="{body}" stroke="{topping.colour}" stroke-width="{short(r * 0.44)}"/>'
        f'<path d="{rings}" stroke="{topping.edge}" stroke-width="{short(r * 0.07)}"/></g>'
    )


def _seed(topping: Topping, r: float, rng: random.Random) -> str:
    grains = []
    for _ in range(3):
        x, y, turn = rng.uniform(-r, r), rng.uniform(-r, r), rng.uniform(0, math.pi)
        length = r * 0.3
        grains.append(f"M{at(x, y)}l{at(length * math.cos(turn), length * math.sin(turn))}")
    path = "".join(grains)
    return (
        f'<g stroke-linecap="round"><path d="{path}" stroke="{topping.edge}" stroke-width="{short(r * 0.55)}"/>'
        f'<path d="{path}" stroke="{topping.colour}" stroke-width="{short(r * 0.36)}"/></g>'
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
