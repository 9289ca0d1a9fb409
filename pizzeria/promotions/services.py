"""Counting the uses of offers: never more than they allow, whoever orders at once. In the caller's transaction."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.languages import localized
from pizzeria.promotions.errors import OfferGone
from pizzeria.promotions.models import Quota, Use
from pizzeria.promotions.rules import Deal, period_of

TURN = """
INSERT INTO promotions_use (offer_id, customer_id, reference, period, ordinal, at)
SELECT %(offer)s, %(customer)s, %(reference)s, %(period)s, turn, %(at)s FROM generate_series(1, %(most)s) AS turn
WHERE NOT EXISTS (
    SELECT FROM promotions_use
    WHERE offer_id = %(offer)s AND customer_id = %(customer)s AND period = %(period)s AND ordinal = turn
)
ORDER BY turn LIMIT 1
ON CONFLICT DO NOTHING
"""
"""A client's next turn. The unique index decides between two orders of one client at once: the second waits for the first."""


def take(*, deals: Collection[Deal], customer: User | None, reference: str, at: datetime) -> None:
    """Count one use of each of these offers by an order. Raises OfferGone for the first that has none left.

    Those with a bound in all are locked by their key, before any oven and any stock.
    """
    counted = [deal for deal in deals if deal.most is not None or (deal.most_each is not None and customer)]
    for deal in sorted(counted, key=lambda deal: deal.pk):
        if deal.most is not None:
            # One guarded statement: whoever comes when the last is gone updates no row.
            left = Quota.objects.filter(offer_id=deal.pk, used__lt=F("most")).update(used=F("used") + 1)
            if not left:
                raise _gone(deal)
        if deal.most_each is None or customer is None:
            Use.objects.create(offer_id=deal.pk, customer=customer, reference=reference, at=at)
        elif not _takes_a_turn(deal, customer, reference, at):
            raise _gone(deal)


def give_back(*, reference: str) -> None:
    """Take back what an order used: others may have it. Done again, it changes nothing."""
    uses = Use.objects.filter(reference=reference).order_by("offer_id")
    # Two cancellations of one order: the second finds them locked, then gone.
    keys = list(uses.select_for_update(no_key=True).values_list("offer_id", flat=True))
    if not keys:
        return
    uses.delete()
    for key in keys:
        Quota.objects.filter(offer_id=key, used__gt=0).update(used=F("used") - 1)


def forget_client(*, customer: User) -> None:
    """That it was this client who used offers: what they were used up by is counted as before."""
    Use.objects.filter(customer=customer).update(customer=None, ordinal=None)


def _takes_a_turn(deal: Deal, customer: User, reference: str, at: datetime) -> bool:
    asked: dict[str, Any] = {
        "offer": deal.pk,
        "customer": customer.pk,
        "reference": reference,
        "period": period_of(deal, birthday=customer.birthday, on=timezone.localdate(at)),
        "most": deal.most_each,
        "at": at,
    }
    with connection.cursor() as cursor:
        for _turn in range(deal.most_each or 0):
            cursor.execute(TURN, asked)
            if cursor.rowcount:
                return True
    return False


def _gone(deal: Deal) -> OfferGone:
    return OfferGone(
        _("L’offre « %(offer)s » vient d’être épuisée.") % {"offer": localized(deal, "name")}, offer=deal.pk
    )
