"""What happens to orders, in the log: one line a thing, with the order's number, never with whose it is.

Written when the transaction has committed: what is told has happened. `logs.sh` puts an order's lines together again.
"""

import logging
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction

from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order
from pizzeria.ordering.selectors import OPEN
from pizzeria.ordering.transitions import CUSTOMER
from pizzeria.stores.models import Store

logger = logging.getLogger(__name__)


def tell_move(order: Order, *, from_status: str, role: str, acting_user: User | None) -> None:
    """Tell, when the caller's transaction has committed, what brought the order where it stands."""
    if not logger.isEnabledFor(logging.INFO):
        return
    told = {
        "event": "moved" if from_status else "placed",
        "order": order.number,
        "store": order.store.slug,
        "from_status": from_status,
        "to_status": order.status,
        "role": role,
        # A client's account is a person; a colleague's number is what the history shows as well.
        "user_id": acting_user.pk if acting_user and role != CUSTOMER else None,
    }
    transaction.on_commit(partial(logger.info, "%s: %s", order.number, order.status, extra=told))


def tell_change(order: Order, *, role: str, acting_user: User | None, what: Sequence[str]) -> None:
    """Tell, when the caller's transaction has committed, which parts of an order were changed; never from what to what."""
    told = {
        "event": "changed",
        "order": order.number,
        "store": order.store.slug,
        "role": role,
        "user_id": acting_user.pk if acting_user else None,
    }
    transaction.on_commit(partial(logger.info, "%s: changed: %s", order.number, ", ".join(what), extra=told))


def tell_refusal(refusal: BusinessError, *, store: Store) -> None:
    """Tell why an order was not taken: by the refusal's code. It has no number."""
    logger.info("refused: %s", refusal.code, extra={"event": "refused", "code": refusal.code, "store": store.slug})


def tell_late(*, since: datetime, until: datetime) -> int:
    """Tell of every order that nobody has ended and whose promised time passed in between; how many there were."""
    late = Order.objects.filter(status__in=OPEN, promised_at__gt=since, promised_at__lte=until)
    orders = late.select_related("store").order_by("promised_at")
    for order in orders:
        told = {"event": "late", "order": order.number, "store": order.store.slug, "from_status": order.status}
        logger.warning("%s: late, still %s", order.number, order.status, extra=told)
    return len(orders)
