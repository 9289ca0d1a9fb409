"""Template filters that shop and back office share."""

from decimal import Decimal

from django import template
from django.utils.translation import get_language

from pizzeria import money

register = template.Library()


@register.filter
def euros(amount: Decimal) -> str:
    """An amount in euros, as the reader's language writes it."""
    return money.euros(amount)


@register.filter
def localized(thing: object, field: str) -> str:
    """A field of the catalogue in the reader's language: `{{ ingredient|localized:"name" }}`.

    French where the catalogue has no English word.
    """
    french = str(getattr(thing, field))
    if not (get_language() or "fr").startswith("en"):
        return french
    return str(getattr(thing, f"{field}_en", "") or french)
