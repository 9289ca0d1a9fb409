"""An ingredient as people read and change it (D1, D2: name, comment, unit, unit quantity, and what a client must know)."""

import hashlib
import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any

from pizzeria.catalogue.models import Allergen, Ingredient


@dataclass(frozen=True, slots=True, kw_only=True)
class IngredientDetails:
    """What its page shows and changes; `extra_price` in euros, none where it is no extra."""

    name: str
    name_en: str
    comment: str
    unit: str
    unit_quantity: int
    allergens: tuple[str, ...]
    meat_origin: str
    meat_origin_en: str
    extra_price: Decimal | None
    extra_quantity: int

    @property
    def mark(self) -> str:
        """Two who read the same see the same mark: by it a page says what it has shown."""
        return hashlib.sha256(json.dumps(asdict(self), default=str).encode()).hexdigest()[:16]

    def columns(self) -> dict[str, Any]:
        return asdict(self) | {"allergens": list(self.allergens)}


def details_of(*, ingredient: Ingredient) -> IngredientDetails:
    return IngredientDetails(
        name=ingredient.name,
        name_en=ingredient.name_en,
        comment=ingredient.comment,
        unit=ingredient.unit,
        unit_quantity=ingredient.unit_quantity,
        allergens=in_order(ingredient.allergens),
        meat_origin=ingredient.meat_origin,
        meat_origin_en=ingredient.meat_origin_en,
        extra_price=ingredient.extra_price,
        extra_quantity=ingredient.extra_quantity,
    )


def in_order(allergens: list[str]) -> tuple[str, ...]:
    """In the regulation's order."""
    return tuple(code for code in Allergen.values if code in allergens)
