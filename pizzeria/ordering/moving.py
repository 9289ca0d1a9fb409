"""A promise that reality moves: what stands is written, why it moved is history, and every open page follows."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.selectors import roles_for_a_deed
from pizzeria.live.services import about_order
from pizzeria.ordering.baking import up_to_the_minute
from pizzeria.ordering.errors import InvalidChoice, NotAllowed, TransitionRefused
from pizzeria.ordering.models import Fulfilment, Order, PromiseChange
from pizzeria.ordering.ovens import TOLERANCE
from pizzeria.ordering.paying import lock
from pizzeria.ordering.planning import Promise, road_of
from pizzeria.ordering.selectors import OPEN
from pizzeria.rows import insert_all
from pizzeria.stores.selectors import informed, zone_of

MOVERS = frozenset({Role.PIZZAIOLO, Role.DRIVER, Role.CASHIER, Role.MANAGER})


def move_promise(
    *,
    order: Order,
    to: datetime,
    reason: PromiseChange.Reason,
    acting_user: User | None,
    at: datetime | None = None,
) -> Order:
    """Tell the client another hour, to the minute, and why; the same hour again changes nothing.

    `acting_user` works at the store; None is the house itself. Raises InvalidChoice for an hour that has passed, NotAllowed, and
    TransitionRefused for an order that is finished.
    """
    now = at or timezone.now()
    to = up_to_the_minute(to)
    if to < now:
        raise InvalidChoice(_("Cette heure est déjà passée."), field="to")
    with transaction.atomic():
        if acting_user and not MOVERS & roles_for_a_deed(user=acting_user, store_id=order.store_id):
            raise NotAllowed(_("Vous ne travaillez pas à ce point de vente."))
        lock(order)
        order.refresh_from_db()
        if order.status not in OPEN:
            raise TransitionRefused(
                _("La commande %(number)s est « %(status)s » : son heure ne change plus.")
                % {"number": order.number, "status": order.get_status_display()},
                status=order.status,
            )
        write_promise(order=order, to=to, reason=reason, acting_user=acting_user, at=now)
    return order


def keep_promise(
    *, order: Order, promise: Promise, reason: PromiseChange.Reason, acting_user: User | None, at: datetime
) -> None:
    """Write what an order, whose lock the caller holds, was given by `ovens.rebook`; the client is told of another hour."""
    order.start_at, order.wanted_at = promise.start_at, promise.wanted_at
    Order.objects.filter(pk=order.pk).update(start_at=order.start_at, wanted_at=order.wanted_at)
    write_promise(order=order, to=promise.promised_at, reason=reason, acting_user=acting_user, at=at)


def come_early(*, order: Order, at: datetime) -> None:
    """Tell the client of an order that has just become ready, or has just left, that it comes early, if it does by far.

    In the caller's transaction, which has moved the order. One that was asked for in a slot never comes before it.
    """
    if order.promised_at <= at + TOLERANCE:
        return
    arrives = _arrival(order, at)
    if arrives is None:
        return
    arrives = max(arrives, order.wanted_at or arrives)
    if arrives + TOLERANCE < order.promised_at:
        write_promise(order=order, to=arrives, reason=PromiseChange.Reason.EARLY, acting_user=None, at=at)


def road_to(*, order: Order, at: datetime) -> timedelta:
    """The road to an order's door in the hour of a moment; none for one that is fetched, or whose zone is no more."""
    if order.fulfilment != Fulfilment.DELIVERY:
        return timedelta(0)
    zone = zone_of(store=informed(store=order.store), postal_code=order.postal_code)
    return timedelta(minutes=road_of(zone=zone, at=at))


def _arrival(order: Order, at: datetime) -> datetime | None:
    """When the client can have an order that stands ready or has left now; None when only its driver's leaving will tell."""
    if order.fulfilment == Fulfilment.DELIVERY and order.status == Order.Status.READY:
        return None
    return up_to_the_minute(at + road_to(order=order, at=at))


def write_promise(
    *, order: Order, to: datetime, reason: PromiseChange.Reason, acting_user: User | None, at: datetime
) -> None:
    """Write another hour, why, and the news of it, in the caller's transaction, which has the order's lock. It moves no oven.

    The order's version stays: a client who is changing it, or a pizzaiolo whose screen is a second old, has not been overtaken.
    """
    before = order.promised_at
    if to == before:
        return
    order.promised_at = to
    Order.objects.filter(pk=order.pk).update(promised_at=to)
    change = PromiseChange(order_id=order.pk, at=at, before=before, after=to, reason=reason, acting_user=acting_user)
    told = {"number": order.number, "promised_at": to.isoformat(), "reason": str(reason)}
    insert_all(change, *about_order(token=order.token, store_id=order.store_id, payload=told))
