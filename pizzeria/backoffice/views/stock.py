"""The stock of a store (UC 6.2, D2): its live table, what is off sale, and what to order for tomorrow."""

from collections.abc import Callable
from datetime import date, timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.backoffice.live_pages import Context, live_answer
from pizzeria.backoffice.views.kitchen import answer_board, answer_makeable
from pizzeria.languages import localized
from pizzeria.ordering.needing import orders_needing
from pizzeria.stock.changing import put_back_on_sale, take_off_sale
from pizzeria.stock.errors import InvalidQuantity, UnknownStock
from pizzeria.stock.lines import stock_fingerprint, stock_lines
from pizzeria.stock.models import StockItem
from pizzeria.stock.proposals import proposed_order, receive_order

SEARCH_LENGTH = 80


def answer_stock(request: StaffRequest, place: Place) -> HttpResponse:
    words = request.GET.get("q", "")[:SEARCH_LENGTH].strip()

    def read() -> Context:
        lines = stock_lines(store=place.store, at=timezone.now(), words=words)
        loud = [line.item.pk for line in lines if line.item.state in {"off_sale", "out"}]
        needed = orders_needing(store=place.store, item_ids=loud)
        return {
            "words": words,
            "to_watch": [(line, needed.get(line.item.pk, [])) for line in lines if line.is_loud],
            "rest": [(line, ()) for line in lines if not line.is_loud],
        }

    mark = f"{stock_fingerprint(store=place.store)} {words} {timezone.localdate()}"
    return live_answer(request, name="stock", fingerprint=mark, read=read, place=place)


@staff_page(Action.SEE_STOCK)
def stock(request: StaffRequest, place: Place) -> HttpResponse:
    return answer_stock(request, place)


ANSWERS: dict[str, tuple[Action, Callable[[StaffRequest, Place], HttpResponse]]] = {
    "stock": (Action.SEE_STOCK, answer_stock),
    "board": (Action.SEE_BOARD, answer_board),
    "makeable": (Action.SEE_MAKEABLE, answer_makeable),
}
"""The live pages that have the button, and how each shows itself afterwards."""


@require_POST
@staff_page(Action.TAKE_OFF_SALE)
def off_sale(request: StaffRequest, place: Place, item: int) -> HttpResponse:
    """One tap takes everything that needs this off sale, and says which orders still wait for it."""
    try:
        taken = take_off_sale(store=place.store, item_id=item, acting_user=place.user)
    except UnknownStock as error:
        raise Http404 from error
    needed = orders_needing(store=place.store, item_ids=[taken.pk]).get(taken.pk, [])
    name = localized(taken.ingredient, "name")
    messages.success(request, _("Plus de %(name)s : ce qui en demande n’est plus en vente.") % {"name": name})
    if needed:
        words = ngettext(
            "%(count)s commande en attente en a besoin : %(numbers)s.",
            "%(count)s commandes en attente en ont besoin : %(numbers)s.",
            len(needed),
        )
        messages.warning(request, words % {"count": len(needed), "numbers": ", ".join(needed)})
    return _shown_again(request, place, taken)


@require_POST
@staff_page(Action.TAKE_OFF_SALE)
def on_sale(request: StaffRequest, place: Place, item: int) -> HttpResponse:
    try:
        back = put_back_on_sale(store=place.store, item_id=item)
    except UnknownStock as error:
        raise Http404 from error
    words = _("« %(name)s » est de retour : ce qui en demande est de nouveau en vente.")
    messages.success(request, words % {"name": localized(back.ingredient, "name")})
    return _shown_again(request, place, back)


def _shown_again(request: StaffRequest, place: Place, item: StockItem) -> HttpResponse:
    """The page whose button it was, as it is now; the ingredient's own page is a page of its own."""
    asked = request.POST.get("page", "")
    action, answer = ANSWERS.get(asked, (None, None))
    if action and answer and place.may(action):
        return answer(request, place) if request.htmx else redirect(f"backoffice:{asked}", place.store.slug)
    if place.may(Action.SEE_STOCK):
        return redirect("backoffice:stock_item", place.store.slug, item.pk)
    return redirect("backoffice:home")


@staff_page(Action.SEE_STOCK)
def stock_order(request: StaffRequest, place: Place) -> HttpResponse:
    """Tomorrow's list and, while some of it has yet to come, today's."""
    today = timezone.localdate()
    lists = [(day, list(proposed_order(store=place.store, for_day=day))) for day in (today, today + timedelta(days=1))]
    context = {
        "place": place,
        "current": "stock_order",
        "lists": [(day, found, [each for each in found if not each.received_at]) for day, found in lists if found],
    }
    return render(request, "backoffice/stock_order.html", context)


@require_POST
@staff_page(Action.RECEIVE_STOCK)
def receive(request: StaffRequest, place: Place, day: date) -> HttpResponse:
    try:
        count = receive_order(store=place.store, for_day=day, acting_user=place.user)
    except InvalidQuantity as error:
        messages.warning(request, error.message)
    else:
        if count:
            words = ngettext(
                "Le contenu du stock a été modifié : %(count)s ingrédient ajouté.",
                "Le contenu du stock a été modifié : %(count)s ingrédients ajoutés.",
                count,
            )
            messages.success(request, words % {"count": count})
        else:
            messages.info(request, _("C’est déjà fait : cette commande est dans le stock."))
    return redirect("backoffice:stock_order", place.store.slug)
