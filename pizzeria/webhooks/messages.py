"""What a webhook says, and how it is signed (Standard Webhooks: standardwebhooks.com).

A message tells that an order moved; whose it is, and where they live, is read from the API by who may.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.crypto import salted_hmac
from pydantic_core import to_json

from pizzeria.ordering.models import OrderEvent
from pizzeria.stores.hours import PARIS
from pizzeria.webhooks.models import Delivery, Endpoint

MOVED = "order.moved"
TRIAL = "trial"
SECRET_PREFIX = "whsec_"  # noqa: S105 - what a secret begins with, so that a scanner knows it
PURPOSE = "pizzeria.webhooks"


def secret_of(endpoint: Endpoint) -> str:
    """What its receiver checks our signatures with: worked out anew from the site's key each time, kept nowhere."""
    return SECRET_PREFIX + base64.b64encode(_key(endpoint)).decode()


def message_id(delivery: Delivery) -> str:
    """The same for every attempt at this event: a receiver that knows it already has it already.

    It says neither how many orders there are nor where. The moment is in it because a database that was restored gives the
    same keys again, to other events.
    """
    event = delivery.event
    kind, key, at = ("event", event.pk, event.at) if event else ("trial", delivery.pk, delivery.made_at)
    named = f"{delivery.endpoint_id}:{kind}:{key}:{at.timestamp()}"
    return f"msg_{salted_hmac(f'{PURPOSE}.id', named, algorithm='sha256').hexdigest()[:32]}"


def body_of(delivery: Delivery) -> bytes:
    """The message: the same bytes at every attempt. `delivery` has its event, order and store."""
    event = delivery.event
    if event is None:
        store = delivery.endpoint.store
        told: Mapping[str, Any] = {"store": store.slug if store else None}
        return to_json({"type": TRIAL, "timestamp": _moment(delivery.made_at), "data": told})
    return to_json({"type": MOVED, "timestamp": _moment(event.at), "data": _moved(event)})


def headers_of(delivery: Delivery, *, body: bytes, at: datetime) -> dict[str, str]:
    """Who it comes from, in the receiver's terms: `at` is signed too, so that an old message cannot be sent again."""
    name, moment = message_id(delivery), str(int(at.timestamp()))
    signed = hmac.digest(_key(delivery.endpoint), f"{name}.{moment}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "User-Agent": "OC-Pizza-Webhooks/1",
        "webhook-id": name,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signed).decode()}",
    }


def _moved(event: OrderEvent) -> dict[str, Any]:
    order = event.order
    return {
        "number": order.number,
        "store": order.store.slug,
        "from": event.from_status or None,
        "to": event.to_status,
        "fulfilment": order.fulfilment,
        "total": f"{order.total:.2f}",
        "placed_at": _moment(order.placed_at),
        "promised_at": _moment(order.promised_at),
        "order": reverse("api:read_staff_order", args=[order.number]),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(PARIS).isoformat(timespec="seconds")


def _key(endpoint: Endpoint) -> bytes:
    return salted_hmac(PURPOSE, endpoint.salt, algorithm="sha256").digest()
