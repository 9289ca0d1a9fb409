"""Filters of the pages of the service."""

from collections.abc import Sequence

from django import template

from pizzeria.backoffice import service_words
from pizzeria.stores.calendar import Day
from pizzeria.stores.planning import Hours

register = template.Library()


@register.filter
def hour_words(hours: Sequence[Hours]) -> str:
    return service_words.hour_words(hours)


@register.filter
def periods_words(day: Day) -> str:
    """The hours of a day as the calendar has them."""
    return service_words.hour_words([Hours(opens, closes) for opens, closes in day.periods])
