"""Template filters that shop and back office share."""

from decimal import Decimal

from django import template
from django.utils.translation import gettext as _

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


@register.filter
def quoted(words: str) -> str:
    """Somebody's own words, between the quotation marks of the reader's language."""
    return _("« %(words)s »") % {"words": words}
