"""Who calls: the client whose phone this is, for the cashier who answers (decision 27).

A whole number is asked for, never the beginning of one, and only who has ordered is found. Of an account with that phone: its
name, addresses and last orders. Of anybody else's order with that phone: what stands on that order.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pizzeria.accounts.models import Address, User
from pizzeria.ordering.folding import folded_words
from pizzeria.ordering.models import Order
from pizzeria.ordering.order_list import NATIONAL_DIGITS, of_phone

LOOK_BACK = timedelta(days=730)
"""Whoever has not ordered for longer is greeted as somebody new."""
MOST_ORDERS = 30
MOST_CALLERS, MOST_LAST, MOST_PLACES = 4, 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where something was delivered, or is kept as an address."""

    street: str
    complement: str
    postal_code: str
    town: str

    @property
    def key(self) -> tuple[str, ...]:
        return (self.postal_code, *folded_words(self.street))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody whose phone this is; `account` is none for who ordered as a guest. The newest order stands first."""

    account: User | None
    first_name: str
    last_name: str
    spots: Sequence[Spot]
    last: Sequence[Order]

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def phone_digits(phone: str) -> str:
    """The figures that a phone ends with, however it was typed: `+33 6 39…` and `06.39…` are one; empty for less than a whole one."""
    figures = re.sub(r"\D", "", phone)
    return figures[-NATIONAL_DIGITS:] if len(figures) >= NATIONAL_DIGITS else ""


def callers_of(*, phone: str, at: datetime) -> list[Caller]:
    """The clients of this phone who have ordered, whoever ordered last first."""
    digits = phone_digits(phone)
    if not digits:
        return []
    found = Order.objects.filter(of_phone(digits), anonymised_at=None, placed_at__gte=at - LOOK_BACK)
    kept = found.exclude(status__in=[Order.Status.CANCELLED, Order.Status.AWAITING_PAYMENT])
    orders = kept.select_related("customer", "store").prefetch_related("customer__addresses", "lines")
    people: dict[object, list[Order]] = {}
    for order in orders.order_by("-placed_at", "-pk")[:MOST_ORDERS]:
        people.setdefault(_whose(order, digits), []).append(order)
    return [_caller(theirs, digits) for theirs in list(people.values())[:MOST_CALLERS]]


def _whose(order: Order, digits: str) -> object:
    account = _account(order, digits)
    return account.pk if account else tuple(folded_words(order.customer_name))


def _account(order: Order, digits: str) -> User | None:
    """Whose account ordered, if the phone is that account's: who orders for a grandmother has not given her their addresses."""
    customer = order.customer
    return customer if customer and customer.is_active and phone_digits(customer.phone) == digits else None


def _caller(orders: Sequence[Order], digits: str) -> Caller:
    newest = orders[0]
    account = _account(newest, digits)
    return Caller(
        account=account,
        first_name=account.first_name if account else newest.first_name,
        last_name=account.last_name if account else newest.last_name,
        spots=_spots(orders, account),
        last=orders[:MOST_LAST],
    )


def _spots(orders: Iterable[Order], account: User | None) -> list[Spot]:
    """Where the last orders went, then what the account keeps: each once."""
    kept = [row for row in account.addresses.all() if row.kind == Address.Kind.DELIVERY] if account else []
    kept.sort(key=lambda row: not row.is_usual)
    found = [_spot(order) for order in orders if order.street] + [_spot(row) for row in kept]
    return list({spot.key: spot for spot in reversed(found)}.values())[::-1][:MOST_PLACES]


def _spot(row: Order | Address) -> Spot:
    return Spot(street=row.street, complement=row.complement, postal_code=row.postal_code, town=row.town)
