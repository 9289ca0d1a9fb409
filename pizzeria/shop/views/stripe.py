"""What Stripe tells: nothing is believed but a body that it has signed, lately."""

import logging

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from pizzeria.ordering.online import hear
from pizzeria.payments.providers import ForgedEvent, provider

logger = logging.getLogger(__name__)

LARGEST = 256 * 1024
DISPUTE = "charge.dispute.created"


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """200 for what was heard, now or before; Stripe sends again what gets another answer.

    400 for what Stripe has not signed, or too long ago; 503 while our database is away, as everywhere.
    """
    told_by = provider()
    if told_by is None:
        return HttpResponse(status=404)
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        return HttpResponse(status=413)
    try:
        told = told_by.read_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except ForgedEvent as error:
        logger.warning("refused an event: %s", error)
        return HttpResponse(status=400)
    hear(told=told)
    if told.kind == DISPUTE:
        # Answered on Stripe's own pages, by a person.
        logger.warning("a client disputes a payment: %s", told.reference)
    return HttpResponse(status=200)
