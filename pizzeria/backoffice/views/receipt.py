"""The receipt of one payment and the récapitulatif of the order, for the printers behind the counter."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from pizzeria.accounts.permissions import Action
from pizzeria.backoffice.access import Place, StaffRequest, staff_page
from pizzeria.ordering.models import Order, RecapDelivery
from pizzeria.ordering.papers import Paper, recap_pdf
from pizzeria.ordering.recap import note_delivered
from pizzeria.ordering.receipts import receipt_of, received_payment
from pizzeria.ordering.staff_selectors import order_of_store
from pizzeria.pdf import shown


@staff_page(Action.SEE_RECEIPTS)
def receipt(request: StaffRequest, place: Place, number: str, payment: int) -> HttpResponse:
    order = order_of_store(store_id=place.store.pk, number=number)
    found = received_payment(order=order, pk=payment) if order else None
    if found is None:
        raise Http404
    context = {"place": place, "current": "order", "order": order, "receipt": receipt_of(payment=found)}
    return render(request, "backoffice/receipt.html", context)


@staff_page(Action.SEE_RECEIPTS)
def recap(_request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """The sheet, for the house to look at: its client has their own way to it."""
    order = _order(place, number)
    return shown(recap_pdf(order=order, paper=Paper.A4), name=order.number)


@staff_page(Action.SEE_RECEIPTS)
def ticket(request: StaffRequest, place: Place, number: str) -> HttpResponse:
    """The ticket that goes into the box, or is handed over."""
    order = _order(place, number)
    response = shown(recap_pdf(order=order, paper=Paper.TICKET), name=order.number)
    if request.method == "GET":
        note_delivered(order=order, medium=RecapDelivery.Medium.TICKET)
    return response


def _order(place: Place, number: str) -> Order:
    order = order_of_store(store_id=place.store.pk, number=number)
    if order is None:
        raise Http404
    return order
