"""A city's look: its application's templates and style stand before the shared ones on its stores' pages."""

from functools import lru_cache
from typing import Any

from django.contrib.staticfiles import finders
from django.template.loader import select_template
from django.templatetags.static import static

from pizzeria.stores.models import City


def city_template(city: City, name: str) -> Any:
    """`<code>/<name>` of the city's application, or the shared `shop/<name>`."""
    return select_template([f"{city.code}/{name}", f"shop/{name}"])


def city_style(city: City) -> str:
    """The address of `<code>/city.css`, or nothing for a city without a style of its own."""
    path = f"{city.code}/city.css"
    return static(path) if _exists(path) else ""


@lru_cache(maxsize=100)
def _exists(path: str) -> bool:
    return finders.find(path) is not None
