"""Small pieces of geometry, colour and SVG text that every picture is made of."""

import hashlib
import math
import random
import re
from collections.abc import Callable, Sequence
from typing import TypeAlias
from xml.sax.saxutils import escape

LARGE = 8
"""Above this radius a tenth of a unit cannot be seen."""

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
HEX_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")

Point: TypeAlias = tuple[float, float]


def short(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0").replace("-0.", "-.").removeprefix("0") or "0"


def at(x: float, y: float) -> str:
    return f"{short(x)} {short(y)}"


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with `share` of `other` in it."""
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def near(x: float, y: float) -> str:
    return f"{x:.0f} {y:.0f}"


def lighter(colour: str, share: float = 0.35) -> str:
    return mix(colour, "#fff4d8", share)


def darker(colour: str, share: float = 0.3) -> str:
    return mix(colour, "#2a0d05", share)


def smooth(points: Sequence[Point], *, write: Callable[[float, float], str] = at) -> str:
    """A closed curve that passes between the points, rounding every corner."""
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in zip(points, [*points[1:], points[0]], strict=True)]
    bends = zip([*points[1:], points[0]], [*middles[1:], middles[0]], strict=True)
    return f"M{write(*middles[0])}" + "".join(f"Q{write(*point)} {write(*middle)}" for point, middle in bends) + "Z"


def wobble(x: float, y: float, radius: float, *, corners: int, unevenness: float, rng: random.Random) -> str:
    points = []
    for corner in range(corners):
        angle = math.tau * (corner + rng.uniform(-0.2, 0.2)) / corners
        reach = radius * (1 + rng.uniform(-unevenness, unevenness))
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return smooth(points, write=near if radius > LARGE else at)


def random_for(*names: str) -> random.Random:
    digest = hashlib.sha256("\n".join(names).encode(errors="replace")).digest()
    return random.Random(int.from_bytes(digest[:8], "big"))  # noqa: S311 - a drawing, not a secret


def open_svg(size: int, title: str) -> str:
    text = escape(NOT_XML.sub("", title))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="{size:d}" height="{size:d}"'
        f' role="img"><title>{text}</title>'
    )


def checked(colour: str) -> str:
    if not HEX_COLOUR.fullmatch(colour):
        raise ValueError(f"not a #rrggbb colour: {colour!r}")
    return colour
