"""The receipt of one payment, for a printer of 80 mm behind the counter."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.ordering.receipts import receipt_of, received_payment
from pizzeria.ordering.staff_selectors import order_of_store


@staff_page(Action.SEE_RECEIPTS)
def receipt(request: StaffRequest, place: Place, number: str, payment: int) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    found = received_payment(order=order, pk=payment) if order else None
    if found is None:
        raise Http404
    context = {"place": place, "current": "order", "order": order, "receipt": receipt_of(payment=found)}
    return render(request, "backoffice/receipt.html", context)
