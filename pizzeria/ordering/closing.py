"""What the morning finds open from the day before is ended, with the reason in the order's history."""

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pizzeria.ledger.models import Reason
from pizzeria.ordering.errors import TransitionRefused
from pizzeria.ordering.journal import record_sale, unsell
from pizzeria.ordering.models import Order
from pizzeria.ordering.services import cancel, move
from pizzeria.ordering.transitions import COOKED, LEFT_OPEN, SYSTEM
from pizzeria.payments.services import release
from pizzeria.stores.models import City

logger = logging.getLogger(__name__)

Status = Order.Status

PATIENCE = timedelta(hours=4)
"""An order of before midnight that was promised less than this ago may still be on its way."""

REASONS: Mapping[str, str] = {
    Status.AWAITING_PAYMENT: gettext_noop("Restée ouverte depuis la veille : le paiement n’est jamais arrivé."),
    Status.TO_PREPARE: gettext_noop("Restée ouverte depuis la veille : personne ne l’a prise en charge."),
    Status.TAKEN: gettext_noop("Restée ouverte depuis la veille : la préparation n’a pas commencé."),
    Status.PREPARING: gettext_noop("Restée ouverte depuis la veille : la préparation n’a pas été terminée."),
    Status.READY: gettext_noop("Restée ouverte depuis la veille : prête, mais jamais remise."),
    Status.DELIVERING: gettext_noop(
        "Restée ouverte depuis la veille : partie en livraison, la remise n’a pas été confirmée."
    ),
}


class NotClosedError(Exception):
    """Orders that could not be ended, by their numbers; all the others were."""


def close_left_open(*, city: City, at: datetime) -> dict[str, int]:
    """End a city's orders of before today's midnight that nobody has ended; how many got which status.

    Each in its own transaction: one that somebody moves at the same moment is theirs. See `LEFT_OPEN`. Raises
    NotClosedError, once all others were ended, for those that failed: one must not keep the rest open day after day.
    """
    ended: Counter[str] = Counter()
    failed = []
    for order in _left_open(city, at):
        try:
            _close(order, at)
        except TransitionRefused:
            continue
        except Exception:
            logger.exception("%s could not be closed", order.number)
            failed.append(order.number)
        else:
            ended[order.status] += 1
    if failed:
        raise NotClosedError(", ".join(failed))
    return dict(ended)


def _left_open(city: City, at: datetime) -> list[Order]:
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(at), time.min))
    orders = Order.objects.filter(
        store__city=city, status__in=LEFT_OPEN, placed_at__lt=midnight, promised_at__lt=at - PATIENCE
    )
    return list(orders.select_related("store").order_by("pk"))


def _close(order: Order, at: datetime) -> None:
    # In the house's language: the client and the staff read the same history.
    with translation.override(settings.LANGUAGE_CODE):
        reason = _(REASONS[order.status])
    end = LEFT_OPEN[order.status]
    if end == Status.CANCELLED and order.status not in COOKED:
        cancel(order=order, role=SYSTEM, acting_user=None, reason=reason, at=at)
        return
    with transaction.atomic():
        move(order, to_status=end, role=SYSTEM, acting_user=None, reason=reason, at=at)
        if end == Status.CANCELLED:
            release(order=order, at=at)
            unsell(order=order, reason=Reason.CANCELLED, at=at)
        else:
            # Handed over, paid or not.
            record_sale(order=order, at=at)
