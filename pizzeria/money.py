"""Amounts in euros: to the cent, in cents, and as they are written for people."""

from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")


def in_cents(amount: Decimal) -> int:
    """The same amount in cents, as a provider of payments counts it."""
    return int(amount * 100)


def euros(amount: Decimal) -> str:
    """`12,50 €` in French, `€12.50` in English; with non-breaking spaces, to the cent."""
    if (get_language() or "fr").startswith("en"):
        return f"€{amount:,.2f}" if amount >= 0 else f"-€{-amount:,.2f}"
    figures = f"{amount:,.2f}".replace(",", "\u202f").replace(".", ",")
    return f"{figures}\u00a0€"


def percent(rate: Decimal) -> str:
    """`5,5 %`, `10 %`, in English `5.5%`: a rate without zeros that say nothing."""
    figures = number_format(rate.normalize() if rate % 1 else rate.quantize(Decimal(1)))
    return (_("%(figures)s %%") % {"figures": figures}).replace(" ", "\u00a0")
