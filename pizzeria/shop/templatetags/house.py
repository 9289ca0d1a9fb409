"""Template filters that shop and back office share."""

from decimal import Decimal

from django import template

from pizzeria import languages, money

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
    return languages.localized(thing, field)
