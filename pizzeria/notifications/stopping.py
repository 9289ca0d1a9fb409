"""One tap, and nothing more is sent there: the link that does it, and what it does (RFC 8058).

Whoever holds the link needs no account: it is signed, and stops one channel of the address that one order was placed with.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from pizzeria.notifications.models import Channel, Stop, Subscription
from pizzeria.ordering.models import Order

PURPOSE = "pizzeria.notifications.stop"
CODE = re.compile(r"(?P<channel>[msp])(?P<order>[1-9][0-9]{0,17})-(?P<mac>[A-Za-z0-9_-]{22})")
LETTERS = {"m": Channel.MAIL, "s": Channel.SMS, "p": Channel.PUSH}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """What a link stops."""

    channel: Channel
    order: Order


def stop_url(*, order: Order, channel: str) -> str:
    """The address that stops this channel for whom this order was placed with; the same in every message about it."""
    letter = next(letter for letter, each in LETTERS.items() if each == channel)
    return settings.SITE_URL + reverse("shop:stop", args=[f"{letter}{order.pk}-{_mac(letter, order)}"])


def link_of(*, code: str) -> Link | None:
    """What a code of such an address stops; None for one that we did not write, or whose order is nobody's any more."""
    found = CODE.fullmatch(code)
    order = Order.objects.select_related("store").filter(pk=int(found["order"])).first() if found else None
    if found is None or order is None or not constant_time_compare(found["mac"], _mac(found["channel"], order)):
        return None
    channel = LETTERS[found["channel"]]
    if order.anonymised_at or (channel != Channel.PUSH and not address_of(order=order, channel=channel)):
        # Whose it was has gone with their account: there is nothing to be stopped, and nobody is told that something was.
        return None
    return Link(channel=channel, order=order)


@transaction.atomic
def stop(*, order: Order, channel: str) -> None:
    """Send nothing more by this channel to where this order's client is reached. Again and again: the same."""
    if channel == Channel.PUSH:
        subscriptions_of(order=order).delete()
    elif address := address_of(order=order, channel=channel):
        Stop.objects.get_or_create(channel=channel, digest=_digest(channel, address))


@transaction.atomic
def resume(*, order: Order, channel: str) -> None:
    """Send there again. A browser that was told by push has to ask for it itself."""
    if address := address_of(order=order, channel=channel):
        Stop.objects.filter(channel=channel, digest=_digest(channel, address)).delete()


def is_stopped(*, order: Order, channel: str) -> bool:
    """Whether who is reached there asked for no more."""
    address = address_of(order=order, channel=channel)
    return bool(address) and is_address_stopped(channel=channel, address=address)


def is_address_stopped(*, channel: str, address: str) -> bool:
    return Stop.objects.filter(channel=channel, digest=_digest(channel, address)).exists()


@transaction.atomic
def resume_address(*, channel: str, address: str) -> None:
    """Send there again: asked by whoever has the account of this address."""
    Stop.objects.filter(channel=channel, digest=_digest(channel, address)).delete()


def address_of(*, order: Order, channel: str) -> str:
    """Where the client of an order is reached; empty where they are not."""
    return {Channel.MAIL: order.email, Channel.SMS: order.phone}.get(Channel(channel), "")


def subscriptions_of(*, order: Order) -> QuerySet[Subscription]:
    """The browsers that are told of this order: those that asked for it, and those of its account."""
    asked = Q(order=order)
    return Subscription.objects.filter(asked | Q(customer=order.customer_id) if order.customer_id else asked)


def sealed(digest: str) -> str:
    """What is kept of an address's digest: without the key nobody finds a telephone's number by trying them all."""
    return hmac.new(settings.SILENCE_KEY.encode(), digest.encode(), hashlib.sha256).hexdigest()


def _mac(letter: str, order: Order) -> str:
    # The token is in it: a database that was restored gives the same keys again, to other orders.
    made = salted_hmac(PURPOSE, f"{letter}:{order.pk}:{order.token}", algorithm="sha256").digest()[:16]
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


def _digest(channel: str, address: str) -> str:
    same = re.sub(r"[^0-9]", "", address)[-9:] if channel == Channel.SMS else address.strip().lower()
    return sealed(hashlib.sha256(f"{channel}:{same}".encode("utf-8", "replace")).hexdigest())
