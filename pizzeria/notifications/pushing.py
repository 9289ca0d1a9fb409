"""Web push (RFC 8030): what leaves is sealed for one browser (RFC 8291), and signed by this site (VAPID, RFC 8292).

A push service is a server that a browser has named to us: where it may be is what `outside.addresses` says of a webhook.
"""

import base64
import binascii
from dataclasses import dataclass
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from pydantic_core import to_json

from pizzeria.accounts.models import User
from pizzeria.errors import BusinessError
from pizzeria.notifications.errors import NotCarriedError, RefusedError
from pizzeria.notifications.models import Notice, Subscription
from pizzeria.notifications.news import words_of
from pizzeria.notifications.smtp import Leaving
from pizzeria.notifications.stopping import stop_url, subscriptions_of
from pizzeria.ordering.models import Order
from pizzeria.outside.addresses import LONGEST_NAMED, AddressRefused, resolved, target_of
from pizzeria.outside.posting import NotSentError, post

LIVES = 1800
"""Seconds that a push service keeps what a telephone that is off does not take: later, it is no news."""
TAKEN = range(200, 300)
GONE = frozenset({401, 403, 404, 410})
"""Nobody is there any more (RFC 8030), or whoever is was asked by another key than ours (RFC 8292): neither mends itself."""
MOST = 10
"""Browsers of one client, or of one order."""
POINT, SECRET = 65, 16
"""Bytes of a browser's public key, and of what it shares with us."""


class SubscriptionRefused(BusinessError):
    """What was sent is no browser that we could push to."""

    code = "subscription_refused"
    status = 422


def is_offered() -> bool:
    """Whether this site has a key to sign with."""
    return bool(settings.VAPID_PRIVATE_KEY)


def public_key() -> str:
    """What a browser is given, to know us by; empty where there is none."""
    if not is_offered():
        return ""
    numbers = (
        _key().public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return _written(numbers)


def new_private_key() -> str:
    """A key for VAPID_PRIVATE_KEY: 32 bytes, as the libraries of all languages write them."""
    return _written(ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value.to_bytes(32, "big"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a browser says of its subscription: where its push service is, its public key, and what it shares with us."""

    endpoint: str
    p256dh: str
    auth: str


def subscribe(*, asked: Asked, order: Order | None = None, customer: User | None = None) -> Subscription:
    """Tell this browser of an order, or of those of an account, from now on. Raises SubscriptionRefused.

    Its address is looked up before anything is written: a name server may take its time, and nobody waits for it with a
    row in hand.
    """
    _require_keys(asked.p256dh, asked.auth)
    try:
        resolved(target_of(asked.endpoint, longest=LONGEST_NAMED))
    except (AddressRefused, OSError) as error:
        raise SubscriptionRefused(_("Ce navigateur n’a pas donné d’adresse où le prévenir.")) from error
    return _keep(asked, order, customer)


@transaction.atomic
def _keep(asked: Asked, order: Order | None, customer: User | None) -> Subscription:
    there = Subscription.objects.filter(endpoint=asked.endpoint)
    if customer:
        # Who signs in on a shared computer, and asks, reads what is told there: whoever did so before them is told no more.
        there.exclude(customer=None).exclude(customer=customer).delete()
    kept, _is_new = Subscription.objects.update_or_create(
        endpoint=asked.endpoint,
        order=order,
        customer=customer,
        defaults={"p256dh": asked.p256dh, "auth": asked.auth},
    )
    same = Subscription.objects.filter(order=order, customer=customer).order_by("-pk")
    Subscription.objects.filter(pk__in=list(same.values_list("pk", flat=True)[MOST:])).delete()
    return kept


class Pusher:
    """Sends to push services."""

    def carry(self, notice: Notice, leaving: Leaving) -> None:
        """Send it to every browser that asked; it arrived when one of them has it.

        Raises NotCarriedError, RefusedError when there is none any more, and what `leaving` raises.
        """
        if not is_offered():
            raise RefusedError("not_offered")
        # One that asked for the order and for its account is told once.
        found = {each.endpoint: each for each in subscriptions_of(order=notice.order).order_by("pk")}
        there = list(reversed(found.values()))[:MOST]
        told = _told(notice)
        with leaving():
            answers = [_push(each, told, topic=f"{notice.order_id}") for each in there]
        if not any(answer == "" for answer in answers):
            left = [answer for answer in answers if answer != "gone"]
            raise NotCarriedError(left[0]) if left else RefusedError("nobody_there")

    def hang_up(self) -> None:
        """Nothing is kept open."""


def _told(notice: Notice) -> bytes:
    words = words_of(notice)
    stop = urlsplit(stop_url(order=notice.order, channel=notice.channel)).path
    # One on a screen for each order: what is newer takes its place, and what would come twice is seen once.
    return to_json(
        {
            "title": words.title,
            "body": words.body,
            "url": words.url,
            "tag": notice.order.number,
            "stop": stop,
            "language": notice.order.language,
        }
    )


def _push(there: Subscription, told: bytes, *, topic: str) -> str:
    """Send it to one browser; why it was not taken, empty when it was. One that is gone is forgotten."""
    from pywebpush import WebPusher  # noqa: PLC0415 - it brings two libraries for HTTP, which only the worker needs

    keys = {"p256dh": there.p256dh, "auth": there.auth}
    sealed = WebPusher({"endpoint": there.endpoint, "keys": keys}).encode(told, "aes128gcm")["body"]
    try:
        status = post(there.endpoint, body=bytes(sealed), headers=_headers(there.endpoint) | {"Topic": topic})
    except NotSentError as error:
        return error.why
    if status in GONE:
        Subscription.objects.filter(endpoint=there.endpoint).delete()
        return "gone"
    return "" if status in TAKEN else f"http_{status}"


def _headers(endpoint: str) -> dict[str, str]:
    from py_vapid import Vapid02  # noqa: PLC0415

    parts = urlsplit(endpoint)
    signer = Vapid02(_key())
    signed = signer.sign({"aud": f"{parts.scheme}://{parts.netloc}", "sub": settings.VAPID_CONTACT})
    return {
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(LIVES),
        "Urgency": "high",
        **signed,
    }


def _key() -> ec.EllipticCurvePrivateKey:
    number = int.from_bytes(_read(settings.VAPID_PRIVATE_KEY), "big")
    return ec.derive_private_key(number, ec.SECP256R1())


def _require_keys(p256dh: str, auth: str) -> None:
    try:
        point, secret = _read(p256dh), _read(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except (ValueError, binascii.Error) as error:
        raise SubscriptionRefused(_("Ce navigateur n’a pas donné de clé lisible.")) from error
    if len(point) != POINT or len(secret) != SECRET:
        raise SubscriptionRefused(_("Ce navigateur n’a pas donné de clé lisible."))


def _read(written: str) -> bytes:
    return base64.b64decode(written + "=" * (-len(written) % 4), altchars=b"-_", validate=True)


def _written(number: bytes) -> str:
    return base64.urlsafe_b64encode(number).decode().rstrip("=")
