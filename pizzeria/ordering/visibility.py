"""Which orders a member of the staff may read: at their stores, and what their roles have to do with."""

from collections.abc import Collection, Sequence

from django.db.models import Q, QuerySet

from pizzeria.accounts.permissions import Action, allows
from pizzeria.accounts.selectors import Workplace
from pizzeria.ordering.models import Fulfilment, Order
from pizzeria.ordering.selectors import KITCHEN, ROAD, board

SEEN = {
    Action.SEE_ORDERS: Q(),
    Action.SEE_BOARD: Q(status__in=KITCHEN),
    Action.SEE_DELIVERIES: Q(status__in=ROAD, fulfilment=Fulfilment.DELIVERY),
}
"""What the page that an action opens shows of a store's orders: whoever asks otherwise reads neither more nor less."""


def sees_orders(*, roles: Collection[str]) -> bool:
    """Whether somebody with these roles at a store has to do with its orders."""
    return any(allows(roles=roles, action=action) for action in SEEN)


def visible_orders(*, workplaces: Sequence[Workplace]) -> QuerySet[Order]:
    """The orders that somebody who works there may read, with their lines and history, newest first."""
    visible = Q(pk__in=[])
    for action, shown in SEEN.items():
        store_ids = [place.store.pk for place in workplaces if allows(roles=place.roles, action=action)]
        if store_ids:
            visible |= Q(store_id__in=store_ids) & shown
    everywhere = board(store_ids=[place.store.pk for place in workplaces], statuses=Order.Status.values)
    return (
        everywhere.filter(visible).prefetch_related("events", "offers", "promise_changes").order_by("-placed_at", "-pk")
    )
