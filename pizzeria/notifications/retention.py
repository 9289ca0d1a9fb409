"""How long it is known what a client was told."""

from datetime import datetime

from pizzeria.notifications.models import Choice, Notice, Subscription
from pizzeria.ordering.models import Order

OVER = (Order.Status.DELIVERED, Order.Status.CANCELLED)


def forget_old_notices(*, before: datetime) -> int:
    """Delete what became due before then and is over, and what was asked for orders that are; how many. One that is still due stays."""
    # Nothing is told of an order that was over by then: nobody's browser, and nobody's choice, is kept for it.
    over = Order.objects.filter(status__in=OVER, promised_at__lt=before).values("pk")
    forgotten = [Subscription.objects.filter(order__in=over).delete(), Choice.objects.filter(order__in=over).delete()]
    deleted, _by_model = Notice.objects.filter(due_since__lt=before, next_at=None).delete()
    return deleted + sum(count for count, _each in forgotten)
