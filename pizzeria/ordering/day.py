"""A store's day, read: what is going on, what the ovens hold, what was sold when, what was cancelled and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum

from pizzeria.accounts.models import User
from pizzeria.days import day_span
from pizzeria.money import NOTHING
from pizzeria.ordering.models import Order, OrderEvent, OvenSlot, Review
from pizzeria.ordering.order_list import late_at
from pizzeria.ordering.staff_selectors import is_planned
from pizzeria.ordering.transitions import SYSTEM
from pizzeria.payments.models import Payment, PaymentStatus
from pizzeria.stock.models import StockItem

Status = Order.Status
WEEKS = 4
"""A day is compared with so many of the same weekday before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """Orders of a store by where they are at a moment; `later` are those that the kitchen is not to begin yet."""

    to_make: int
    later: int
    in_oven: int
    ready: int
    on_road: int
    late: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """An hour of a day in Paris, of the clock; `usual` is what the same hour of that weekday brings on average."""

    hour: int
    orders: int
    turnover: Decimal
    usual: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Sold:
    """A pizza and how many of it; a half counts half."""

    name: str
    name_en: str
    quantity: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class AtWork:
    """Somebody who moved orders on a day: how many moves, from when to when."""

    person: User
    moves: int
    first: datetime
    last: datetime


def now_at(*, store_id: int, at: datetime) -> Now:
    """Orders of other days than this one that nobody has ended count: they are to be done."""
    open_orders = Order.objects.filter(store_id=store_id, status__in=[*_STAGES, Status.TAKEN]).order_by()
    found = open_orders.aggregate(
        to_make=Count("pk", filter=Q(status__in=[Status.TO_PREPARE, Status.TAKEN]) & ~is_planned(at=at)),
        later=Count("pk", filter=is_planned(at=at)),
        in_oven=Count("pk", filter=Q(status=Status.PREPARING)),
        ready=Count("pk", filter=Q(status=Status.READY)),
        on_road=Count("pk", filter=Q(status=Status.DELIVERING)),
        late=Count("pk", filter=late_at(at)),
    )
    return Now(**found)


_STAGES = (Status.TO_PREPARE, Status.PREPARING, Status.READY, Status.DELIVERING)

# Each hour of the day itself, and of the weekdays before it. A gesture is less turnover, as in `sales`.
HOURS = """
WITH sold AS (
    SELECT (placed_at AT TIME ZONE 'Europe/Paris')::date AS day,
           extract(hour FROM placed_at AT TIME ZONE 'Europe/Paris')::int AS hour,
           total - coalesce((
               SELECT sum(refund.amount)
               FROM payments_refund AS refund JOIN payments_payment AS payment ON payment.id = refund.payment_id
               WHERE payment.order_id = ordering_order.id AND refund.reason = 'gesture'
           ), 0) AS turnover
    FROM ordering_order
    WHERE store_id = %(store)s AND status NOT IN ('cancelled', 'awaiting_payment')
      AND placed_at >= %(start)s AND placed_at < %(stop)s
      AND (placed_at AT TIME ZONE 'Europe/Paris')::date = ANY(%(days)s)
)
SELECT hour, count(*) FILTER (WHERE day = %(day)s), coalesce(sum(turnover) FILTER (WHERE day = %(day)s), 0),
       coalesce(sum(turnover) FILTER (WHERE day <> %(day)s), 0),
       (SELECT count(DISTINCT day) FROM sold WHERE day <> %(day)s)
FROM sold GROUP BY hour
"""


def hours_of(*, store_id: int, day: date) -> list[Hour]:
    """The hours in which something was sold on this day or on the same weekdays before it, and those between."""
    weekdays = [day - timedelta(weeks=back) for back in range(WEEKS, -1, -1)]
    start, stop = day_span(weekdays[0])[0], day_span(day)[1]
    with connection.cursor() as cursor:
        cursor.execute(HOURS, {"store": store_id, "start": start, "stop": stop, "days": weekdays, "day": day})
        rows = cursor.fetchall()
    if not rows:
        return []
    found = {
        hour: Hour(hour=hour, orders=orders, turnover=turnover, usual=before / days if days else NOTHING)
        for hour, orders, turnover, before, days in rows
    }
    empty = (Hour(hour=hour, orders=0, turnover=NOTHING, usual=NOTHING) for hour in range(24))
    return [found.get(each.hour, each) for each in empty if min(found) <= each.hour <= max(found)]


# What a pizza of two halves counts for each of them.
TOP = """
WITH sold AS (
    SELECT line.variant_id, line.second_half_id, line.quantity
    FROM ordering_orderline AS line JOIN ordering_order AS sale ON sale.id = line.order_id
    WHERE sale.store_id = %(store)s AND sale.status NOT IN ('cancelled', 'awaiting_payment')
      AND sale.placed_at >= %(start)s AND sale.placed_at < %(stop)s
), part AS (
    SELECT variant_id, CASE WHEN second_half_id IS NULL THEN quantity ELSE quantity * 0.5 END AS quantity FROM sold
    UNION ALL
    SELECT second_half_id, quantity * 0.5 FROM sold WHERE second_half_id IS NOT NULL
)
SELECT product.name, product.name_en, sum(quantity)
FROM part JOIN catalogue_variant AS variant ON variant.id = variant_id
JOIN catalogue_product AS product ON product.id = variant.product_id
WHERE product.kind = 'pizza'
GROUP BY product.id ORDER BY 3 DESC, 1 LIMIT %(most)s
"""


def top_pizzas(*, store_id: int, day: date, most: int = 5) -> list[Sold]:
    """What was sold most often on a day."""
    start, stop = day_span(day)
    with connection.cursor() as cursor:
        cursor.execute(TOP, {"store": store_id, "start": start, "stop": stop, "most": most})
        return [Sold(name=name, name_en=english, quantity=sold) for name, english, sold in cursor.fetchall()]


def ovens_of(*, store_ids: Sequence[int], start: datetime, stop: datetime) -> QuerySet[OvenSlot]:
    """The quarter-hours of these stores' ovens that somebody has asked for."""
    return OvenSlot.objects.filter(store_id__in=store_ids, starts_at__gte=start, starts_at__lt=stop)


def cancellations(*, store_id: int, day: date) -> QuerySet[OrderEvent]:
    """What was cancelled on a day: by whom and why, the newest first."""
    start, stop = day_span(day)
    events = OrderEvent.objects.filter(
        order__store_id=store_id, order__placed_at__gte=start - timedelta(days=8), to_status=Status.CANCELLED
    )
    found = events.filter(at__gte=start, at__lt=stop).select_related("order", "acting_user")
    return found.order_by("-at")


def at_work(*, store_id: int, day: date) -> list[AtWork]:
    """Who moved orders on a day, the last to do so first; a client who cancels is not at work."""
    start, stop = day_span(day)
    moves = OrderEvent.objects.filter(
        order__store_id=store_id, order__placed_at__gte=start - timedelta(days=8), at__gte=start, at__lt=stop
    )
    done = moves.exclude(acting_user=None).exclude(role__in=["customer", SYSTEM]).exclude(from_status="").order_by()
    rows = list(done.values("acting_user").annotate(moves=Count("pk"), first=Min("at"), last=Max("at")))
    people = User.objects.in_bulk([row["acting_user"] for row in rows])
    found = [
        AtWork(person=people[row["acting_user"]], moves=row["moves"], first=row["first"], last=row["last"])
        for row in rows
    ]
    return sorted(found, key=lambda worker: worker.last, reverse=True)


def still_due(*, store_id: int) -> Decimal:
    """What clients of the orders that stand still have to pay, in euros."""
    unpaid = Payment.objects.filter(order__store_id=store_id, status=PaymentStatus.UNPAID)
    total: Decimal = unpaid.exclude(order__status__in=[Status.CANCELLED, Status.AWAITING_PAYMENT]).aggregate(
        due=Sum("amount", default=NOTHING)
    )["due"]
    return total


def stock_to_watch(*, store_ids: Sequence[int]) -> QuerySet[StockItem]:
    """What is off sale, has run out, or stands below its threshold (`StockItem.state`), the emptiest first."""
    low = Q(available=0) | Q(available__lt=F("alert_below")) | Q(off_sale_since__isnull=False)
    return (
        StockItem.objects.filter(low, store_id__in=store_ids).select_related("ingredient").order_by("available", "pk")
    )


def reviews_of(*, store_id: int, day: date) -> QuerySet[Review]:
    """What clients said on a day, the worst first."""
    start, stop = day_span(day)
    said = Review.objects.filter(order__store_id=store_id, at__gte=start, at__lt=stop)
    return said.select_related("order").order_by("stars", "-at")
