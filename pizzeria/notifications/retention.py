"""How long it is known what a client was told."""

from datetime import datetime

from pizzeria.notifications.models import Notice


def forget_old_notices(*, before: datetime) -> int:
    """Delete what became due before then and is over; how many. One that is still due stays."""
    deleted, _by_model = Notice.objects.filter(due_since__lt=before, next_at=None).delete()
    return deleted
