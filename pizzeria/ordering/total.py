"""The total that the client saw, compared with the one that is computed now: a difference is told, never a surprise."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.languages import localized
from pizzeria.money import euros
from pizzeria.ordering.errors import TotalChanged
from pizzeria.ordering.pricing import Quote
from pizzeria.promotions.errors import OfferGone
from pizzeria.promotions.models import Offer


def require_total(*, priced: Quote, expected_total: Decimal, expected_offers: Collection[int] | None = None) -> None:
    """Refuse a total that is not the one that was shown, and name the offers that are gone since. Raises TotalChanged."""
    if priced.total == expected_total:
        return
    gone = set(expected_offers or ()) - {each.offer_id for each in priced.offers}
    raise _changed(priced, gone)


@contextmanager
def told_as_a_total(*, again: Callable[[], Quote]) -> Iterator[None]:
    """An offer that others have just used up is told by the total without it, out of `again`. Raises TotalChanged."""
    try:
        yield
    except OfferGone as gone:
        # What used it up is committed: the price that is worked out now goes without it.
        raise _changed(again(), {gone.offer}) from gone


def _changed(priced: Quote, gone: Collection[int]) -> TotalChanged:
    total = euros(priced.total)
    words = _("Le total est maintenant de %(total)s. Vérifiez-le avant de commander.") % {"total": total}
    names = [f"« {localized(offer, 'name')} »" for offer in Offer.objects.filter(pk__in=gone).order_by("pk")]
    if names:
        ended = ngettext(
            "L’offre %(names)s n’est plus valable.", "Les offres %(names)s ne sont plus valables.", len(names)
        )
        words = f"{ended % {'names': ', '.join(names)}} {words}"
    told: dict[str, object] = {"offers": sorted(gone)} if gone else {}
    return TotalChanged(words, total=str(priced.total), **told)
