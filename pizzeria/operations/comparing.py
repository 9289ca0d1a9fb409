"""What a comparison with the provider of payments did, in words."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.ordering.comparing import Compared


def told_of(day: date, compared: Compared | None) -> str:
    """One line about a day; None is a site that takes nothing online."""
    if compared is None:
        return _("sans clés, rien à comparer")
    counts = compared.counts
    differences = (
        ngettext("%(count)s écart à expliquer", "%(count)s écarts à expliquer", counts.differences)
        if counts.differences
        else _("aucun écart")
    ) % {"count": counts.differences}
    words = _(
        "%(day)s, %(charges)s × encaissement, %(refunds)s × remboursement, %(settled)s × retrouvé, %(differences)s"
    )
    return words % {
        "day": date_format(day, "j F"),
        "charges": counts.charges,
        "refunds": counts.refunds,
        "settled": compared.settled,
        "differences": differences,
    }
