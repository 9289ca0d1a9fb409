"""Filters and tags of the back office's pages."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pizzeria.accounts.models import Role
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, Tab
from pizzeria.catalogue.models import Ingredient
from pizzeria.ordering.differences import ToldChange, told_changes
from pizzeria.ordering.lines import label_of
from pizzeria.ordering.models import Fulfilment, Order, OrderLine
from pizzeria.ordering.paying import NOT_TAKEABLE, may_take
from pizzeria.ordering.selectors import is_late
from pizzeria.ordering.transitions import CHANGEABLE, CUSTOMER, SYSTEM, allowed_role, next_statuses, roles_on
from pizzeria.payments.models import PaymentStatus
from pizzeria.proved_restore import last_kept
from pizzeria.stock.words import change_in_words, in_units, measured

register = template.Library()

Status = Order.Status

VERBS = {
    Status.TAKEN: gettext_lazy("Je prends"),
    Status.PREPARING: gettext_lazy("Je commence"),
    Status.READY: gettext_lazy("Prête"),
    Status.DELIVERING: gettext_lazy("Je pars avec"),
    Status.DELIVERED: gettext_lazy("Livrée"),
}
HANDED_OVER = gettext_lazy("Remise")

PROVED_EVERY = timedelta(days=40)
"""One restore a month, and a week to notice that it did not happen."""

REFUND_PROBLEMS = {
    "lost_or_stolen_card": gettext_lazy("La carte a été perdue ou volée : sa banque n’a pas pris la somme."),
    "expired_or_canceled_card": gettext_lazy("La carte a expiré ou n’existe plus : sa banque n’a pas pris la somme."),
    "charge_for_pending_refund_disputed": gettext_lazy("Le client a contesté ce paiement auprès de sa banque."),
    "insufficient_funds": gettext_lazy("Le compte chez le prestataire n’a pas de quoi rendre cette somme."),
    "declined": gettext_lazy("La banque du client a refusé la somme."),
    "merchant_request": gettext_lazy("Quelqu’un de la maison l’a annulé chez le prestataire."),
    "unknown": gettext_lazy("Le prestataire ne dit pas pourquoi."),
}
"""The `failure_reason` of a refund, by Stripe's names."""

OTHER_ROLES = {CUSTOMER: gettext_lazy("client"), SYSTEM: gettext_lazy("système")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A move that this person may make: where to, and what the button says."""

    to: str
    verb: str
    is_last: bool


@register.filter
def holds(tab: Tab, current: str) -> bool:
    """Whether the page that is shown is this one, or stands under this tab; an order stands under the orders."""
    return tab.holds("orders" if current == "order" else current)


@register.filter
def moves(order: Order, place: Place) -> list[Button]:
    """The steps forward that this person's roles allow on this order."""
    roles = roles_on(order=order, user=place.user, roles=place.roles)
    found = next_statuses(from_status=order.status, fulfilment=order.fulfilment, roles=roles)
    return [
        Button(to=status, verb=_verb(order, status), is_last=status in {Status.READY, Status.DELIVERED})
        for status in found
        if status != Status.CANCELLED
    ]


def _verb(order: Order, to_status: str) -> str:
    if to_status == Status.DELIVERED and order.fulfilment != Fulfilment.DELIVERY:
        return str(HANDED_OVER)
    return str(VERBS[Status(to_status)])


@register.filter
def cancellable(order: Order, place: Place) -> bool:
    """Whether this person's roles allow cancelling the order as it stands."""
    role = allowed_role(
        from_status=order.status, to_status=Status.CANCELLED, fulfilment=order.fulfilment, roles=place.roles
    )
    return role is not None


@register.filter
def changeable(order: Order, place: Place) -> bool:
    """Whether this person changes the order for its client, as it stands."""
    return order.status in CHANGEABLE and place.may(Action.CHANGE_ORDERS)


@register.filter
def changed_for_kitchen(order: Order) -> ToldChange | None:
    """The last change of what is cooked, while nobody has begun to; None without one, or once it is in the oven."""
    told = told_changes(order=order) if order.status in CHANGEABLE else []
    return told[-1] if told else None


@register.filter
def takeable(order: Order, place: Place) -> bool:
    """Whether this person takes money for the order, and some is due; its payments are read already."""
    return (
        due(order) > 0
        and order.status not in NOT_TAKEABLE
        and may_take(order=order, user=place.user, roles=place.roles)
    )


@register.filter
def due(order: Order) -> Decimal:
    """What is still to be paid for an order, in euros, by its payments as they were read."""
    unpaid = [payment.amount for payment in order.payments.all() if payment.status == PaymentStatus.UNPAID]
    return sum(unpaid, Decimal("0.00"))


@register.filter
def change_to_bring(order: Order) -> Decimal | None:
    """What to give back on the note that the client announced; None when they said nothing, or something is paid."""
    is_whole = order.change_for is not None and due(order) == order.total
    return order.change_for - order.total if is_whole and order.change_for else None


@register.filter
def late(order: Order, at: datetime) -> bool:
    return is_late(order=order, at=at)


@register.filter
def elapsed(since: datetime, at: datetime) -> str:
    """`12 min`, `1 h 05`, `3 j`; staff.js writes the same while time goes on."""
    minutes = max(0, int((at - since).total_seconds() // 60))
    hours, days = minutes // 60, minutes // 1440
    if days:
        return _("%(days)s j") % {"days": days}
    return f"{hours} h {minutes % 60:02}" if hours else f"{minutes} min"


@register.filter
def tel(phone: str) -> str:
    """A phone number as a link calls it."""
    return "tel:" + re.sub(r"[^\d+]", "", phone)


@register.filter
def directions(order: Order) -> str:
    """A link that phones open in their maps application, and other browsers as a page."""
    address = f"{order.street}, {order.postal_code} {order.town}"
    return "https://www.google.com/maps/dir/?" + urlencode({"api": 1, "destination": address})


@register.filter
def words_of(line: OrderLine) -> str:
    """A line's product and size, in the reader's language."""
    return label_of(line.variant, line.second_half)


@register.filter
def of_ingredient(quantity: int, ingredient: Ingredient) -> str:
    """A quantity of an ingredient, with its unit: `12,5 kg`."""
    return measured(quantity=quantity, unit=ingredient.unit)


@register.filter
def of_unit(quantity: int, unit: str) -> str:
    return measured(quantity=quantity, unit=unit)


@register.filter
def delivered(quantity: int, ingredient: Ingredient) -> str:
    """The same in delivered units: `25 × 500 g`; empty for what is delivered by the piece."""
    return in_units(quantity=quantity, ingredient=ingredient)


@register.filter
def gap(minutes: float) -> str:
    """How much later than promised: `+3 min`, `−2 min` for what came before its time, `0 min`."""
    whole = round(minutes)
    sign = "+" if whole > 0 else "−" if whole < 0 else ""
    return f"{sign}{abs(whole)}\N{NO-BREAK SPACE}min"


@register.filter
def signed(quantity: int, ingredient: Ingredient) -> str:
    """A change of an ingredient, its sign before it: `+500 g`."""
    return change_in_words(quantity=quantity, unit=ingredient.unit)


@register.filter
def get(found: Mapping[object, object], key: object) -> object:
    """What a mapping holds; empty where it holds none."""
    return found.get(key, "")


@register.filter
def status_name(status: str) -> str:
    return str(Status(status).label)


@register.filter
def problem_words(problem: str) -> str:
    """Why a refund failed; what the provider said where it is none of the reasons that it names."""
    return str(REFUND_PROBLEMS.get(problem, problem))


@register.filter
def role_name(role: str) -> str:
    """The word for a role, the client's and the system's included."""
    return str(OTHER_ROLES[role] if role in OTHER_ROLES else Role(role).label)


@register.inclusion_tag("backoffice/_backups.html")
def last_restore() -> dict[str, object]:
    """For whoever answers for the group's data: when a backup was last restored."""
    proved = last_kept().proved
    return {"proved": proved, "stale": proved is not None and timezone.now() - proved > PROVED_EVERY}
