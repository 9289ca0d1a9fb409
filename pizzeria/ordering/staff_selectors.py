"""Reading orders for the house: what a board shows, what the manager searches, what the day brought."""

import hashlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, TypedDict

from django.conf import settings
from django.db.models import Case, Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from pizzeria.accounts.models import User
from pizzeria.catalogue.models import Composition
from pizzeria.days import midnight
from pizzeria.ledger.models import Reason
from pizzeria.money import NOTHING
from pizzeria.ordering.models import Fulfilment, Order, OrderLine
from pizzeria.ordering.selectors import KITCHEN, OPEN, ROAD, board
from pizzeria.payments.models import Payment, PaymentStatus, Refund

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """A store's day, in numbers and euros; cancelled orders are not counted, and gestures are taken off."""

    today: int = 0
    open: int = 0
    late: int = 0
    turnover: Decimal = NOTHING


class ToCook(TypedDict):
    """What a kitchen's orders tell besides: `is_later` of one that is not to be begun yet."""

    is_later: bool


def kitchen_orders(*, store_id: int) -> "QuerySet[WithAnnotations[Order, ToCook]]":
    """What the kitchen has to do, in the order in which it should be begun."""
    orders = board(store_ids=[store_id], statuses=KITCHEN).annotate(
        is_later=Case(When(is_planned(at=timezone.now()), then=True), default=False)
    )
    return orders.order_by(Coalesce("start_at", "placed_at"), "promised_at", "pk").prefetch_related(
        "payments", "order_changes"
    )


def is_planned(*, at: datetime) -> Q:
    """Of an order: nobody has taken it, and it is not to be begun for a while (`BOARD_AHEAD_MINUTES`)."""
    soon = at + timedelta(minutes=settings.BOARD_AHEAD_MINUTES)
    return Q(status=Order.Status.TO_PREPARE, start_at__isnull=False, start_at__gt=soon)


def delivery_orders(*, store_id: int) -> QuerySet[Order]:
    """What is ready for the road or on it."""
    return (
        board(store_ids=[store_id], statuses=ROAD).filter(fulfilment=Fulfilment.DELIVERY).prefetch_related("payments")
    )


def counter_orders(*, store_id: int) -> QuerySet[Order]:
    """What somebody will fetch or eat here."""
    orders = board(store_ids=[store_id], statuses=KITCHEN).exclude(fulfilment=Fulfilment.DELIVERY)
    orders = orders.exclude(is_planned(at=timezone.now()))
    return orders.prefetch_related("payments")


def order_of_store(*, store_id: int, number: str) -> Order | None:
    """The order of this number, if it is this store's, with its lines, history and payments."""
    everything = board(store_ids=[store_id], statuses=Order.Status.values)
    beside = (
        "events__acting_user",
        "order_changes__acting_user",
        "payments__received_by",
        "payments__refunds",
        "offers",
    )
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


def fingerprint(orders: Collection[Order] | QuerySet[Order]) -> str:
    """The same for the same orders in the same state, as much of them paid, another one otherwise; a queryset reads
    no line.
    """
    if isinstance(orders, QuerySet):
        due = Payment.objects.filter(order=OuterRef("pk"), status=PaymentStatus.UNPAID).values("amount")
        beside = tuple(orders.query.annotations)
        pairs = list(orders.values_list("pk", "version", "promised_at", "payment_status", *beside, Subquery(due)))
    else:
        pairs = [(order.pk, order.version, order.promised_at, order.payment_status, None) for order in orders]
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
    today = Q(placed_at__gte=midnight(timezone.localdate(at))) & ~unsold
    still_open = Q(status__in=OPEN) & ~is_planned(at=at)
    given_back = Refund.objects.filter(payment__order=OuterRef("pk"), reason=Reason.GESTURE).order_by()
    gestures = given_back.values("payment__order").annotate(sum=Sum("amount")).values("sum")
    rows = (
        Order.objects.filter(today | still_open, store_id__in=store_ids)
        .order_by()
        .annotate(kept=F("total") - Coalesce(Subquery(gestures), NOTHING))
        .values("store_id")
        .annotate(
            today=Count("pk", filter=today),
            open=Count("pk", filter=still_open),
            late=Count("pk", filter=still_open & Q(promised_at__lt=at)),
            turnover=Sum("kept", filter=today, default=NOTHING),
        )
    )
    found = {
        row["store_id"]: Figures(today=row["today"], open=row["open"], late=row["late"], turnover=row["turnover"])
        for row in rows
    }
    return {store_id: found.get(store_id, Figures()) for store_id in store_ids}


def total_of(figures: Iterable[Figures]) -> Figures:
    """Several stores' days, added up."""
    stores = list(figures)
    return Figures(
        today=sum(store.today for store in stores),
        open=sum(store.open for store in stores),
        late=sum(store.late for store in stores),
        turnover=sum((store.turnover for store in stores), NOTHING),
    )
