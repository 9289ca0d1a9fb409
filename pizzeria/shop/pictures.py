"""Where the picture of a product is served, and its bytes.

The address holds a digest of the recipe's looks and of the code that draws them: it changes when the
picture would, and may be kept for ever otherwise. Nothing is drawn to write an address.
"""

import gzip
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.urls import reverse

from pizzeria.catalogue import looks, pictures
from pizzeria.catalogue.models import Variant

HALVES = "--"
"""Between the two names of a half-and-half pizza; no slug of the catalogue holds it."""

KEPT = 300
"""Pictures in a process's memory, about 12 kB each."""

_drawn: dict[tuple[str, str], "Drawn"] = {}


def picture_name(*, variant: Variant, second_half: Variant | None = None) -> str:
    halves = [half.product.slug for half in (variant, second_half) if half]
    return HALVES.join(halves)


def picture_digest(*, variant: Variant, second_half: Variant | None = None) -> str:
    """Twelve hexadecimal digits; `variant` is read with its composition and ingredients."""
    drawn = [variant.product.name, _drawing_code()]
    for half in (variant, second_half):
        if half:
            drawn += [
                f"{half.product.slug}",
                *(_look(line.ingredient.slug, line.ingredient.look) for line in half.composition.all()),
            ]
    return hashlib.sha256("\n".join(drawn).encode()).hexdigest()[:12]


def picture_url(*, variant: Variant, second_half: Variant | None = None) -> str:
    name = picture_name(variant=variant, second_half=second_half)
    digest = picture_digest(variant=variant, second_half=second_half)
    return reverse("shop:picture", args=[name, digest])


@dataclass(frozen=True, slots=True)
class Drawn:
    plain: bytes
    gzipped: bytes


def kept(*, name: str, digest: str) -> Drawn | None:
    """What this process has drawn already: pictures are asked for in bursts, a menu at a time."""
    return _drawn.get((name, digest))


def draw(*, variant: Variant, second_half: Variant | None = None) -> Drawn:
    """Draw a picture and keep it. Raises ValueError for a look that cannot be drawn."""
    halves = [half for half in (variant, second_half) if half]
    title = " / ".join(half.product.name for half in halves)
    plain = looks.variant_svg(variant=variant, second_half=second_half, title=title).encode()
    drawn = Drawn(plain, gzip.compress(plain, 6, mtime=0))
    name = picture_name(variant=variant, second_half=second_half)
    if len(_drawn) >= KEPT:
        _drawn.clear()
    _drawn[name, picture_digest(variant=variant, second_half=second_half)] = drawn
    return drawn


def _look(slug: str, look: dict[str, object]) -> str:
    return f"{slug} {sorted(look.items())}"


@lru_cache(maxsize=1)
def _drawing_code() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in drawing_files())).hexdigest()


def drawing_files() -> list[Path]:
    """The code that draws: a picture of yesterday's is another picture."""
    return [Path(looks.__file__), *sorted(Path(next(iter(pictures.__path__))).glob("*.py"))]
