"""Reading the sales facts: what a chart shows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import QuerySet, Sum

from pizzeria.catalogue.models import Product
from pizzeria.ordering.models import Channel, DaySales, ProductDaySales

MOST_BEST_SELLERS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """What a day brought, in orders and euros; `gestures` are off the turnover, `discounts` were never in it."""

    day: date
    orders: int = 0
    turnover: Decimal = Decimal("0.00")
    discounts: Decimal = Decimal("0.00")
    gestures: Decimal = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class BestSeller:
    product: Product
    quantity: Decimal
    turnover: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelShare:
    channel: str
    orders: int
    turnover: Decimal


def sales_by_day(*, store_ids: Collection[int], until: date, days: int) -> list[Day]:
    """The `days` days that end with `until`, oldest first; a day without sales is there too."""
    since = until - timedelta(days=days - 1)
    rows = (
        _between(store_ids, since, until)
        .values("day")
        .annotate(orders=Sum("orders"), turnover=Sum("turnover"), discounts=Sum("discounts"), gestures=Sum("gestures"))
    )
    found = {row["day"]: Day(**row) for row in rows.order_by("day")}
    wanted = (since + timedelta(days=number) for number in range(days))
    return [found.get(day, Day(day=day)) for day in wanted]


def sales_by_channel(*, store_ids: Collection[int], since: date, until: date) -> list[ChannelShare]:
    rows = _between(store_ids, since, until).values("channel").annotate(orders=Sum("orders"), turnover=Sum("turnover"))
    shares = [
        ChannelShare(channel=str(Channel(row["channel"]).label), orders=row["orders"], turnover=row["turnover"])
        for row in rows.order_by("channel")
    ]
    return sorted(shares, key=lambda share: -share.turnover)


def best_sellers(*, store_ids: Collection[int], since: date, until: date) -> list[BestSeller]:
    """What was sold most often in these days, the most first."""
    sold = ProductDaySales.objects.filter(store_id__in=store_ids, day__range=(since, until)).order_by()
    totals = sold.values("product_id").annotate(sold=Sum("quantity"), earned=Sum("turnover"))
    rows = list(totals.order_by("-sold", "-earned", "product_id")[:MOST_BEST_SELLERS])
    products = Product.objects.in_bulk([row["product_id"] for row in rows])
    return [
        BestSeller(product=products[row["product_id"]], quantity=row["sold"], turnover=row["earned"]) for row in rows
    ]


def _between(store_ids: Collection[int], since: date, until: date) -> QuerySet[DaySales]:
    return DaySales.objects.filter(store_id__in=store_ids, day__range=(since, until)).order_by()
