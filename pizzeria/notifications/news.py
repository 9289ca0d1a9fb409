"""What a notice says, and whether it is still worth saying when its turn comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format, time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.ledger.models import Reason
from pizzeria.money import euros
from pizzeria.notifications.models import Kind, Notice
from pizzeria.ordering.baking import up_to_the_minute
from pizzeria.ordering.models import Fulfilment, Order, PromiseChange
from pizzeria.ordering.money_back import money_back
from pizzeria.ordering.moving import road_to
from pizzeria.ordering.ovens import TOLERANCE
from pizzeria.ordering.selectors import OPEN
from pizzeria.ordering.transitions import CUSTOMER, SYSTEM
from pizzeria.payments.models import Method, Refund, RefundStatus
from pizzeria.stores.hours import PARIS
from pizzeria.words import reads_as_a_name

Status = Order.Status
STILL_NEWS: dict[str, frozenset[str]] = {
    Kind.RECEIVED: frozenset({*OPEN, Status.DELIVERED}),
    Kind.CHANGED: frozenset(OPEN),
    Kind.MOVED: frozenset(OPEN),
    Kind.REMINDER: frozenset({Status.TO_PREPARE, Status.TAKEN}),
    Kind.READY: frozenset({Status.READY}),
    Kind.ON_THE_ROAD: frozenset({Status.DELIVERING}),
    Kind.CANCELLED: frozenset({Status.CANCELLED}),
    Kind.REFUNDED: frozenset({*OPEN, Status.DELIVERED}),
    Kind.REVIEW: frozenset({Status.DELIVERED}),
}
"""Where an order has to stand for a notice to help: that it is on the road is nothing to read once it was eaten."""
GIVEN_BACK_FOR: Mapping[str, Promise] = {
    Reason.GESTURE: gettext_lazy("C’est un geste de la maison."),
    Reason.CHANGED: gettext_lazy("Modifiée, elle coûte moins."),
    Reason.OVERPAID: gettext_lazy("C’était payé en trop."),
}
"""Why, by the reason that the journal knows; what the staff typed is the house's own."""
TOLD_ELSEWHERE = (PromiseChange.Reason.CHANGED, PromiseChange.Reason.PAID)
"""Why a promise moves when another message says so."""
REMINDED_BEFORE = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A notice in a few words, and where it leads."""

    title: str
    body: str
    url: str


def is_news(notice: Notice) -> bool:
    """Whether it still helps to tell this."""
    order = notice.order
    if order.status not in STILL_NEWS[notice.kind] or order.anonymised_at:
        return False
    if notice.kind == Kind.MOVED:
        # A later one tells where the promise stands, which is all that matters.
        return not Notice.objects.filter(
            order=order, kind=Kind.MOVED, channel=notice.channel, pk__gt=notice.pk
        ).exists()
    if notice.kind == Kind.REFUNDED:
        # The provider may have brought it back.
        return Refund.objects.filter(pk=notice.source_id, status=RefundStatus.DONE).exists()
    if notice.kind == Kind.REVIEW:
        return not hasattr(order, "review")
    return True


def due_later(notice: Notice, *, at: datetime) -> datetime | None:
    """When to remind instead of now: the promise moved since; None when it is time."""
    if notice.kind != Kind.REMINDER:
        return None
    due = notice.order.promised_at - REMINDED_BEFORE
    return due if due > at + timedelta(minutes=1) else None


def context_of(notice: Notice) -> dict[str, object]:
    """What the templates of its kind may say, in the language of now."""
    order = notice.order
    return {
        "order": order,
        "name": order.first_name if reads_as_a_name(order.first_name) else "",
        "store": order.store,
        "promised": when(order.promised_at),
        "due": due(order.promised_at),
        "was_promised": _before(notice),
        "because": _because(notice),
        "total": euros(order.total),
        "is_delivery": order.fulfilment == Fulfilment.DELIVERY,
        "driver": order.driver.first_name if order.driver else "",
        "link": link_of(order),
        "money_back": money_back(order) if notice.kind == Kind.CANCELLED else "",
        **_arrival(notice),
        **_given_back(notice),
    }


def link_of(order: Order) -> str:
    return settings.SITE_URL + reverse("shop:order", args=[order.token])


def words_of(notice: Notice) -> Words:
    """The notice for a telephone's screen, in the language of its order."""
    with translation.override(notice.order.language):
        context = context_of(notice)
        title = " ".join(render_to_string(f"notifications/{notice.kind}_subject.txt", context).split())
        body = " ".join(render_to_string(f"notifications/{notice.kind}_short.txt", context).split())
    return Words(title=title, body=body, url=link_of(notice.order))


def when(at: datetime) -> str:
    """`20:12` today; the day with it on another."""
    there = at.astimezone(PARIS)
    clock = time_format(there.time(), "H:i")
    if there.date() == timezone.now().astimezone(PARIS).date():
        return clock
    return _("%(day)s à %(time)s") % {"day": date_format(there, "l j F"), "time": clock}


def due(at: datetime) -> str:
    """`à 20:12` today; the day with it on another, as a sentence goes on to it."""
    there = at.astimezone(PARIS)
    clock = time_format(there.time(), "H:i")
    if there.date() == timezone.now().astimezone(PARIS).date():
        return _("à %(time)s") % {"time": clock}
    return _("le %(day)s à %(time)s") % {"day": date_format(there, "l j F"), "time": clock}


def _before(notice: Notice) -> str:
    """What had been promised before, as the client was told it last: the trigger that made the notice goes by the same (migration 0002)."""
    if notice.kind != Kind.MOVED:
        return ""
    change = PromiseChange.objects.get(pk=notice.source_id)
    told = Notice.objects.filter(kind=Kind.MOVED, source_id=OuterRef("pk"))
    earlier = PromiseChange.objects.filter(order=notice.order_id, pk__lt=change.pk)
    last = earlier.filter(Q(reason__in=TOLD_ELSEWHERE) | Exists(told)).order_by("-pk").first()
    return when(last.after if last else notice.order.first_promised_at or change.before)


def _arrival(notice: Notice) -> dict[str, object]:
    """When the driver who has left comes, and whether that is later than was promised; nothing for another notice."""
    if notice.kind != Kind.ON_THE_ROAD:
        return {}
    order = notice.order
    left_at = order.events.get(pk=notice.source_id).at
    there_at = up_to_the_minute(left_at + road_to(order=order, at=left_at))
    is_late = there_at > order.promised_at + TOLERANCE
    return {"arrives": when(there_at if is_late else order.promised_at), "is_late": is_late}


def _given_back(notice: Notice) -> dict[str, object]:
    """How much was given back, and whether through the provider; nothing for another notice."""
    if notice.kind != Kind.REFUNDED:
        return {}
    refund = Refund.objects.select_related("payment").get(pk=notice.source_id)
    # Where somebody settled it by hand, it did not go back to the card.
    is_on_card = refund.payment.method == Method.ONLINE and refund.done_by_id is None
    return {"given_back": euros(refund.amount), "is_on_card": is_on_card}


def _because(notice: Notice) -> str:
    """Why, in the house's own words; what the staff wrote about a cancellation, as they wrote it.

    What a client wrote is for the house: the mail may go to somebody else, whose address they have typed.
    """
    if notice.kind == Kind.MOVED:
        change = PromiseChange.objects.filter(pk=notice.source_id).first()
        return change.get_reason_display() if change else ""
    if notice.kind == Kind.CANCELLED:
        event = notice.order.events.filter(pk=notice.source_id).first()
        return event.reason if event and event.role not in (CUSTOMER, SYSTEM) else ""
    if notice.kind == Kind.REFUNDED:
        reason = Refund.objects.values_list("reason", flat=True).get(pk=notice.source_id)
        return str(GIVEN_BACK_FOR.get(reason, ""))
    return ""
