"""Days in Paris, as moments: from one midnight to the next, 23 to 25 hours."""

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def midnight(day: date) -> datetime:
    """When a day begins (aware)."""
    return timezone.make_aware(datetime.combine(day, time.min))


def day_span(day: date) -> tuple[datetime, datetime]:
    """When a day begins, and when the next one does."""
    return midnight(day), midnight(day + timedelta(days=1))
