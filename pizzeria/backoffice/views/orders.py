"""Every order of a store, and each one with its whole history (UC 6.1)."""

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.forms import SearchForm
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.ordering.recap import deliveries_of
from pizzeria.ordering.staff_selectors import figures_of, fingerprint, money_mark, order_of_store, search_orders

PAGE_SIZE = 40


@staff_page(Action.SEE_ORDERS)
def orders(request: StaffRequest, place: Place) -> HttpResponse:
    form = SearchForm(request.GET)
    form.is_valid()
    # A filter that says nothing sensible is told beside its field and filters nothing.
    wanted = form.cleaned_data
    found = search_orders(
        store_ids=[place.store.pk],
        words=wanted.get("q", ""),
        status=wanted.get("status", ""),
        day=wanted.get("day"),
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = list(page.object_list)
    filters = request.GET.copy()
    for name in ("page", "v"):
        filters.pop(name, None)

    def read() -> Context:
        figures = figures_of(store_ids=[place.store.pk], at=timezone.now())[place.store.pk]
        shown = figures if place.may(Action.SEE_FIGURES) else None
        return {"form": form, "page": page, "rows": rows, "filters": filters.urlencode(), "figures": shown}

    mark = f"{fingerprint(rows)} {page.paginator.count}"
    return live_answer(request, name="orders", fingerprint=mark, read=read, place=place)


def answer_order(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404

    def read() -> Context:
        return {"order": order, "deliveries": deliveries_of(order=order)}

    mark = f"{fingerprint([order])} {money_mark(order)}"
    return live_answer(request, name="order", fingerprint=mark, read=read, place=place)


@staff_page(Action.SEE_ORDERS)
def order(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    return answer_order(request, place, number)
