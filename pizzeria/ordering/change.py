"""The change that a client asks to be brought: « avec un billet de 50 »."""

from decimal import Decimal

from django.utils.translation import gettext as _

from pizzeria.money import euros
from pizzeria.ordering.errors import InvalidChoice
from pizzeria.payments.models import Method

MOST_CHANGE = Decimal(100)
"""In euros, for one order: nobody carries more through the streets."""


def require_change(*, change_for: Decimal | None, payment_method: str, total: Decimal) -> None:
    """Refuse cash that would not do, that is not cash, or for which nobody carries the change. Raises InvalidChoice."""
    if change_for is None:
        return
    if payment_method != Method.CASH:
        raise InvalidChoice(_("La monnaie ne se prépare que pour un paiement en espèces."), field="change_for")
    if not total <= change_for <= total + MOST_CHANGE:
        words = _("Indiquez un montant de %(total)s à %(most)s.")
        raise InvalidChoice(words % {"total": euros(total), "most": euros(total + MOST_CHANGE)}, field="change_for")
