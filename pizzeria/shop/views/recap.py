"""The récapitulatif (B2) of whoever holds the order's token: to be read, printed, or kept as PDF."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from pizzeria.ordering.models import Order, RecapDelivery
from pizzeria.ordering.papers import Paper, recap_pdf
from pizzeria.ordering.papers.document import document_of
from pizzeria.ordering.recap import deliveries_of, note_delivered, recap_of
from pizzeria.pdf import shown
from pizzeria.shop.views.order import order_or_404

Medium = RecapDelivery.Medium


@never_cache
@require_safe
def recap(request: HttpRequest, token: str) -> HttpResponse:
    """The same words as the PDF's, and what was delivered before."""
    order = order_or_404(token)
    _delivered(request, order=order, medium=Medium.SCREEN)
    told = recap_of(order=order)
    context = {
        "order": order,
        "store": order.store,
        "recap": told,
        "document": document_of(told),
        "deliveries": deliveries_of(order=order),
    }
    return render(request, "shop/recap.html", context)


@never_cache
@require_safe
def pdf(request: HttpRequest, token: str) -> HttpResponse:
    order = order_or_404(token)
    response = shown(recap_pdf(order=order, paper=Paper.A4), name=order.number)
    _delivered(request, order=order, medium=Medium.PDF)
    return response


@never_cache
@require_safe
def ticket(request: HttpRequest, token: str) -> HttpResponse:
    order = order_or_404(token)
    response = shown(recap_pdf(order=order, paper=Paper.TICKET), name=order.number)
    _delivered(request, order=order, medium=Medium.TICKET)
    return response


def _delivered(request: HttpRequest, *, order: Order, medium: str) -> None:
    """Note it, unless only the headers were asked for."""
    if request.method == "GET":
        note_delivered(order=order, medium=medium)
