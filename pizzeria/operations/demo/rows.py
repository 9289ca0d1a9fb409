"""The shapes of the demo group's tables. Plain data: nothing here knows Django or the database."""

from decimal import Decimal
from typing import Any, NamedTuple

Look = dict[str, Any]


class Food(NamedTuple):
    """An ingredient. `unit_quantity` is what one delivered unit holds; `extra` a price in euros and a quantity."""

    slug: str
    name: str
    name_en: str
    unit: str
    unit_quantity: int
    look: Look
    allergens: tuple[str, ...] = ()
    origin: str = ""
    extra: tuple[str, int] | None = None
    comment: str = ""


class SizeRow(NamedTuple):
    code: str
    name: str
    name_en: str
    diameter_cm: int
    dough_grams: int
    factor: str


class Pizza(NamedTuple):
    """A pizza. `prices` in euros for small, medium, large; `recipe` for the medium one, dough apart.

    The preparation sheet is made of what is put on before the oven, the baking and what is put on after it.
    """

    slug: str
    name: str
    prices: tuple[str, str, str]
    tags: tuple[str, ...]
    description: str
    description_en: str
    recipe: dict[str, int]
    garnish: str
    bake: str
    finish: str
    stretch: str = "Étaler le pâton à la main, du centre vers le bord, en gardant un trottoir d’un doigt."

    @property
    def preparation(self) -> str:
        steps = (self.stretch, self.garnish, self.bake, self.finish)
        return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))


class Side(NamedTuple):
    """A drink or a dessert, sold by the piece: `piece` is the ingredient that the stock counts."""

    kind: str
    slug: str
    name: str
    name_en: str
    price: str
    vat_category: str
    tags: tuple[str, ...]
    description: str
    description_en: str
    piece: Food


class StoreRow(NamedTuple):
    """A point of sale. `hours` holds (days, opens, closes); `zones` (postal code, fee, minimum, minutes)."""

    city: str
    slug: str
    name: str
    street: str
    postal_code: str
    town: str
    phone: str
    siret: str
    preparation_minutes: int
    share: float
    hours: tuple[tuple[str, str, str], ...]
    zones: tuple[tuple[str, str, str, int], ...]


class Person(NamedTuple):
    """Somebody of the staff: their role, and the points of sale at which they hold it (none: the whole group)."""

    identifier: str
    first_name: str
    last_name: str
    role: str
    stores: tuple[str, ...]


class Client(NamedTuple):
    first_name: str
    last_name: str
    phone: str
    birthday: str
    street: str
    complement: str
    postal_code: str
    town: str
    second_address: tuple[str, str, str] | None = None

    @property
    def email(self) -> str:
        return f"{plain(self.first_name)}.{plain(self.last_name)}@example.org"


def euros(amount: str) -> Decimal:
    return Decimal(amount)


def plain(name: str) -> str:
    """`Chloé` → `chloe`, `Le Goff` → `legoff`: what an identifier is made of."""
    accents = str.maketrans("àâäçéèêëîïôöùûüÿñ", "aaaceeeeiioouuuyn")
    return "".join(letter for letter in name.lower().translate(accents) if letter.isalnum())
