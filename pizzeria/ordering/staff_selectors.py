"""Reading orders for the house: what a board shows, what the manager searches, what the day brought."""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, F, Func, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, Value
from django.db.models.functions import Concat
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Composition
from pizzeria.ordering.models import Fulfilment, Order, OrderLine
from pizzeria.ordering.selectors import KITCHEN, OPEN, ROAD, board, history
from pizzeria.payments.models import Payment, PaymentStatus

NATIONAL_DIGITS = 9
"""A French number without its 0 or +33."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A store's day, in numbers and euros; cancelled orders are not counted."""

    today: int = 0
    open: int = 0
    late: int = 0
    turnover: Decimal = Decimal("0.00")


def kitchen_orders(*, store_id: int) -> QuerySet[Order]:
    return board(store_ids=[store_id], statuses=KITCHEN).prefetch_related("payments")


def delivery_orders(*, store_id: int) -> QuerySet[Order]:
    """What is ready for the road or on it."""
    return (
        board(store_ids=[store_id], statuses=ROAD).filter(fulfilment=Fulfilment.DELIVERY).prefetch_related("payments")
    )


def counter_orders(*, store_id: int) -> QuerySet[Order]:
    """What somebody will fetch or eat here."""
    orders = board(store_ids=[store_id], statuses=KITCHEN).exclude(fulfilment=Fulfilment.DELIVERY)
    return orders.prefetch_related("payments")


def order_of_store(*, store_id: int, number: str) -> Order | None:
    """The order of this number, if it is this store's, with its lines, history and payments."""
    everything = board(store_ids=[store_id], statuses=Order.Status.values)
    beside = ("events__acting_user", "payments__received_by", "payments__refunds")
    return everything.filter(number=number).prefetch_related(*beside).first()


def line_of_order(*, order: Order, line_id: int) -> OrderLine | None:
    """A line with all that its recipe needs."""
    recipe = Composition.objects.select_related("ingredient")
    lines = OrderLine.objects.filter(order=order, pk=line_id).select_related(
        "variant__product", "variant__size", "second_half__product", "second_half__size"
    )
    return lines.prefetch_related(
        "changes__ingredient",
        Prefetch("variant__composition", recipe),
        Prefetch("second_half__composition", recipe),
    ).first()


def search_orders(
    *, store_ids: Collection[int], words: str = "", status: str = "", day: date | None = None
) -> QuerySet[Order]:
    """Every order of these stores, newest first (UC 6.1); `words` are of a number, a name or a phone."""
    found = history(store_ids=store_ids)
    if status:
        found = found.filter(status=status)
    if day:
        found = found.filter(placed_at__gte=_midnight(day))
        # From one midnight to the next, 23 to 25 hours; the last day that there is has no next.
        if day < date.max:
            found = found.filter(placed_at__lt=_midnight(day + timedelta(days=1)))
    if words:
        found = _matching(found, words)
    return found


def orders_of_client(*, store_ids: Collection[int], customer: User) -> QuerySet[Order]:
    """What a client ordered at these stores, newest first, with its lines: for who takes their next order (UC 3.1)."""
    return history(store_ids=store_ids).filter(customer=customer).prefetch_related("lines")


def fingerprint(orders: Collection[Order] | QuerySet[Order]) -> str:
    """The same for the same orders in the same state, as much of them paid, another one otherwise; a queryset reads
    no line.
    """
    if isinstance(orders, QuerySet):
        due = Payment.objects.filter(order=OuterRef("pk"), status=PaymentStatus.UNPAID).values("amount")
        pairs = list(orders.values_list("pk", "version", "payment_status", Subquery(due)))
    else:
        pairs = [(order.pk, order.version, order.payment_status, None) for order in orders]
    return hashlib.blake2s(repr(pairs).encode(), digest_size=10).hexdigest()


def money_mark(order: Order) -> str:
    """The same while its payments and refunds stand as they do: they change without the order's version."""
    payments = [(payment.pk, payment.status, payment.amount, payment.refunded) for payment in order.payments.all()]
    refunds = [(refund.pk, refund.status) for payment in order.payments.all() for refund in payment.refunds.all()]
    return f"{payments} {refunds}"


def was_moved_by(*, order: Order, to_status: str, user: User) -> bool:
    """Whether the order stands where this person has put it: a second tap on the same button."""
    return order.status == to_status and order.events.filter(to_status=to_status, acting_user=user).exists()


def figures_of(*, store_ids: Collection[int], at: datetime) -> dict[int, Figures]:
    """Each store's day so far, in one query."""
    unsold = Q(status__in=(Order.Status.AWAITING_PAYMENT, Order.Status.CANCELLED))
    today = Q(placed_at__gte=_midnight(timezone.localdate(at))) & ~unsold
    still_open = Q(status__in=OPEN)
    rows = (
        Order.objects.filter(today | still_open, store_id__in=store_ids)
        .order_by()
        .values("store_id")
        .annotate(
            today=Count("pk", filter=today),
            open=Count("pk", filter=still_open),
            late=Count("pk", filter=still_open & Q(promised_at__lt=at)),
            turnover=Sum("total", filter=today, default=Decimal("0.00")),
        )
    )
    found = {
        row["store_id"]: Figures(today=row["today"], open=row["open"], late=row["late"], turnover=row["turnover"])
        for row in rows
    }
    return {store_id: found.get(store_id, Figures()) for store_id in store_ids}


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _matching(orders: QuerySet[Order], words: str) -> QuerySet[Order]:
    wanted = Q(number__icontains=words) | Q(who__icontains=words)
    digits = re.sub(r"\D", "", words)
    # `+33 6 …` and `06 …` are one phone; a few digits are rather a piece of an order's number.
    if len(digits) >= 4:  # noqa: PLR2004
        wanted |= Q(digits__contains=digits[-NATIONAL_DIGITS:])
    phone_digits = Func(F("phone"), Value(r"\D"), Value(""), Value("g"), function="regexp_replace")
    return orders.annotate(who=Concat("first_name", Value(" "), "last_name"), digits=phone_digits).filter(wanted)
