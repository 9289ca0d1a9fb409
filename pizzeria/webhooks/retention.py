"""How long it is known what an address was told."""

from datetime import datetime

from pizzeria.webhooks.models import Delivery


def forget_old_deliveries(*, before: datetime) -> int:
    """Delete what became due before then and is over; how many. One that is still due stays."""
    over = Delivery.objects.filter(due_since__lt=before).exclude(status=Delivery.Status.DUE)
    deleted, _by_model = over.delete()
    return deleted
