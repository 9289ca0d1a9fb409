"""An order placed as a guest becomes its client's, by proof: its link, its number and contact, or a confirmed address."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.clients import confirmed_addresses
from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.ordering.models import Order


class NotClaimable(BusinessError):
    code: ClassVar[str] = "not_claimable"


@transaction.atomic
def claim(*, order: Order, user: User) -> None:
    """Put a guest's order into this account; the caller has seen the proof. Raises NotClaimable.

    Twice by the same client changes nothing. Of two accounts that claim it at once one gets it: the order is compared
    and swapped in one statement.
    """
    if not _held(user):
        raise NotClaimable(_("Ce compte n’existe plus."))
    if _taken(order=order, user=user):
        return
    if not Order.objects.filter(pk=order.pk, customer=user).exists():
        raise NotClaimable(_("Cette commande est déjà dans un autre compte."))


def _held(user: User) -> bool:
    """Whether the account is there, and stays until the transaction ends: deleted now, it would keep the order in what is left."""
    return User.objects.select_for_update(no_key=True).filter(pk=user.pk, anonymised_at=None).first() is not None


def _taken(*, order: Order, user: User) -> bool:
    """Whether it was nobody's, and is theirs from now on."""
    return Order.objects.filter(pk=order.pk, customer=None, anonymised_at=None).update(customer=user) == 1


def is_claimable(*, order: Order) -> bool:
    return order.customer_id is None and order.anonymised_at is None


def claimable_orders(*, user: User) -> QuerySet[Order]:
    """Guest orders that carry a confirmed address of this account: to be offered, never to be added by themselves."""
    unclaimed = Order.objects.filter(customer__isnull=True, anonymised_at=None).alias(lowered=Lower("email"))
    return unclaimed.filter(lowered__in=confirmed_addresses(user=user)).select_related("store").order_by("-placed_at")


def orders_of(*, user: User) -> QuerySet[Order]:
    """The orders of an account, newest first (UC 3.1)."""
    return Order.objects.filter(customer=user).select_related("store").order_by("-placed_at", "-pk")


def months_of(*, user: User) -> list[datetime]:
    """The months in which an account has ordered, each by its first moment in Paris, the newest first."""
    return list(Order.objects.filter(customer=user).datetimes("placed_at", "month", order="DESC"))


def in_month(orders: QuerySet[Order], first: datetime) -> QuerySet[Order]:
    """Those of a month, by its first moment (see `months_of`)."""
    # Never more than 31 days, and less than two months: the first of the next one.
    following = (first + timedelta(days=32)).replace(day=1, tzinfo=None)
    return orders.filter(placed_at__gte=first, placed_at__lt=timezone.make_aware(following))
