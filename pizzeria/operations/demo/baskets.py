"""What people put into their basket: everybody's favourites, with what they leave out and what they add."""

import random
from dataclasses import dataclass

from pizzeria.operations.demo.catalogue import PIZZAS, Menu
from pizzeria.operations.demo.ingredients import FOODS
from pizzeria.operations.demo.rows import Pizza
from pizzeria.operations.demo.sides import SIDES
from pizzeria.ordering.lines import LineRequest

FAVOURITES = {
    "margherita": 11.0, "reine": 10.0, "quatre-fromages": 8.0, "chevre-miel": 6.5, "pepperoni": 6.0, "calzone": 5.0,
    "savoyarde": 4.5, "vegetarienne": 4.5, "orientale": 4.0, "diavola": 3.5, "norvegienne": 3.5, "truffe": 3.0,
    "burrata": 3.0, "raclette": 3.0, "cannibale": 3.0,
}  # fmt: skip
USUAL = 2.0
SIZE_WEIGHTS = {"s": 18, "m": 57, "l": 25}
PIZZAS_IN_AN_ORDER = (0.36, 0.36, 0.16, 0.12)
DRINKS = tuple(side.slug for side in SIDES if side.kind == "drink")
DESSERTS = tuple(side.slug for side in SIDES if side.kind == "dessert")
OFTEN_REMOVED = ("oignons-rouges", "olives-noires", "champignons", "capres", "anchois", "oeuf", "jalapenos", "roquette")
OFTEN_ADDED = tuple(food.slug for food in FOODS if food.extra and food.slug not in {"creme-truffe", "burrata", "oeuf"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Taste:
    """How people choose from the menu; `rng` decides."""

    menu: Menu
    rng: random.Random

    def basket(self) -> list[LineRequest]:
        pizzas = self.rng.choices((1, 2, 3, 4), PIZZAS_IN_AN_ORDER)[0]
        lines = [self.pizza_line() for _ in range(pizzas)]
        if self.rng.random() < 0.45:  # noqa: PLR2004
            lines.append(self.side_line(DRINKS, at_most=pizzas))
        if self.rng.random() < 0.2:  # noqa: PLR2004
            lines.append(self.side_line(DESSERTS, at_most=pizzas))
        return lines

    def pizza_line(self) -> LineRequest:
        pizza = self.favourite()
        size = self.rng.choices(tuple(SIZE_WEIGHTS), tuple(SIZE_WEIGHTS.values()))[0]
        habit = self.rng.random()
        if habit < 0.05:  # noqa: PLR2004
            return self.half_and_half(pizza, size)
        variant = self.menu.variants[pizza.slug, size].pk
        removed, extras = self.changes(pizza) if habit < 0.3 else ((), ())  # noqa: PLR2004
        return LineRequest(variant_id=variant, removed=removed, extras=extras)

    def half_and_half(self, pizza: Pizza, size: str) -> LineRequest:
        other = self.favourite()
        while other == pizza:
            other = self.favourite()
        first, second = self.menu.variants[pizza.slug, size], self.menu.variants[other.slug, size]
        return LineRequest(variant_id=first.pk, second_half_id=second.pk)

    def changes(self, pizza: Pizza) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What is left out, and what is added, as ingredient ids."""
        unloved = [slug for slug in OFTEN_REMOVED if slug in pizza.recipe]
        removed = (self.rng.choice(unloved),) if unloved and self.rng.random() < 0.6 else ()  # noqa: PLR2004
        wanted = [slug for slug in OFTEN_ADDED if slug not in removed]
        added = () if removed and self.rng.random() < 0.7 else (self.rng.choice(wanted),)  # noqa: PLR2004
        return self._ids(removed), self._ids(added)

    def side_line(self, slugs: tuple[str, ...], *, at_most: int) -> LineRequest:
        variant = self.menu.variants[self.rng.choice(slugs), ""]
        return LineRequest(variant_id=variant.pk, quantity=self.rng.randint(1, at_most))

    def favourite(self) -> Pizza:
        weights = [FAVOURITES.get(pizza.slug, USUAL) for pizza in PIZZAS]
        return self.rng.choices(PIZZAS, weights)[0]

    def _ids(self, slugs: tuple[str, ...]) -> tuple[int, ...]:
        return tuple(self.menu.ingredients[slug].pk for slug in slugs)
