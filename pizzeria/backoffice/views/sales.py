"""What a store sold, or all those that somebody runs: turnover and promises day by day, best sellers, channels."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page, wide_page, wide_tabs
from pizzeria.backoffice.charts import Chart
from pizzeria.backoffice.pictures import promises, turnover_by_day
from pizzeria.money import NOTHING
from pizzeria.ordering.punctuality import kept_by_day
from pizzeria.ordering.sales_selectors import (
    BestSeller,
    ChannelShare,
    Day,
    best_sellers,
    sales_by_channel,
    sales_by_day,
)

DAYS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The last thirty days that are over."""

    days: list[Day]
    chart: Chart
    promises: Chart | None
    sellers: list[BestSeller]
    channels: list[ChannelShare]

    @property
    def turnover(self) -> Decimal:
        return sum((day.turnover for day in self.days), NOTHING)

    @property
    def discounts(self) -> Decimal:
        return sum((day.discounts for day in self.days), NOTHING)

    @property
    def gestures(self) -> Decimal:
        return sum((day.gestures for day in self.days), NOTHING)

    @property
    def orders(self) -> int:
        return sum(day.orders for day in self.days)

    @property
    def average(self) -> Decimal:
        return self.turnover / self.orders if self.orders else NOTHING

    @property
    def most_sold(self) -> Decimal:
        return max((seller.quantity for seller in self.sellers), default=Decimal(1))


def report_of(*, store_ids: list[int]) -> Report:
    until = timezone.localdate() - timedelta(days=1)
    days = sales_by_day(store_ids=store_ids, until=until, days=DAYS)
    since = days[0].day
    kept = kept_by_day(store_ids=store_ids, since=since, until=until)
    return Report(
        days=days,
        chart=turnover_by_day(days),
        promises=promises(kept, since=since, until=until) if kept else None,
        sellers=best_sellers(store_ids=store_ids, since=since, until=until),
        channels=sales_by_channel(store_ids=store_ids, since=since, until=until),
    )


@staff_page(Action.SEE_FIGURES)
def sales(request: StaffRequest, place: Place) -> HttpResponse:
    report = report_of(store_ids=[place.store.pk])
    context = {"place": place, "current": "sales", "report": report, "whose": place.store.name}
    return render(request, "backoffice/sales.html", context)


@wide_page(Action.SEE_FIGURES)
def group_sales(request: StaffRequest, places: list[Place]) -> HttpResponse:
    """All the stores of which somebody sees the figures, added up."""
    report = report_of(store_ids=[place.store.pk for place in places])
    context = {"place": None, "current": "sales", "report": report, "stores": len(places)}
    return render(request, "backoffice/sales.html", context | {"wide": wide_tabs(places=places)})
