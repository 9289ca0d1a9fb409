"""What a store sold, or all those that somebody runs: turnover day by day, best sellers, channels."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from pizzeria.accounts.models import User
from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, places_of, refused, staff_page, stopped, to_sign_in
from pizzeria.backoffice.charts import Bar, BarChart, bar_chart
from pizzeria.ordering.sales_selectors import (
    BestSeller,
    ChannelShare,
    Day,
    best_sellers,
    sales_by_channel,
    sales_by_day,
)

DAYS = 30
DAYS_A_LABEL = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """The last thirty days that are over."""

    days: list[Day]
    chart: BarChart
    sellers: list[BestSeller]
    channels: list[ChannelShare]

    @property
    def turnover(self) -> Decimal:
        return sum((day.turnover for day in self.days), Decimal("0.00"))

    @property
    def orders(self) -> int:
        return sum(day.orders for day in self.days)

    @property
    def average(self) -> Decimal:
        return self.turnover / self.orders if self.orders else Decimal("0.00")

    @property
    def bars(self) -> list[tuple[Bar, Day]]:
        return list(zip(self.chart.bars, self.days, strict=True))

    @property
    def labels(self) -> list[date]:
        return [day.day for day in self.days[::DAYS_A_LABEL]]

    @property
    def most_sold(self) -> Decimal:
        return max((seller.quantity for seller in self.sellers), default=Decimal(1))


def report_of(*, store_ids: list[int]) -> Report:
    until = timezone.localdate() - timedelta(days=1)
    days = sales_by_day(store_ids=store_ids, until=until, days=DAYS)
    since = days[0].day
    return Report(
        days=days,
        chart=bar_chart([day.turnover for day in days]),
        sellers=best_sellers(store_ids=store_ids, since=since, until=until),
        channels=sales_by_channel(store_ids=store_ids, since=since, until=until),
    )


@staff_page(Action.SEE_FIGURES)
def sales(request: StaffRequest, place: Place) -> HttpResponse:
    report = report_of(store_ids=[place.store.pk])
    context = {"place": place, "current": "sales", "report": report, "whose": place.store.name}
    return render(request, "backoffice/sales.html", context)


@never_cache
def group_sales(request: StaffRequest) -> HttpResponse:
    """All the stores of which somebody sees the figures, added up."""
    if not isinstance(request.user, User):
        return to_sign_in(request)
    places = places_of(user=request.user)
    stop = stopped(request, user=request.user, roles=[role for place in places for role in place.roles])
    if stop:
        return stop
    watched = [place for place in places if place.may(Action.SEE_FIGURES)]
    if not watched:
        return refused(request, status=403)
    report = report_of(store_ids=[place.store.pk for place in watched])
    return render(request, "backoffice/sales.html", {"place": None, "report": report, "stores": len(watched)})
