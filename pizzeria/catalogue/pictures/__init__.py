"""Pictures of what we sell, drawn from the recipe.

Pure functions from toppings to SVG text: the same recipe always gives the same bytes, so a picture can be
cached for ever under a name that changes with its recipe. Nothing here knows the database.
"""

from pizzeria.catalogue.pictures.pizza import pizza_svg
from pizzeria.catalogue.pictures.sides import DESSERTS, DRINKS, dessert_svg, drink_svg
from pizzeria.catalogue.pictures.toppings import DRAWINGS, Topping

__all__ = ["DESSERTS", "DRAWINGS", "DRINKS", "Topping", "dessert_svg", "drink_svg", "pizza_svg"]
