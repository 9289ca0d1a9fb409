"""The pizzaiolo's pages: the board (UC 4.1, 4.5), a line's recipe, what can still be made (UC 4.4)."""

import hashlib

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.catalogue.selectors import products_on_sale
from pizzeria.ordering.recipes import recipe_of
from pizzeria.ordering.selectors import KITCHEN, is_late
from pizzeria.ordering.staff_selectors import fingerprint, kitchen_orders, line_of_order, order_of_store
from pizzeria.stock.selectors import makeable_counts
from pizzeria.stock.services import COUNT_CAP, LAST_ONES


def answer_board(request: StaffRequest, place: Place) -> HttpResponse:
    orders = kitchen_orders(store_id=place.store.pk)

    def read() -> Context:
        found, now = list(orders), timezone.now()
        columns = [(status, [order for order in found if order.status == status]) for status in KITCHEN]
        return {
            "columns": [(status, kept, sum(is_late(order=each, at=now) for each in kept)) for status, kept in columns]
        }

    return live_answer(request, name="board", fingerprint=fingerprint(orders), read=read, place=place)


@staff_page(Action.SEE_BOARD)
def board(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_board(request, place)


@staff_page(Action.SEE_RECIPES)
def recipe(request: StaffRequest, place: Place, number: str, line: int) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    found = line_of_order(order=order, line_id=line) if order else None
    if order is None or found is None:
        raise Http404
    context = {"place": place, "current": "board", "order": order, "recipe": recipe_of(line=found)}
    return render(request, f"backoffice/{'_recipe' if request.htmx else 'recipe'}.html", context)


@staff_page(Action.SEE_MAKEABLE)
def makeable(request: StaffRequest, place: Place) -> HttpResponse:
    counts = makeable_counts(store=place.store)
    mark = hashlib.blake2s(repr(sorted(counts.items())).encode(), digest_size=10).hexdigest()

    def read() -> Context:
        products = [
            (product, [(variant, counts.get(variant.pk, 0)) for variant in product.variants.all()])
            for product in products_on_sale()
        ]
        # What runs out comes first; the rest stays in the menu's order.
        products.sort(key=lambda item: all(count > LAST_ONES for _, count in item[1]))
        return {"products": products, "last_ones": LAST_ONES, "most": COUNT_CAP}

    return live_answer(request, name="makeable", fingerprint=mark, read=read, place=place)
