"""What to order for tomorrow (UC 6.2), as the morning's update proposes it."""

from datetime import date, timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.stock.errors import InvalidQuantity
from pizzeria.stock.proposals import proposed_order, receive_order


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
