"""Quantities as people say them: 12,5 kg rather than 12500 g."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import ngettext

from pizzeria.catalogue.models import Ingredient

THOUSAND = 1000
LARGER = {Ingredient.Unit.GRAM: "kg", Ingredient.Unit.MILLILITRE: "l"}


def measured(*, quantity: int | Decimal, unit: str) -> str:
    """A quantity with its unit, in the larger one from a thousand on; never rounded."""
    size = -quantity if quantity < 0 else quantity
    larger = LARGER.get(Ingredient.Unit(unit))
    if larger and size >= THOUSAND:
        return f"{_number(quantity / THOUSAND)} {larger}"
    if unit == Ingredient.Unit.PIECE:
        return ngettext("%(count)s pièce", "%(count)s pièces", int(size)) % {"count": _number(quantity)}
    return f"{_number(quantity)} {Ingredient.Unit(unit).label}"


def change_in_words(*, quantity: int, unit: str) -> str:
    """A change with its sign: `+500 g`; the minus is that of typography, which is read as one."""
    words = measured(quantity=abs(quantity), unit=unit)
    return f"+{words}" if quantity > 0 else f"\N{MINUS SIGN}{words}"


def in_units(*, quantity: int, ingredient: Ingredient) -> str:
    """How many delivered units that is, to a tenth; empty for what is delivered by the piece."""
    if ingredient.unit_quantity == 1:
        return ""
    units = _number(round(quantity / ingredient.unit_quantity, 1))
    return f"{units} × {measured(quantity=ingredient.unit_quantity, unit=ingredient.unit)}"


def _number(value: float | Decimal) -> str:
    return number_format(f"{value:.3f}".rstrip("0").rstrip("."), use_l10n=True, force_grouping=True)
