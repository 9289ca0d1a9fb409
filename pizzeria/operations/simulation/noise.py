"""How the simulated world differs from its plan, and why so much: every figure with its reason.

Nothing here knows what was promised. Where a figure is a choice, it is on the side that keeps fewer promises.
"""

import random
from dataclasses import dataclass
from datetime import timedelta
from math import exp

READING = timedelta(seconds=45)
"""From the free hand to the first ball of dough: look at the board, tap, read the sheet, take what is needed."""
A_PIZZA_BY_HAND = timedelta(seconds=110)
"""Stretch (40 s), sauce and cheese (20 s), garnish (40 s), onto the peel and into the oven (10 s). One pizzaiolo makes about thirty an
hour, which is what trade schools and job offers ask for."""
HAND_SPREAD = 0.25
"""A savoyarde takes longer than a margherita, and nobody is a machine: one in ten takes a third more."""
BAKE_SPREAD = 0.08
"""An electric deck oven's temperature falls when its door is open; a loaded pizza is looked at, turned, left half a minute more."""
OUT_OF_OVEN = timedelta(seconds=15)
"""At most, until somebody looks: a place is taken until then."""
BOXING = timedelta(seconds=35)
"""A pizza: finish, cut, box."""
BAG = timedelta(seconds=70)
"""An order: drinks and desserts, the ticket compared, the bag closed."""
TAP = timedelta(seconds=20)
"""At most, until "prête" is tapped."""
LEAVING = timedelta(seconds=75)
"""Until a driver has found the bag and taps."""
ROAD_SPREAD = 0.15
"""Travel times of couriers in a town vary by 10 to 20 % about their mean: lights, doors, stairs. What a zone is said to take is the
middle of what the house can measure: from the tap "en livraison" to the tap "livrée", bicycle, bell and payment included."""
NEXT_DOOR = timedelta(minutes=4)
"""From one door's tap to the next one's, in the same postal code."""
WAY_BACK = 0.9
"""Of the way there: no door to look for."""


@dataclass(frozen=True, slots=True)
class Noise:
    """Draws of one shop; `rng` decides."""

    rng: random.Random

    def by_hand(self) -> timedelta:
        return A_PIZZA_BY_HAND * self._around_one(HAND_SPREAD)

    def reading(self) -> timedelta:
        return READING * self.rng.uniform(0.5, 1.5)

    def baking(self, minutes: float) -> timedelta:
        return timedelta(minutes=minutes) * self._around_one(BAKE_SPREAD) + OUT_OF_OVEN * self.rng.random()

    def packing(self, pizzas: int) -> timedelta:
        return (BOXING * pizzas + BAG) * self.rng.uniform(0.7, 1.3) + TAP * self.rng.random()

    def leaving(self) -> timedelta:
        return LEAVING * self.rng.uniform(0.5, 1.5)

    def road(self, minutes: float) -> timedelta:
        return timedelta(minutes=minutes) * self._around_one(ROAD_SPREAD)

    def way_back(self, minutes: float) -> timedelta:
        return WAY_BACK * self.road(minutes)

    def next_door(self) -> timedelta:
        return NEXT_DOOR * self._around_one(2 * ROAD_SPREAD)

    def _around_one(self, spread: float) -> float:
        """Half of the draws are above one: what takes longer takes longer by more than what is quicker is quicker."""
        return exp(self.rng.gauss(0, spread))
