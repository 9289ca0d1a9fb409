"""A push service and a browser behind it: takes what is pushed, checks who signed it, and opens what was sealed for it."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

from tests.hooked import Message, Receiver, receiving


def written(number: bytes) -> str:
    return base64.urlsafe_b64encode(number).decode().rstrip("=")


def read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Browser:
    """What a browser keeps of a subscription, and what it tells a site of it."""

    service: Receiver
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes   "

    @property
    def subscription(self) -> dict[str, str]:
        form = serialization.PublicFormat.UncompressedPoint
        point = self.key.public_key().public_bytes(serialization.Encoding.X962, form)
        return {"endpoint": f"{self.service.url}push/1", "p256dh": written(point), "auth": written(self.secret)}

    @property
    def shown(self) -> list[dict[str, Any]]:
        """What it was told, opened."""
        return [json.loads(self._opened(message)) for message in self.service.messages]

    def _opened(self, message: Message) -> bytes:
        assert message.headers["content-encoding"] == "aes128gcm"
        opened: bytes = http_ece.decrypt(message.body, private_key=self.key, auth_secret=self.secret)
        return opened


def signed_by(message: Message, public_key: str) -> dict[str, Any]:
    """What the site claims in its VAPID header (RFC 8292). Raises InvalidSignature when that key has not signed it."""
    scheme, _, parameters = message.headers["authorization"].partition(" ")
    assert scheme == "vapid"
    given = dict(each.strip().split("=", 1) for each in parameters.split(","))
    assert given["k"] == public_key
    head, body, signature = given["t"].split(".")
    numbers = read(signature)
    der = utils.encode_dss_signature(int.from_bytes(numbers[:32], "big"), int.from_bytes(numbers[32:], "big"))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), read(public_key))
    key.verify(der, f"{head}.{body}".encode(), ec.ECDSA(SHA256()))
    claims: dict[str, Any] = json.loads(read(body))
    return claims


@contextmanager
def browsing() -> Iterator[Browser]:
    with receiving() as service:
        yield Browser(service)
