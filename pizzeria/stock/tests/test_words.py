"""Quantities are said as people say them, and never rounded."""

from decimal import Decimal

import pytest

from pizzeria.catalogue.models import Ingredient
from pizzeria.stock.words import change_in_words, in_units, measured


@pytest.mark.parametrize(
    ("quantity", "unit", "words"),
    [(999, "g", "999 g"), (12_500, "g", "12,5 kg"), (1_001, "ml", "1,001 l"), (1, "piece", "1 pièce"),
     (2, "piece", "2 pièces"), (Decimal("2.5"), "piece", "2,5 pièces"), (31_056, "g", "31,056 kg")],
)  # fmt: skip
def test_a_quantity_is_said_in_its_larger_unit(quantity: int, unit: str, words: str) -> None:
    assert measured(quantity=quantity, unit=unit) == words


def test_a_change_has_its_sign_and_a_stock_its_delivered_units() -> None:
    assert change_in_words(quantity=-40, unit="g") == "\N{MINUS SIGN}40 g"
    assert change_in_words(quantity=2, unit="piece") == "+2 pièces"
    flour = Ingredient(unit="g", unit_quantity=500)
    assert in_units(quantity=12_600, ingredient=flour) == "25,2 × 500 g"
    assert in_units(quantity=3, ingredient=Ingredient(unit="piece", unit_quantity=1)) == ""
