"""More work than usual (coup de feu): minutes added to what is promised from now on, or a pause, with an end.

One at a time a store, the newest: it ends the one before.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.stores.errors import InvalidRush
from pizzeria.stores.models import Rush, Store

if TYPE_CHECKING:
    from pizzeria.accounts.models import User

MOST_MINUTES = 120
LONGEST = timedelta(hours=12)


def rush_at(*, store: Store, at: datetime) -> Rush | None:
    """The rush of a store at a moment, the newest that began."""
    begun = [rush for rush in store.rushes.all() if rush.starts_at <= at < rush.ends_at]
    return max(begun, key=lambda rush: rush.starts_at, default=None)


def added_minutes(*, store: Store, at: datetime) -> timedelta:
    """What a rush adds to the work on an order that is begun at a moment."""
    rush = rush_at(store=store, at=at)
    return timedelta(minutes=(rush.minutes or 0) if rush else 0)


def paused_until(*, store: Store, at: datetime) -> datetime | None:
    """Until when nothing is taken; None when orders are."""
    rush = rush_at(store=store, at=at)
    return rush.ends_at if rush and rush.minutes is None else None


def start_rush(
    *, store: Store, minutes: int | None, until: datetime, acting_user: "User | None", at: datetime | None = None
) -> Rush:
    """Add minutes to every new promise until an hour, or take no order at all (`minutes` None). Raises InvalidRush."""
    now = at or timezone.now()
    if minutes is not None and not 1 <= minutes <= MOST_MINUTES:
        raise InvalidRush(_("Un coup de feu ajoute de 1 à %(most)s minutes.") % {"most": MOST_MINUTES})
    if not now < until <= now + LONGEST:
        raise InvalidRush(_("Un coup de feu a une fin, dans les douze heures."))
    with transaction.atomic():
        _end(store, now)
        return Rush.objects.create(store=store, minutes=minutes, starts_at=now, ends_at=until, set_by=acting_user)


@transaction.atomic
def end_rush(*, store: Store, acting_user: "User | None", at: datetime | None = None) -> bool:  # noqa: ARG001 - the audit log has it
    """Back to normal; False when there was none, or when somebody has just ended it."""
    return _end(store, at or timezone.now()) > 0


def _end(store: Store, at: datetime) -> int:
    # Two colleagues take turns: one rush at a time.
    Store.objects.select_for_update(no_key=True).get(pk=store.pk)
    return Rush.objects.filter(store=store, starts_at__lte=at, ends_at__gt=at).update(ends_at=at)
