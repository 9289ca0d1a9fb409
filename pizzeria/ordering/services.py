"""Moving an order through its life, and cancelling it. How one begins: `placing`."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Role, User
from pizzeria.accounts.selectors import roles_at, roles_for_a_deed
from pizzeria.ledger.models import Reason
from pizzeria.ordering.counted import count_move
from pizzeria.ordering.errors import ReasonMissing, TransitionRefused
from pizzeria.ordering.events import event_rows
from pizzeria.ordering.journal import unsell
from pizzeria.ordering.models import Order
from pizzeria.ordering.moving import come_early
from pizzeria.ordering.ovens import release as release_oven
from pizzeria.ordering.ovens import release_after
from pizzeria.ordering.paying import receive
from pizzeria.ordering.telling import tell_move
from pizzeria.ordering.transitions import allowed_role, roles_on
from pizzeria.payments.services import release
from pizzeria.promotions.services import give_back
from pizzeria.rows import insert_all
from pizzeria.stock import services as stock
from pizzeria.words import one_line, says_something

REASON_LENGTH = 200


def advance(*, order: Order, to_status: str, acting_user: User, at: datetime | None = None) -> Order:
    """Move an order one step (UC 4.1) with a role that the user holds at its store.

    Handing it over takes the money that is due as well: on the road, that is its driver's. Raises TransitionRefused
    when the table forbids the move or when somebody else moved the order first, and ReasonMissing for a cancellation.
    """
    held = roles_at(user=acting_user, store_id=order.store_id)
    roles = roles_on(order=order, user=acting_user, roles=held)
    role = allowed_role(from_status=order.status, to_status=to_status, fulfilment=order.fulfilment, roles=roles)
    if role is None:
        raise _refused(order) if roles == held else _a_colleagues(order)
    if to_status == Order.Status.CANCELLED:
        # Not a step forward: see `cancel_as_staff`.
        raise _no_reason()
    if to_status == Order.Status.DELIVERED:
        # First, in its own transaction: money that was taken stays on record if the move is refused,
        # and a second attempt finds nothing left to take.
        receive(order=order, acting_user=acting_user, at=at)
    now = at or timezone.now()
    with transaction.atomic():
        move(order, to_status=to_status, role=role, acting_user=acting_user, reason="", at=now)
        if order.start_at is not None:
            _as_it_went(order, now)
        if at is None:
            count_move(order)
    return order


def _as_it_went(order: Order, at: datetime) -> None:
    """What a step of an order says of its ovens and of its promise; history, which has neither, is left alone."""
    if order.status == Order.Status.READY:
        release_after(order=order, at=at)
    if order.status in (Order.Status.READY, Order.Status.DELIVERING):
        come_early(order=order, at=at)


def cancel(*, order: Order, role: str, acting_user: User | None, reason: str, at: datetime | None = None) -> Order:
    """Cancel an order that is not yet in preparation (UC 1.4): its ingredients return to the stock,
    what is due is not due any more and what was taken is given back.

    Raises TransitionRefused once preparation started.
    """
    cancelled = Order.Status.CANCELLED
    if (
        allowed_role(
            from_status=order.status, to_status=cancelled, fulfilment=order.fulfilment, roles=frozenset({role})
        )
        is None
    ):
        raise _refused(order)
    with transaction.atomic():
        move(order, to_status=cancelled, role=role, acting_user=acting_user, reason=reason, at=at or timezone.now())
        release(order=order, acting_user=acting_user, at=at)
        give_back(reference=order.token)
        release_oven(order=order)
        stock.give_back(store=order.store, reference=order.token, acting_user=acting_user, at=at)
        unsell(order=order, reason=Reason.CANCELLED, acting_user=acting_user, at=at)
    return order


def cancel_as_staff(*, order: Order, acting_user: User, reason: str, at: datetime | None = None) -> Order:
    """Cancel an order for the house, with a role that the user holds at its store, and say why.

    Raises ReasonMissing, and TransitionRefused once preparation started or without such a role.
    """
    reason = one_line(reason)[:REASON_LENGTH]
    if not says_something(reason):
        raise _no_reason()
    role = allowed_role(
        from_status=order.status,
        to_status=Order.Status.CANCELLED,
        fulfilment=order.fulfilment,
        roles=roles_at(user=acting_user, store_id=order.store_id),
    )
    if role is None:
        raise _refused(order)
    return cancel(order=order, role=role, acting_user=acting_user, reason=reason, at=at)


def move(order: Order, *, to_status: str, role: str, acting_user: User | None, reason: str, at: datetime) -> None:
    """Swap the status if nobody changed the order since it was read, and write down the move.

    Inside the caller's transaction, who has asked whether the move is allowed. Raises TransitionRefused.
    """
    if acting_user and role in Role.values and role not in roles_for_a_deed(user=acting_user, store_id=order.store_id):
        # Suspended, or the role taken away, since the caller asked.
        raise _refused(order)
    values: dict[str, object] = {"status": to_status, "version": order.version + 1}
    if to_status == Order.Status.TAKEN:
        values["pizzaiolo"] = acting_user
    if to_status == Order.Status.DELIVERING:
        values["driver"] = acting_user
    if to_status == Order.Status.READY:
        values["ready_at"] = at
    if to_status == Order.Status.DELIVERED:
        values["delivered_at"] = at
    # Compare-and-swap: a client's cancellation and the pizzaiolo's start cannot both win.
    won = Order.objects.filter(pk=order.pk, status=order.status, version=order.version).update(**values)
    if not won:
        was = order.status
        order.refresh_from_db()
        raise _refused(order) if order.status != was else _changed_meanwhile(order)
    from_status = order.status
    for name, value in values.items():
        setattr(order, name, value)
    insert_all(*event_rows(order, from_status=from_status, role=role, acting_user=acting_user, reason=reason, at=at))
    tell_move(order, from_status=from_status, role=role, acting_user=acting_user)


def _refused(order: Order) -> TransitionRefused:
    return TransitionRefused(
        _("La commande %(number)s est « %(status)s » : cette action n’est plus possible.")
        % {"number": order.number, "status": order.get_status_display()},
        status=order.status,
    )


def _changed_meanwhile(order: Order) -> TransitionRefused:
    return TransitionRefused(
        _("La commande %(number)s vient d’être modifiée : regardez-la, puis recommencez.") % {"number": order.number},
        status=order.status,
    )


def _a_colleagues(order: Order) -> TransitionRefused:
    return TransitionRefused(
        _("C’est %(who)s qui livre la commande %(number)s, et qui dit quand elle est livrée.")
        % {"who": order.driver, "number": order.number},
        status=order.status,
    )


def _no_reason() -> ReasonMissing:
    return ReasonMissing(_("Indiquez la raison de l’annulation."))
