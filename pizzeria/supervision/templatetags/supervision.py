"""Filters of the supervision's page."""

import re
from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.html import escape
from django.utils.safestring import mark_safe

register = template.Library()

NARROW_SPACE = "\u202f"
SHORT_UNITS = frozenset({"%", "ms"})
SMALL = 10
"""Below this, a decimal says something."""


@register.filter
def breakable(words: str) -> str:
    """A job's name may be broken where it has a dot or an underscore, and nowhere else."""
    return mark_safe(re.sub(r"([._])", r"\1<wbr>", escape(words)))  # nosec B308 B703  # noqa: S308 - escaped just now


@register.filter
def figure(value: float | Decimal | None, unit: str) -> str:
    """`37 %`, `4,5 ms`, `12`; a dash where nothing was measured. What is counted by the minute says so in its title."""
    if value is None:
        return "–"
    digits = 0 if value >= SMALL or value == int(value) else 1
    number = number_format(float(value), decimal_pos=digits, use_l10n=True, force_grouping=True)
    return f"{number}{NARROW_SPACE}{unit}" if unit in SHORT_UNITS else number
