"""The life of an order: which move is whose. The one table that pages, API and tests read."""

from dataclasses import dataclass

from pizzeria.accounts.models import Role, User
from pizzeria.ordering.models import Fulfilment, Order

CUSTOMER = "customer"
SYSTEM = "system"

Status = Order.Status


@dataclass(frozen=True, slots=True)
class Move:
    """Roles that may make a move, and the modes in which it exists (all, when empty)."""

    roles: frozenset[str]
    fulfilments: frozenset[str] = frozenset()


PIZZAIOLO = Move(frozenset({Role.PIZZAIOLO}))
DRIVER = Move(frozenset({Role.DRIVER}), frozenset({Fulfilment.DELIVERY}))
COUNTER = Move(frozenset({Role.CASHIER}), frozenset({Fulfilment.COLLECTION, Fulfilment.ON_SITE}))
CANCELLING = Move(frozenset({CUSTOMER, Role.CASHIER, Role.MANAGER, SYSTEM}))

TRANSITIONS: dict[tuple[str, str], Move] = {
    (Status.AWAITING_PAYMENT, Status.TO_PREPARE): Move(frozenset({SYSTEM})),
    (Status.TO_PREPARE, Status.TAKEN): PIZZAIOLO,
    (Status.TAKEN, Status.PREPARING): PIZZAIOLO,
    (Status.PREPARING, Status.READY): PIZZAIOLO,
    (Status.READY, Status.DELIVERING): DRIVER,
    (Status.DELIVERING, Status.DELIVERED): DRIVER,
    (Status.READY, Status.DELIVERED): COUNTER,
    (Status.AWAITING_PAYMENT, Status.CANCELLED): CANCELLING,
    (Status.TO_PREPARE, Status.CANCELLED): CANCELLING,
    (Status.TAKEN, Status.CANCELLED): CANCELLING,
}

LEFT_OPEN: dict[str, str] = {
    Status.AWAITING_PAYMENT: Status.CANCELLED,
    Status.TO_PREPARE: Status.CANCELLED,
    Status.TAKEN: Status.CANCELLED,
    Status.PREPARING: Status.CANCELLED,
    Status.READY: Status.CANCELLED,
    Status.DELIVERING: Status.DELIVERED,
}
"""How the system ends, the morning after, an order that nobody has ended: beside the table of the dossiers, which is people's.

What a driver left with reached the door, most likely: it counts as delivered, and what is due stays due until somebody
says that it was taken. What never left the pizzeria was not sold.
"""

COOKED = frozenset({Status.PREPARING, Status.READY})
"""Their ingredients are used: cancelling gives none back."""

CHANGEABLE = frozenset({Status.TO_PREPARE, Status.TAKEN})
"""A client may change or cancel until preparation starts."""


def roles_on(*, order: Order, user: User, roles: frozenset[str]) -> frozenset[str]:
    """What somebody with these roles at its store is for this order: on the road, its driver alone is one.

    Who hands it over takes its money, and answers for that cash: a colleague does neither.
    """
    is_a_colleagues = order.status == Status.DELIVERING and order.driver_id != user.pk
    return roles - {Role.DRIVER} if is_a_colleagues else roles


def allowed_role(*, from_status: str, to_status: str, fulfilment: str, roles: frozenset[str]) -> str | None:
    """The role, among those held, that allows this move; None when none does."""
    move = TRANSITIONS.get((from_status, to_status))
    if move is None or (move.fulfilments and fulfilment not in move.fulfilments):
        return None
    return min(move.roles & roles, default=None)


def next_statuses(*, from_status: str, fulfilment: str, roles: frozenset[str]) -> list[str]:
    """Where somebody with these roles may move an order, in the table's order."""
    return [
        target
        for source, target in TRANSITIONS
        if source == from_status
        and allowed_role(from_status=source, to_status=target, fulfilment=fulfilment, roles=roles)
    ]
