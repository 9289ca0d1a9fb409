"""What a client is told by which channel: the house's table, and what each of them made of it."""

from collections.abc import Collection

from django.db import transaction

from pizzeria.accounts.models import User
from pizzeria.notifications.models import Channel, Choice, Kind
from pizzeria.ordering.models import Order

TABLE: dict[str, tuple[str, ...]] = {
    Kind.RECEIVED: (Channel.MAIL,),
    Kind.CHANGED: (Channel.MAIL,),
    Kind.MOVED: (Channel.MAIL, Channel.PUSH),
    Kind.REMINDER: (Channel.MAIL, Channel.PUSH),
    Kind.READY: (Channel.PUSH,),
    Kind.ON_THE_ROAD: (Channel.PUSH,),
    Kind.CANCELLED: (Channel.MAIL, Channel.PUSH),
    Kind.REFUNDED: (Channel.MAIL,),
    Kind.REVIEW: (Channel.MAIL,),
}
"""Only where it helps: what is to be kept is written, what matters for ten minutes is pushed.

An SMS, which costs the house and disturbs, goes to whoever ticked it. Push goes to browsers that asked for it.
"""
DEFAULTS: tuple[str, ...] = tuple(f"{kind}.{channel}" for kind, channels in TABLE.items() for channel in channels)
"""The same as the database's `notifications_defaults()`, by which the triggers go: a test compares them."""
POSSIBLE: tuple[str, ...] = tuple(f"{kind}.{channel}" for kind in Kind.values for channel in Channel.values)


def wanted_by(*, customer: User) -> frozenset[str]:
    """What this client wants to be told of their orders, as `kind.channel`."""
    return _wanted(Choice.objects.filter(customer=customer).first())


def wanted_of(*, order: Order) -> frozenset[str]:
    """What its client wants to be told of this order: what was chosen for it, or else for their account."""
    chosen = Choice.objects.filter(order=order).first()
    if chosen is None and order.customer_id:
        chosen = Choice.objects.filter(customer=order.customer_id).first()
    return _wanted(chosen)


@transaction.atomic
def choose_for_account(*, customer: User, wanted: Collection[str]) -> None:
    """Tell this client these things from now on, and nothing else."""
    Choice.objects.update_or_create(customer=customer, defaults={"wanted": _known(wanted)})


@transaction.atomic
def choose_for_order(*, order: Order, wanted: Collection[str]) -> None:
    """Tell these things of this order, whatever its account says."""
    Choice.objects.update_or_create(order=order, defaults={"wanted": _known(wanted)})


def _known(wanted: Collection[str]) -> list[str]:
    return [each for each in POSSIBLE if each in wanted]


def _wanted(choice: Choice | None) -> frozenset[str]:
    return frozenset(DEFAULTS if choice is None else choice.wanted)
