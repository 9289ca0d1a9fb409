"""An order: placed once, read and cancelled by whoever holds its token."""

import hashlib
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Header, Router, Status

from pizzeria.api.answers import ClientOrderOut, PlacedOut
from pizzeria.api.describe import client_order, placed
from pizzeria.api.operation import WITH_BODY, answers, codes, gettext_lazy, linked
from pizzeria.api.requests import ChangeAsked, OrderAsked
from pizzeria.api.stores import store_or_404
from pizzeria.ordering.cancelling import cancel_as_client
from pizzeria.ordering.changing import change_order as change_it
from pizzeria.ordering.errors import OrderNotFound
from pizzeria.ordering.models import Order, Source
from pizzeria.ordering.placing import place_order_once
from pizzeria.ordering.selectors import order_by_token
from pizzeria.stores.selectors import active_store_lately

router = Router(tags=["orders"])

KEY_SCOPE = "api:"
"""Keys are one space for all clients of the API, and never meet those of the shop's forms."""

IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", pattern=r"^[\x21-\x7e]{8,64}$")]


@router.post(
    "/orders",
    response=answers({200: PlacedOut, 201: PlacedOut}, 404, 409, 429, *WITH_BODY),
    summary=gettext_lazy("Passer une commande"),
    description=gettext_lazy(
        "`Idempotency-Key` est obligatoire : 8 à 64 caractères ASCII visibles, de préférence un UUID, commun à tous les "
        "clients de l’API. La même clé avec le même corps rend la même commande (200) : rejouez sans crainte une requête "
        "restée sans réponse. La même clé avec un autre corps est refusée. `expected_total` est le total, en euros, que "
        "le client a vu : s’il a changé, la commande est refusée et le problème donne le nouveau `total`. De même pour `expected_promise`, l’heure qu’il a vue : plus de "
        "cinq minutes plus tard, le problème donne la nouvelle `promised_at`. `wanted_at` est le début d’un créneau ; complet, le problème en "
        "propose d’autres (`alternatives`). Payée `online`, là "
        "où c’est proposé, elle attend jusqu’à `payment.payable_until` que le client paie à l’adresse `payment.pay_url`."
    ),
    openapi_extra=linked(201, "token", "token", ("read_order", "change_order", "cancel_order"), codes(
        "store_not_found", "empty_cart", "invalid_line", "invalid_choice", "invalid_contact", "store_closed", "not_deliverable",
        "below_minimum", "total_changed", "slot_full", "kitchen_paused", "promise_changed", "out_of_stock", "idempotency_conflict",
        "invalid_request", "malformed_body", "body_too_large", "wrong_media_type", "too_many_attempts",
        headers={status: {"Location": "Where the order is read."} for status in (200, 201)}
        | {429: {"Retry-After": "In how many seconds it may be tried again."}},
    )),
)  # fmt: skip
def place_order(
    request: HttpRequest, response: HttpResponse, order: OrderAsked, key: IdempotencyKey
) -> Status[PlacedOut]:
    made, is_new = place_order_once(
        key=KEY_SCOPE + key,
        digest=digest_of(order),
        store=active_store_lately(slug=order.store) or store_or_404(order.store),
        lines=[line.request() for line in order.lines],
        contact=order.contact.contact(order.comment),
        fulfilment=order.fulfilment,
        payment_method=order.payment_method,
        expected_total=Decimal(order.expected_total),
        change_for=Decimal(order.change_for) if order.change_for else None,
        wanted_at=_moment(order.wanted_at),
        expected_promise=_moment(order.expected_promise),
        source=Source.API,
        code=order.code,
    )
    response["Location"] = f"{_orders_address()}/{made.token}"
    response["Cache-Control"] = "no-store"
    return Status(201 if is_new else 200, placed(made))


@router.get(
    "/orders/{slug:token}",
    response=answers({200: ClientOrderOut}, 404),
    summary=gettext_lazy("Une commande et son histoire"),
    description=gettext_lazy("Par le `token` reçu en la passant. Son numéro ne suffit jamais."),
    openapi_extra=codes("order_not_found"),
)
def read_order(request: HttpRequest, response: HttpResponse, token: str) -> ClientOrderOut:
    response["Cache-Control"] = "no-store"
    return client_order(order_or_404(token))


@router.put(
    "/orders/{slug:token}",
    response=answers({200: ClientOrderOut}, 404, 409, 429, *WITH_BODY),
    summary=gettext_lazy("Modifier une commande"),
    description=gettext_lazy(
        "Possible jusqu’au début de la préparation (`changeable`). Le corps dit toute la commande, telle qu’elle doit être. "
        "`version` est celle de la commande lue : si quelqu’un l’a modifiée depuis, rien n’est changé et le problème donne la "
        "`version` d’aujourd’hui, et ce que disent `standing` et `asked`. Ce qui reste garde le prix auquel il a été vendu. "
        "Payée et plus chère, la différence est due par `pay_by` ; moins chère, elle est rendue. Une requête répétée ne change rien. "
        "Sans `wanted_at`, la commande garde son heure ; `null` la demande au plus tôt. `expected_promise` est l’heure que le client "
        "a vue : plus de cinq minutes plus tard, le problème donne la nouvelle `promised_at`."
    ),
    openapi_extra=codes(
        "order_not_found", "empty_cart", "invalid_line", "invalid_choice", "invalid_contact", "no_pizza_left",
        "not_deliverable", "below_minimum", "total_changed", "out_of_stock", "order_changed", "transition_refused",
        "slot_full", "kitchen_paused", "store_closed", "promise_changed",
        "invalid_request", "malformed_body", "body_too_large", "wrong_media_type", "too_many_attempts",
        headers={429: {"Retry-After": "In how many seconds it may be tried again."}},
    ),
)  # fmt: skip
def change_order(request: HttpRequest, response: HttpResponse, token: str, change: ChangeAsked) -> ClientOrderOut:
    order = order_or_404(token)
    # What is not told of the hour stands: "as soon as possible" would give a slot away that nobody spoke of.
    tells_hour = "wanted_at" in change.model_fields_set
    change_it(
        order=order,
        version=change.version,
        lines=[line.request() for line in change.lines],
        contact=change.contact.contact(change.comment),
        fulfilment=change.fulfilment,
        expected_total=Decimal(change.expected_total),
        change_for=Decimal(change.change_for) if change.change_for else None,
        wanted_at=_moment(change.wanted_at) if tells_hour else order.wanted_at,
        expected_promise=_moment(change.expected_promise),
        pay_by=change.pay_by,
        code=change.code,
    )
    response["Cache-Control"] = "no-store"
    return client_order(order_or_404(token))


@router.post(
    "/orders/{slug:token}/cancel",
    response=answers({200: ClientOrderOut}, 404, 409),
    summary=gettext_lazy("Annuler une commande"),
    description=gettext_lazy("Possible jusqu’au début de la préparation. Sans corps."),
    openapi_extra=codes("order_not_found", "transition_refused", "not_payable"),
)
def cancel_order(request: HttpRequest, response: HttpResponse, token: str) -> ClientOrderOut:
    cancel_as_client(order=order_or_404(token))
    response["Cache-Control"] = "no-store"
    return client_order(order_or_404(token))


def order_or_404(token: str) -> Order:
    """The order that this token opens. Raises OrderNotFound."""
    order = order_by_token(token=token)
    if order is None:
        raise OrderNotFound(_("Commande introuvable"))
    return order


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


@cache
def _orders_address() -> str:
    """Asked for once: working out an order's whole address anew took longer than what the answer says of it."""
    return reverse("api:place_order")


def digest_of(order: OrderAsked) -> str:
    """The same for two bodies that ask for the same: neither spaces, nor the order of members, nor defaults count."""
    return hashlib.sha256(order.model_dump_json().encode()).hexdigest()
