"""Filters of the pages of the service."""

from collections.abc import Sequence

from django import template

from pizzeria.backoffice import service_words
from pizzeria.stores.planning import Hours

register = template.Library()


@register.filter
def hour_words(hours: Sequence[Hours]) -> str:
    return service_words.hour_words(hours)
