"""Reading orders: a client's, a board's, a store's."""

import re
from collections.abc import Collection
from datetime import datetime

from django.db.models import Prefetch, QuerySet
from django.utils.crypto import constant_time_compare

from pizzeria.ordering.models import NUMBER_LENGTH, LineChange, Order, OrderLine
from pizzeria.ordering.sparse import bring_beside
from pizzeria.stores.selectors import active_store_of
from pizzeria.trail import concerns
from pizzeria.words import one_line

Status = Order.Status

KITCHEN = (Status.TO_PREPARE, Status.TAKEN, Status.PREPARING, Status.READY)
ROAD = (Status.READY, Status.DELIVERING)
OPEN = (*KITCHEN, Status.DELIVERING)
"""An order that somebody still has something to do for."""

TOKEN = re.compile(r"\A[A-Za-z0-9_-]{1,40}\Z")


def is_token(text: str) -> bool:
    """Whether this could be a token at all: what could not is not asked of the database, which refuses NUL."""
    return TOKEN.match(text) is not None


def order_by_token(*, token: str) -> Order | None:
    """The order that this unguessable token opens, with its lines and history."""
    if not is_token(token):
        return None
    beside = ("events__acting_user", "offers", "order_changes", "promise_changes")
    found = _with_lines(Order.objects.filter(token=token)).prefetch_related(*beside).first()
    return _concerned(found)


def token_of(*, order_id: int) -> str:
    """The token that opens an order: for whoever has proved that it is theirs."""
    return Order.objects.values_list("token", flat=True).get(pk=order_id)


def receipt_by_token(*, token: str) -> Order | None:
    """The order that this unguessable token opens, as its client reads it: words and prices as they were sold."""
    if not is_token(token):
        return None
    found = Order.objects.filter(token=token).prefetch_related("events").first()
    if found:
        bring_beside(found)
    if found and (store := active_store_of(pk=found.store_id)):
        found.store = store
    return _concerned(found)


def order_by_number(*, number: str, proof: str) -> Order | None:
    """The order of this number, for whoever knows the phone or the e-mail that it was placed with (B5).

    An unknown number and a wrong proof do the same work: neither the answer nor its time says
    which of the two it was.
    """
    typed = re.sub(r"[^0-9A-Z]", "", number.upper())
    # The letters of a number may begin with a P themselves: only the sixth from the end is the prefix.
    wanted = typed.removeprefix("P") if len(typed) > NUMBER_LENGTH else typed
    order = Order.objects.filter(number=f"P-{wanted}"[:12]).first()
    proof = one_line(proof)
    contact = order or Order(phone="", email="")
    same_phone = constant_time_compare(_phone_key(contact.phone), _phone_key(proof))
    same_email = constant_time_compare(contact.email.lower(), proof.lower())
    proved = (same_phone and _phone_key(contact.phone)) or (same_email and contact.email)
    return order if proved else None


def is_late(*, order: Order, at: datetime) -> bool:
    """Whether an order that is not finished has passed its promised time."""
    return order.status in OPEN and order.promised_at < at


def board(*, store_ids: Collection[int], statuses: Collection[str]) -> QuerySet[Order]:
    """The orders in these statuses, oldest first, with their lines."""
    return _with_lines(Order.objects.filter(store_id__in=store_ids, status__in=statuses)).order_by("placed_at", "pk")


def history(*, store_ids: Collection[int]) -> QuerySet[Order]:
    """Every order of these stores, newest first (UC 6.1)."""
    visible = Order.objects.filter(store_id__in=store_ids).select_related("store", "pizzaiolo", "driver")
    return visible.order_by("-placed_at", "-pk")


def _concerned(order: Order | None) -> Order | None:
    """The order; what is logged or reported from here on is about it."""
    if order:
        concerns(order=order.number, store=order.store.slug, city=order.store.city.code)
    return order


def _with_lines(orders: QuerySet[Order]) -> QuerySet[Order]:
    changes = Prefetch("changes", LineChange.objects.select_related("ingredient"))
    sold = OrderLine.objects.select_related("variant__product", "variant__size", "second_half__product")
    lines = Prefetch("lines", sold.prefetch_related(changes))
    return orders.select_related("store", "store__city", "pizzaiolo", "driver").prefetch_related(lines)


def _phone_key(phone: str) -> str:
    """The digits that make two ways of writing a French number one."""
    return re.sub(r"^(?:00)?330?(?=[1-9][0-9]{8}$)", "0", re.sub(r"[^0-9]", "", phone))
