"""A pizza drawn from its recipe, from the crust up; two recipes make its two halves."""

import hashlib
import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pizzeria.catalogue.pictures.lines import (
    Point,
    darker,
    lighter,
    mix,
    open_svg,
    random_for,
    wobble,
)
from pizzeria.catalogue.pictures.toppings import DRAWINGS, ON_TOP, UNEVEN, Topping

CENTRE = 200.0
CRUST_RADIUS = 188.0
SAUCE_RADIUS = 159.0
TOPPING_RADIUS = 149.0
CANDIDATES = 36
MOST_TOPPINGS = 62
OWN_KIND = 22.0
"""How much further than from others a topping keeps from its own kind."""
COVERING_CHEESE = 5
"""A cheese of this size or more melts over the whole pizza; a smaller one lies in pools."""


@dataclass(frozen=True)
class _Spot:
    x: float
    y: float
    radius: float
    topping: Topping


def _crust(prefix: str, rng: random.Random) -> str:
    edge = wobble(CENTRE, CENTRE, CRUST_RADIUS, corners=22, unevenness=0.018, rng=rng)
    blisters, char = [], []
    for number in range(22):
        angle = math.tau * (number + rng.uniform(-0.4, 0.4)) / 22
        reach = rng.uniform(SAUCE_RADIUS + 10, CRUST_RADIUS - 6)
        x, y = CENTRE + reach * math.cos(angle), CENTRE + reach * math.sin(angle)
        blisters.append(wobble(x, y, rng.uniform(4, 10), corners=5, unevenness=0.35, rng=rng))
        if number % 3 == 0:
            char.append(wobble(x, y, rng.uniform(2, 4.5), corners=5, unevenness=0.3, rng=rng))
    return (
        f'<path d="{edge}" fill="url(#{prefix}c)" stroke="#a9622a" stroke-width="3"/>'
        f'<path d="{"".join(blisters)}" fill="#a65a22" opacity=".5"/><path d="{"".join(char)}" fill="#54270f" opacity=".6"/>'
        f'<path d="M60 128A158 158 0 0 1 148 42" fill="none" stroke="#ffe3ad" stroke-opacity=".6" stroke-width="9"'
        f' stroke-linecap="round"/>'
    )


def _sauce(colour: str, rng: random.Random) -> str:
    edge = wobble(CENTRE, CENTRE, SAUCE_RADIUS, corners=20, unevenness=0.025, rng=rng)
    splashes = "".join(
        wobble(x, y, rng.uniform(14, 30), corners=6, unevenness=0.35, rng=rng) for x, y in _spread(136, 8, rng)
    )
    return (
        f'<path d="{edge}" fill="{colour}" stroke="{darker(colour, 0.25)}" stroke-opacity=".55" stroke-width="5"/>'
        f'<path d="{splashes}" fill="{mix(colour, "#ffb347", 0.2)}" opacity=".55"/>'
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
            melt = wobble(CENTRE, CENTRE, 147, corners=17, unevenness=0.07, rng=rng)
            browned = [
                wobble(x, y, rng.uniform(9, 22), corners=6, unevenness=0.35, rng=rng) for x, y in _spread(132, 11, rng)
            ]
            pools = [
                wobble(x, y, rng.uniform(10, 24), corners=6, unevenness=0.25, rng=rng) for x, y in _spread(126, 8, rng)
            ]
            drawn.append(
                f'<path d="{melt}" fill="{cheese.colour}" stroke="{cheese.edge}" stroke-opacity=".6" stroke-width="4"/>'
                f'<path d="{"".join(browned)}" fill="{cheese.edge}" opacity=".6"/>'
                f'<path d="{"".join(pools)}" fill="{lighter(cheese.colour, 0.5)}" opacity=".75"/>'
            )
        else:
            places = _spread(126, max(1, cheese.count), rng)
            blobs = [
                wobble(x, y, cheese.radius * 1.5 * rng.uniform(0.8, 1.15), corners=7, unevenness=0.18, rng=rng)
                for x, y in places
            ]
            shine = [wobble(x - 4, y - 5, cheese.radius * 0.6, corners=5, unevenness=0.3, rng=rng) for x, y in places]
            drawn.append(
                f'<path d="{"".join(blobs)}" fill="{cheese.colour}" stroke="{cheese.edge}" stroke-opacity=".7" stroke-width="3"/>'
                f'<path d="{"".join(shine)}" fill="{lighter(cheese.colour, 0.6)}" opacity=".8"/>'
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
    rng = random_for(str(side), *(repr(topping) for topping in toppings))
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


def _prefix(*names: str) -> str:
    """Six characters before every id, so that several pictures can stand in one page."""
    return "p" + hashlib.sha256("\n".join(names).encode(errors="replace")).hexdigest()[:5]


def pizza_svg(*, parts: Sequence[Sequence[Topping]], size: int = 400, title: str) -> str:
    """One list of toppings is a whole pizza; two lists are its left and its right half."""
    if len(parts) not in (1, 2):
        raise ValueError("a pizza has one part, or two halves")
    prefix = _prefix(title, *(repr(tuple(part)) for part in parts))
    rng = random_for(*(topping.slug for part in parts for topping in part))
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
    return f"{open_svg(size, title)}<defs>{''.join(definitions)}</defs>{''.join(drawing)}</svg>"
