"""A gesture that was none after all: what was to be given back is kept, and sold again."""

import logging
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User
from pizzeria.ledger.models import Reason
from pizzeria.ordering.journal import sell_anew
from pizzeria.ordering.models import Order
from pizzeria.ordering.paying import lock
from pizzeria.ordering.settling import gestures_of, settle_change
from pizzeria.payments.errors import NotToGiveBack
from pizzeria.payments.models import Refund
from pizzeria.payments.services import keep

logger = logging.getLogger(__name__)


@transaction.atomic
def withdraw(*, refund: Refund, acting_user: User, at: datetime | None = None) -> Order:
    """A gesture that was a mistake, or that nobody collects, is none, as long as no hand has given it: it is sold again.

    What is left of it is the journal's two corrections, and the order's money says what the order says. Raises NotToGiveBack when it was given, or went meanwhile, and for
    what is owed back because the order was cancelled: that is the client's.
    """
    order = Order.objects.select_related("store").get(pk=refund.payment.order_id)
    status = lock(order).status
    if status == Order.Status.CANCELLED or not refund.is_gesture:
        raise NotToGiveBack(_("Cette somme est due au client : elle ne s’annule pas."), status=refund.status)
    keep(refund=refund)
    order.refresh_from_db()
    # The order may have been made smaller since: what is too much then goes back all the same.
    settle_change(order=order, method=order.payment_method, acting_user=acting_user, at=at)
    logger.info("%s: gesture withdrawn", order.number, extra={"user_id": acting_user.pk})
    if order.sold_at:
        sell_anew(order=order, gestures=gestures_of(order=order), reason=Reason.MISTAKE, acting_user=acting_user, at=at)
    return order
