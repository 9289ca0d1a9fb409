"""What a client was told, for who answers them on the phone; and how much waits, for who looks after the site."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min

from pizzeria.notifications.models import Channel, Notice
from pizzeria.ordering.models import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """How many notices of a channel are due, and since when the oldest of them."""

    count: int
    since: datetime | None


def notices_of(*, order: Order) -> list[Notice]:
    """What its client was told, and what was not, in its order; what was no news any more is not shown."""
    return list(Notice.objects.filter(order=order).exclude(status=Notice.Status.DROPPED).order_by("pk"))


def notices_mark(notices: list[Notice]) -> str:
    """Another word when one of them stands otherwise."""
    return "-".join(f"{notice.pk}{notice.status}{notice.attempts}" for notice in notices)


def waiting(*, at: datetime) -> dict[str, Waiting]:
    """What is due by each channel, and has not left."""
    due = Notice.objects.filter(next_at__isnull=False, due_since__lte=at)
    counted = due.values("channel").annotate(count=Count("pk"), since=Min("due_since")).order_by("channel")
    found = {row["channel"]: Waiting(count=row["count"], since=row["since"]) for row in counted}
    return {channel: found.get(channel, Waiting(count=0, since=None)) for channel in Channel.values}
