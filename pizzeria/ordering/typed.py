"""A line of an order as a cashier types it while somebody speaks: `2 rei m -oignon +chèvre : bien cuite`.

The beginnings of words are enough. A number is how many, `-` leaves out, `+` puts on, `/` stands between two halves, a size is its
letter or the beginning of its name (the usual one, where none is said), what follows `:` is a word to the kitchen.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from pizzeria.catalogue.models import Ingredient, Product, Variant
from pizzeria.catalogue.selectors import USUAL_SIZE, Offer, offer
from pizzeria.languages import localized
from pizzeria.ordering.errors import InvalidLine
from pizzeria.ordering.folding import folded_words
from pizzeria.ordering.lines import LineRequest, PricedLine, price_each

MOST_TYPED = 200
MOST_FOUND = 6
# A hyphen within a word is the word's own.
TOKEN = re.compile(r"\+|(?<!\S)-|/|[^\s+/]+")
COUNT = re.compile(r"\A(?:x?(\d{1,2})x?)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What it may mean, the likeliest first; `problem` is what cannot be done about any of it."""

    lines: Sequence[PricedLine] = ()
    problem: str = ""


@dataclass(slots=True)
class _Said:
    """What was typed, taken apart: words of the product and of its other half, and of what is left out and put on."""

    quantity: int = 1
    first: list[str] = field(default_factory=list)
    second: list[str] = field(default_factory=list)
    removed: list[list[str]] = field(default_factory=list)
    extras: list[list[str]] = field(default_factory=list)
    comment: str = ""


def read_typed(text: str) -> Found:
    """What is on sale that these words may mean. Nothing typed, nothing found; never raises."""
    on_sale, said = offer(), _taken_apart(text[:MOST_TYPED])
    if not said.first:
        return Found()
    _share_size(said, on_sale)
    firsts = _matching(said.first, on_sale)
    if not firsts:
        return Found(problem=_("Rien à la carte ne commence ainsi."))
    asked, problem = list[LineRequest](), ""
    for first in firsts[:MOST_FOUND]:
        try:
            asked.append(_request(first, said, on_sale))
        except InvalidLine as refusal:
            problem = problem or refusal.message
    return _priced(asked, problem)


def _priced(asked: Sequence[LineRequest], problem: str) -> Found:
    priced = price_each(asked) if asked else []
    refused = next((each.message for each in priced if isinstance(each, InvalidLine)), "")
    lines = [each for each in priced if isinstance(each, PricedLine)]
    return Found(lines=lines, problem="" if lines else problem or refused)


def _request(first: Variant, said: _Said, on_sale: Offer) -> LineRequest:
    """Raises InvalidLine for a half, an ingredient or an extra that this product does not have."""
    second = _other_half(first, said.second, on_sale) if said.second else None
    recipe = [row for half in (first, second) if half for row in half.composition.all()]
    base = {row.ingredient_id for row in recipe if row.is_base}
    removable = [row.ingredient for row in recipe if row.ingredient_id not in base]
    return LineRequest(
        variant_id=first.pk,
        second_half_id=second.pk if second else None,
        quantity=said.quantity,
        removed=tuple(
            _named(words, removable, _("On ne peut pas retirer « %(what)s » ici.")) for words in said.removed
        ),
        extras=tuple(
            _named(words, on_sale.extras.values(), _("« %(what)s » n’est pas un supplément.")) for words in said.extras
        ),
        comment=said.comment,
    )


def _share_size(said: _Said, on_sale: Offer) -> None:
    """A size that is said after both halves is said of both."""
    if len(said.second) > 1 and any(_is_size(said.second[-1], variant) for variant in on_sale.variants.values()):
        said.first.append(said.second.pop())


def _other_half(first: Variant, words: Sequence[str], on_sale: Offer) -> Variant:
    found = [variant for variant in _matching(words, on_sale) if variant.product.kind == Product.Kind.PIZZA]
    same = next((variant for variant in _in_every_size(found, on_sale) if variant.size_id == first.size_id), None)
    if same is None or first.product.kind != Product.Kind.PIZZA:
        raise InvalidLine(_("Une pizza moitié-moitié réunit deux pizzas de la même taille."))
    return same


def _in_every_size(found: Iterable[Variant], on_sale: Offer) -> Iterator[Variant]:
    for variant in found:
        yield from (each for each in on_sale.variants.values() if each.product_id == variant.product_id)


def _named(words: Sequence[str], things: Iterable[Ingredient], refusal: str) -> int:
    """The ingredient that these words begin, the one with the shortest name of several. Raises InvalidLine."""
    fitting = [thing for thing in things if _begins(words, folded_words(localized(thing, "name")))]
    if not fitting:
        raise InvalidLine(refusal % {"what": " ".join(words)})
    return min(fitting, key=lambda thing: len(thing.name)).pk


def _matching(words: Sequence[str], on_sale: Offer) -> list[Variant]:
    """The variants that these words may mean: those whose name begins with the first of them before the others."""
    return [variant for _rank, variant in sorted(_with_sizes(words, on_sale), key=lambda pair: pair[0])]


def _with_sizes(words: Sequence[str], on_sale: Offer) -> Iterator[tuple[tuple[int, ...], Variant]]:
    for place, product in enumerate(on_sale.products):
        name = folded_words(localized(product, "name"))
        for variant in product.variants.all():
            rank = _rank(words, name, variant)
            if rank is not None:
                yield (*rank, place), variant


def _rank(words: Sequence[str], name: Sequence[str], variant: Variant) -> tuple[int, int] | None:
    """How far a variant is from what was typed, nearest first; None where it is something else."""
    names, is_sized = words, False
    if variant.size and len(words) > 1 and _is_size(words[-1], variant):
        names, is_sized = words[:-1], True
    if not _begins(names, name):
        return None
    is_usual = variant.size is None or variant.size.code == USUAL_SIZE
    starts = bool(name) and name[0].startswith(names[0])
    return (0 if is_sized else 1 if is_usual else 2), (0 if starts else 1)


def _is_size(word: str, variant: Variant) -> bool:
    size = variant.size
    if size is None:
        return False
    return word == size.code or any(told.startswith(word) for told in folded_words(localized(size, "name")))


def _begins(words: Sequence[str], name: Sequence[str]) -> bool:
    """Whether each word begins another one of the name."""
    left = list(name)
    for word in words:
        fitting = next((each for each in left if each.startswith(word)), None)
        if fitting is None:
            return False
        left.remove(fitting)
    return bool(words)


def _taken_apart(text: str) -> _Said:
    said = _Said()
    goods, _colon, said.comment = text.partition(":")
    into = said.first
    for piece in TOKEN.findall(goods):
        if piece in "+-":
            into = []
            (said.extras if piece == "+" else said.removed).append(into)
        elif piece == "/":
            into = said.second
        elif (count := COUNT.match(piece)) and not said.removed + said.extras:
            said.quantity = int(count[1])
        else:
            into += folded_words(piece)
    said.removed, said.extras = [each for each in said.removed if each], [each for each in said.extras if each]
    return said
