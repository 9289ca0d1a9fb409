"""A store's day on one page: the present one, live, or any that is over."""

import hashlib
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone
from django.utils.formats import date_format

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.forms import DayForm
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.backoffice.pictures import ovens, promises, turnover_by_hour
from pizzeria.days import day_span
from pizzeria.money import NOTHING
from pizzeria.ordering.day import (
    Hour,
    at_work,
    cancellations,
    hours_of,
    now_at,
    ovens_of,
    reviews_of,
    still_due,
    stock_to_watch,
    top_pizzas,
)
from pizzeria.ordering.punctuality import Kept, kept_by_day
from pizzeria.payments.money_selectors import refunds_that_failed, refunds_to_hand_back

DAYS_OF_PROMISES = 14


@staff_page(Action.SEE_DAY)
def day(request: StaffRequest, place: Place) -> HttpResponse:
    form = DayForm(request.GET)
    form.is_valid()
    now = timezone.now()
    today = timezone.localdate(now)
    shown = form.cleaned_data.get("day") or today
    context = _sold(place, shown, now) | _service(place, shown) | (_present(place, now) if shown == today else {})
    context |= {
        "form": form,
        "day": shown,
        "is_today": shown == today,
        "before": shown - timedelta(days=1),
        "after": shown + timedelta(days=1) if shown < today else None,
    }

    def read() -> Context:
        return context

    return live_answer(request, name="day", fingerprint=_mark(context), read=read, place=place)


def _sold(place: Place, shown: date, now: datetime) -> dict[str, object]:
    """Orders and euros, beside what this weekday usually brings until the same hour."""
    store_id = place.store.pk
    hours = hours_of(store_id=store_id, day=shown)
    is_today = shown == timezone.localdate(now)
    until = timezone.localtime(now).hour if is_today else 24
    return {
        "orders": sum(hour.orders for hour in hours),
        "turnover": _sum(hour.turnover for hour in hours),
        "usual": _sum(hour.usual for hour in hours),
        "usual_so_far": _so_far(hours, until, timezone.localtime(now).minute),
        "hours": turnover_by_hour(hours, weekday=date_format(shown, "l")) if hours else None,
        "top": top_pizzas(store_id=store_id, day=shown),
    }


def _service(place: Place, shown: date) -> dict[str, object]:
    store_id = place.store.pk
    since = shown - timedelta(days=DAYS_OF_PROMISES - 1)
    kept = kept_by_day(store_ids=[store_id], since=since, until=shown)
    start, stop = day_span(shown)
    slots = list(ovens_of(store_ids=[store_id], start=start, stop=stop))
    return {
        "kept": kept.get(shown, Kept()),
        "promises": promises(kept, since=since, until=shown) if kept else None,
        "ovens": ovens(slots) if slots else None,
        "cancelled": list(cancellations(store_id=store_id, day=shown)),
        "workers": at_work(store_id=store_id, day=shown),
        "reviews": list(reviews_of(store_id=store_id, day=shown)),
    }


def _present(place: Place, now: datetime) -> dict[str, object]:
    store_id = place.store.pk
    waiting = [*refunds_that_failed(store_id=store_id), *refunds_to_hand_back(store_id=store_id)]
    return {
        "going_on": now_at(store_id=store_id, at=now),
        "due": still_due(store_id=store_id),
        "to_give_back": _sum(refund.amount for refund in waiting),
        "stock": list(stock_to_watch(store_ids=[store_id])),
    }


def _so_far(hours: Iterable[Hour], until: int, minute: int) -> Decimal:
    """What is usual until this minute of the clock: of the hour that runs, as much as has gone by."""
    whole = _sum(hour.usual for hour in hours if hour.hour < until)
    return whole + _sum(hour.usual for hour in hours if hour.hour == until) * minute / 60


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


def _mark(context: dict[str, object]) -> str:
    # What is usual so far grows with every minute, and alone is no news.
    told = {name: value for name, value in context.items() if name not in {"form", "usual_so_far"}}
    return hashlib.blake2s(repr(told).encode(), digest_size=10).hexdigest()
