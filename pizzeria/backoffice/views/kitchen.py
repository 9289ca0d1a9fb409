"""The pizzaiolo's pages: the board (UC 4.1, 4.5), a line's recipe, what can still be made (UC 4.4)."""

import hashlib

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.catalogue.selectors import products_on_sale
from pizzeria.ordering.needing import orders_needing
from pizzeria.ordering.recipes import LineRecipe, recipe_of
from pizzeria.ordering.selectors import KITCHEN, is_late
from pizzeria.ordering.staff_selectors import fingerprint, kitchen_orders, line_of_order, order_of_store
from pizzeria.stock.lines import stock_fingerprint
from pizzeria.stock.makeable import coming, limit_of, shelves
from pizzeria.stock.models import StockItem
from pizzeria.stock.selectors import makeable_counts, off_sale_items
from pizzeria.stock.services import COUNT_CAP, LAST_ONES


def answer_board(request: StaffRequest, place: Place) -> HttpResponse:
    orders = kitchen_orders(store_id=place.store.pk)

    def read() -> Context:
        now, everything = timezone.now(), list(orders)
        found = [order for order in everything if not order.is_later]
        columns = [(status, [order for order in found if order.status == status]) for status in KITCHEN]
        gone = list(off_sale_items(store=place.store))
        needed = orders_needing(store=place.store, item_ids=[item.pk for item in gone])
        return {
            "off_sale": [(item, needed.get(item.pk, [])) for item in gone],
            "columns": [(status, kept, sum(is_late(order=each, at=now) for each in kept)) for status, kept in columns],
            "later": [order for order in everything if order.is_later],
        }

    # The menu's version changes with what is off sale, and came with the store.
    mark = f"{fingerprint(orders)} {place.store.menu_version}"
    return live_answer(request, name="board", fingerprint=mark, read=read, place=place)


@staff_page(Action.SEE_BOARD)
def board(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_board(request, place)


def _gone(place: Place, recipe: LineRecipe) -> list[StockItem]:
    """The stock lines of what is really on the pizza: what may be missing, to whoever may say so."""
    if not place.may(Action.TAKE_OFF_SALE):
        return []
    stock = shelves(store=place.store)
    return [stock[key] for key in recipe.ingredient_ids if key in stock]


@staff_page(Action.SEE_RECIPES)
def recipe(request: StaffRequest, place: Place, number: str, line: int) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    found = line_of_order(order=order, line_id=line) if order else None
    if order is None or found is None:
        raise Http404
    recipe = recipe_of(line=found, order=order)
    context = {"place": place, "current": "board", "order": order, "recipe": recipe, "gone": _gone(place, recipe)}
    return render(request, f"backoffice/{'_recipe' if request.htmx else 'recipe'}.html", context)


def answer_makeable(request: StaffRequest, place: Place) -> HttpResponse:
    counts = makeable_counts(store=place.store)
    # What limits a count may change where the count does not: off sale, delivered, another recipe.
    told = f"{sorted(counts.items())} {stock_fingerprint(store=place.store)}"
    mark = hashlib.blake2s(told.encode(), digest_size=10).hexdigest()

    def read() -> Context:
        stock = shelves(store=place.store)
        added = coming(store=place.store, stock=stock)
        products = [
            (
                product,
                [
                    (variant, counts.get(variant.pk, 0), limit_of(variant=variant, stock=stock, added=added))
                    for variant in product.variants.all()
                ],
            )
            for product in products_on_sale()
        ]
        # What runs out comes first; the rest stays in the menu's order.
        products.sort(key=lambda item: all(count > LAST_ONES for _, count, _limit in item[1]))
        return {"products": products, "last_ones": LAST_ONES, "most": COUNT_CAP, "is_coming": bool(added)}

    return live_answer(request, name="makeable", fingerprint=mark, read=read, place=place)


@staff_page(Action.SEE_MAKEABLE)
def makeable(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_makeable(request, place)
