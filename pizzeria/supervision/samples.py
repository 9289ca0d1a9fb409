"""One row a minute of how the site and its host were, for the graphs of the last day."""

from datetime import datetime, timedelta

from django.db.models import QuerySet

from pizzeria.ordering.models import Order
from pizzeria.supervision import host
from pizzeria.supervision.models import Sample

MINUTE = timedelta(minutes=1)
LIFE = timedelta(days=8)
"""A week, and the day that it is compared with."""


def take_sample(*, at: datetime) -> Sample:
    """Write down the minute that ends at `at`, unless that was done already, and forget what is old."""
    end = at.replace(second=0, microsecond=0)
    reading = host.read()
    rates = host.rates(before=reading, now=reading)
    sample, _is_new = Sample.objects.get_or_create(
        at=end,
        defaults={
            "cpu": rates.cpu,
            "memory": host.memory_used(),
            "disk": host.disk_used(),
            "received": rates.received,
            "sent": rates.sent,
            "requests": 0,
            "errors": 0,
            "orders": Order.objects.filter(placed_at__gte=end - MINUTE, placed_at__lt=end).count(),
            "refused": 0,
            "connections": 0,
        },
    )
    Sample.objects.filter(at__lt=end - LIFE).delete()
    return sample


def samples_since(*, moment: datetime) -> QuerySet[Sample]:
    """The minutes that ended after a moment, in their order."""
    return Sample.objects.filter(at__gt=moment)


def last_sample() -> Sample | None:
    return Sample.objects.last()
