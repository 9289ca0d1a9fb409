"""Every order of a store, or of all those that somebody runs, and each one with its whole history (UC 6.1)."""

from collections.abc import Sequence
from datetime import datetime

from django.http import Http404, HttpResponse
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, Tab, staff_page, wide_page, wide_tabs
from pizzeria.backoffice.chronicles import chronicle_of
from pizzeria.backoffice.forms import SearchForm
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.live.services import MAX_TOPICS, store_topic
from pizzeria.notifications.selectors import notices_mark, notices_of
from pizzeria.ordering.models import Order
from pizzeria.ordering.order_list import MOST_COUNTED, count_of, find_orders, makers_and_drivers, page_of
from pizzeria.ordering.staff_selectors import Figures, figures_of, fingerprint, money_mark, order_of_store, total_of


@staff_page(Action.SEE_ORDERS)
def orders(request: StaffRequest, place: Place) -> HttpResponse:
    return _answer_orders(request, places=[place], place=place, tabs=())


@wide_page(Action.SEE_ORDERS)
def all_orders(request: StaffRequest, places: list[Place]) -> HttpResponse:
    return _answer_orders(request, places=places, place=None, tabs=wide_tabs(places=places))


def _answer_orders(
    request: StaffRequest, *, places: Sequence[Place], place: Place | None, tabs: Sequence[Tab]
) -> HttpResponse:
    form, now = SearchForm(request.GET), timezone.now()
    form.is_valid()
    store_ids = [each.store.pk for each in places]
    found = find_orders(store_ids=store_ids, wanted=form.wanted, at=now)
    page = page_of(found=found, at=now, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    total = count_of(found)
    filters = request.GET.copy()
    for name in ("before", "after", "v"):
        filters.pop(name, None)

    def read() -> Context:
        return {
            "form": form,
            "makers": makers_and_drivers(store_ids=store_ids),
            "page": page,
            "rows": [*page.late, *page.rows],
            "total": min(total, MOST_COUNTED),
            "has_more": total > MOST_COUNTED,
            "filters": filters.urlencode(),
            "figures": _figures(places, now),
            "wide": tabs,
            # One stream carries so many stores; the page of a larger group looks for itself now and then.
            "topics": " ".join(store_topic(store_id) for store_id in store_ids[:MAX_TOPICS]),
        }

    mark = f"{fingerprint(page.late)} {fingerprint(page.rows)} {total}"
    return live_answer(request, name="orders", fingerprint=mark, read=read, place=place)


def _figures(places: Sequence[Place], at: datetime) -> Figures | None:
    """The day so far, of the stores whose figures they may see."""
    store_ids = [place.store.pk for place in places if place.may(Action.SEE_FIGURES)]
    return total_of(figures_of(store_ids=store_ids, at=at).values()) if store_ids else None


def answer_order(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    entries = chronicle_of(order=order)
    notices = notices_of(order=order)

    def read() -> Context:
        told = {"notices": notices}
        return told | {"order": order, "chronicle": entries}

    mark = f"{fingerprint([order])} {money_mark(order)} {_mark(order)} {notices_mark(notices)} {len(entries)}"
    return live_answer(request, name="order", fingerprint=mark, read=read, place=place)


def _mark(order: Order) -> str:
    """What changes without the order's version: its promise."""
    return f"{order.promised_at} {order.ready_at} {order.delivered_at}"


@staff_page(Action.SEE_ORDERS)
def order(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    return answer_order(request, place, number)
