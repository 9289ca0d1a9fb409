"""The daily sales facts that charts read, computed from the orders."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from pizzeria.ordering.models import DaySales, Order
from pizzeria.stores.models import Store

ALWAYS_ANEW = timedelta(days=35)
"""The days before today that are computed again each time: nothing changes in an order after that."""

LOCK = "SELECT pg_advisory_xact_lock(hashtext('ordering.sales'), %(store)s)"

# The head of both statements. Cancelled orders sold nothing, one that waits for its payment has not sold yet. A gesture is
# less turnover of the day of its order, as the journal corrects that order's sale; what a change gave back is in its total.
SOLD = """
WITH sold AS (
    SELECT id, store_id, (placed_at AT TIME ZONE 'Europe/Paris')::date AS day,
           CASE WHEN taken_by_id IS NULL THEN 'online' ELSE 'counter' END AS channel, total, delivery_fee, discount AS discounts,
           coalesce((
               SELECT sum(refund.amount)
               FROM payments_refund AS refund JOIN payments_payment AS payment ON payment.id = refund.payment_id
               WHERE payment.order_id = ordering_order.id AND refund.reason = 'gesture'
           ), 0) AS gestures
    FROM ordering_order
    WHERE store_id = %(store)s AND placed_at >= %(start)s AND placed_at < %(stop)s
      AND status NOT IN ('cancelled', 'awaiting_payment')
)"""

# Rows are written only where they differ: computing a day again then changes nothing, and says so.
DAYS = """
, fresh AS (
    SELECT store_id, day, channel, count(*) AS orders, sum(total - gestures) AS turnover,
           sum(delivery_fee) AS delivery_fees, sum(discounts) AS discounts, sum(gestures) AS gestures
    FROM sold GROUP BY store_id, day, channel
), gone AS (
    DELETE FROM ordering_daysales AS kept
    WHERE store_id = %(store)s AND day >= %(since)s AND day < %(today)s
      AND NOT EXISTS (SELECT FROM fresh WHERE fresh.day = kept.day AND fresh.channel = kept.channel)
    RETURNING 1
), written AS (
    INSERT INTO ordering_daysales AS kept (store_id, day, channel, orders, turnover, delivery_fees, discounts, gestures)
    SELECT store_id, day, channel, orders, turnover, delivery_fees, discounts, gestures FROM fresh
    ON CONFLICT (store_id, day, channel) DO UPDATE
        SET orders = excluded.orders, turnover = excluded.turnover, delivery_fees = excluded.delivery_fees,
            discounts = excluded.discounts, gestures = excluded.gestures
        WHERE (kept.orders, kept.turnover, kept.delivery_fees, kept.discounts, kept.gestures)
            <> (excluded.orders, excluded.turnover, excluded.delivery_fees, excluded.discounts, excluded.gestures)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""

PRODUCTS = """
, line AS (
    SELECT sold.*, variant_id, second_half_id, quantity,
           line_sold.amount - line_sold.discount AS amount
    FROM sold JOIN ordering_orderline AS line_sold ON order_id = sold.id
), part AS (
    SELECT id, store_id, day, channel, variant_id,
           CASE WHEN second_half_id IS NULL THEN quantity ELSE quantity * 0.5 END AS quantity,
           CASE WHEN second_half_id IS NULL THEN amount ELSE amount - round(amount / 2, 2) END AS amount
    FROM line
    UNION ALL
    SELECT id, store_id, day, channel, second_half_id, quantity * 0.5, round(amount / 2, 2)
    FROM line WHERE second_half_id IS NOT NULL
), fresh AS (
    SELECT store_id, day, channel, product_id, count(DISTINCT part.id) AS orders, sum(amount) AS turnover,
           sum(quantity) AS quantity
    FROM part JOIN catalogue_variant ON catalogue_variant.id = variant_id
    GROUP BY store_id, day, channel, product_id
), gone AS (
    DELETE FROM ordering_productdaysales AS kept
    WHERE store_id = %(store)s AND day >= %(since)s AND day < %(today)s
      AND NOT EXISTS (
          SELECT FROM fresh
          WHERE fresh.day = kept.day AND fresh.channel = kept.channel AND fresh.product_id = kept.product_id
      )
    RETURNING 1
), written AS (
    INSERT INTO ordering_productdaysales AS kept (store_id, day, channel, product_id, orders, turnover, quantity)
    SELECT store_id, day, channel, product_id, orders, turnover, quantity FROM fresh
    ON CONFLICT (store_id, day, channel, product_id) DO UPDATE
        SET orders = excluded.orders, turnover = excluded.turnover, quantity = excluded.quantity
        WHERE (kept.orders, kept.turnover, kept.quantity) <> (excluded.orders, excluded.turnover, excluded.quantity)
    RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM written)
"""


@transaction.atomic
def recompute_sales(*, store: Store, at: datetime) -> int:
    """Compute a store's sales of the days before today anew, those that were never computed included.

    Returns how many rows changed: none the second time.
    """
    today = timezone.localdate(at)
    since = _since(store, today)
    asked: dict[str, Any] = {
        "store": store.pk,
        "since": since,
        "today": today,
        "start": _midnight(since),
        "stop": _midnight(today),
    }
    with connection.cursor() as cursor:
        # Two updates of one store at once take turns.
        cursor.execute(LOCK, asked)
        cursor.execute(SOLD + DAYS, asked)
        [days] = cursor.fetchone()
        cursor.execute(SOLD + PRODUCTS, asked)
        [products] = cursor.fetchone()
    return int(days + products)


def _since(store: Store, today: date) -> date:
    """The first day to compute: weeks ago, or what was missed since the last time, or the store's first order."""
    computed: date | None = DaySales.objects.filter(store=store).aggregate(last=Max("day"))["last"]
    if computed:
        return min(computed, today - ALWAYS_ANEW)
    first = Order.objects.filter(store=store).aggregate(first=Min("placed_at"))["first"]
    return timezone.localdate(first) if first else today - ALWAYS_ANEW


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))
