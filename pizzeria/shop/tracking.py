"""Where an order is, as its client reads it: the promise, what moved it and why, and what is left of the time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pizzeria.ordering.models import Fulfilment, Order, PromiseChange
from pizzeria.ordering.selectors import OPEN, is_late
from pizzeria.ordering.transitions import CHANGEABLE
from pizzeria.stores.hours import PARIS

MINUTE = 60
WORTH_SAYING = timedelta(minutes=10)
Status = Order.Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracking:
    """The promise of an order that is under way.

    `left` says the time that is left, or by how much it is late, in words that a script keeps true (tracking.js);
    `moved` has the corrections, the last one first.
    """

    promised_at: datetime
    now: datetime
    moved: list[PromiseChange]
    is_late: bool
    left: str
    driver: str
    changeable_until: datetime | None

    @property
    def day(self) -> str:
        """The day that it is promised for; empty for today."""
        is_today = self.promised_at.astimezone(PARIS).date() == self.now.astimezone(PARIS).date()
        return "" if is_today else date_format(self.promised_at.astimezone(PARIS), "l j F")

    @property
    def earlier(self) -> list[PromiseChange]:
        """The corrections before the last one."""
        return self.moved[1:]

    @property
    def last(self) -> PromiseChange | None:
        return self.moved[0] if self.moved else None

    @property
    def seen(self) -> str:
        """Another word whenever the promise is another. Time alone makes an order late: that too is something new."""
        return f"-{int(self.promised_at.timestamp()) // MINUTE}-{len(self.moved)}{'-late' if self.is_late else ''}"


def tracking_of(*, order: Order, at: datetime) -> Tracking | None:
    """The promise of an order; None for one that is over, or that waits for its payment. It has its `promise_changes`."""
    if order.status not in OPEN:
        return None
    late = is_late(order=order, at=at)
    return Tracking(
        promised_at=order.promised_at,
        now=at,
        moved=[change for change in reversed(order.promise_changes.all()) if change.before != change.after],
        is_late=late,
        left=late_words(order.promised_at, at) if late else left_words(order.promised_at, at),
        driver=order.driver.first_name if order.driver and order.status == Status.DELIVERING else "",
        changeable_until=_changeable_until(order, at),
    )


def _changeable_until(order: Order, at: datetime) -> datetime | None:
    """When the kitchen begins, where that is long enough from now to say so."""
    if order.status not in CHANGEABLE or order.start_at is None:
        return None
    return order.start_at if order.start_at - at > WORTH_SAYING else None


def left_words(promised_at: datetime, at: datetime) -> str:
    """`dans 12 minutes`: full minutes, rounded up, so that it is never sooner than it says; never less than one."""
    minutes = -(-int((promised_at - at).total_seconds()) // MINUTE)
    if minutes <= 1:
        return _("d’une minute à l’autre")
    if minutes > 2 * MINUTE:
        return ""
    return ngettext("dans %(count)s minute", "dans %(count)s minutes", minutes) % {"count": minutes}


def late_words(promised_at: datetime, at: datetime) -> str:
    minutes = max(1, int((at - promised_at).total_seconds()) // MINUTE)
    return ngettext("en retard de %(count)s minute", "en retard de %(count)s minutes", minutes) % {"count": minutes}


def title_of(order: Order) -> str:
    """What the browser's tab says: where the order is, before anything else."""
    if order.status == Status.READY and order.fulfilment != Fulfilment.DELIVERY:
        return _("C’est prêt")
    return str(order.get_status_display())


def said_of(order: Order, tracking: Tracking | None) -> str:
    """What somebody who listens hears when something has changed: where it is, and when it comes."""
    if tracking is None:
        return title_of(order)
    clock = time_format(tracking.promised_at.astimezone(PARIS).time(), "TIME_FORMAT")
    told = _("%(where)s, promise à %(time)s.") % {"where": title_of(order), "time": clock}
    if not tracking.last:
        return told
    return _("%(told)s L’heure a changé : %(because)s.") % {"told": told, "because": tracking.last.get_reason_display()}
