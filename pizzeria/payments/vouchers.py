"""Titres-restaurant: how much one person may pay with them a day.

The law caps what a holder uses a day (Code du travail, article R3262-10): 25 € since 2022-10-01 (décret n° 2022-1266 du
29 septembre 2022). The ceiling is dated data (`VoucherCeiling`): the next one is a row more, nothing is rewritten. What
we hold is the part of it that we can see: one payment, of one person's card or booklet, is at most the ceiling of its
day. What the same person used elsewhere is between them and their issuer, and so is the law's other half: that titres are
for working days, not for Sundays and holidays, unless the employer says so on them (article R3262-8). We ask nobody.
"""

from datetime import date
from decimal import Decimal

from pizzeria.payments.models import VoucherCeiling


def ceiling_on(*, day: date) -> Decimal | None:
    """What one person may pay with titres-restaurant on a day in Paris, in euros; None where no ceiling is known."""
    rows = VoucherCeiling.objects.filter(starts_on__lte=day).order_by("-starts_on")
    return rows.values_list("amount", flat=True).first()


def is_above_ceiling(*, amount: Decimal, day: date) -> bool:
    """Whether an amount, in euros, is more than one person may pay with titres-restaurant on a day."""
    ceiling = ceiling_on(day=day)
    return ceiling is not None and amount > ceiling
