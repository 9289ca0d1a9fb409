"""`certificate`: the one that nginx serves, asked of nginx itself: what certbot has renewed may not be what is served."""

import socket
import ssl
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from pizzeria.supervision.alerts.problems import CannotTell, Problem

CERTIFICATE = "certificate"
PATIENCE = 5
"""Seconds for nginx to answer on its own machine."""
VERSION, UTC_TIME = 0xA0, 0x17
LONG = 0x80
FORMATS = {UTC_TIME: "%y%m%d%H%M%SZ", 0x18: "%Y%m%d%H%M%SZ"}

Part = tuple[int, bytes]


def certificate(*, at: datetime, open_keys: Collection[str]) -> Iterator[Problem]:  # noqa: ARG001 - it only counts down
    """Begins so many days before the end as the settings say. That nginx does not answer is the watch's to tell."""
    if not settings.SECURE_SSL_REDIRECT:
        return
    name = settings.ALLOWED_HOSTS[0]
    try:
        end = served_until(address=settings.ALERT_TLS_ADDRESS, name=name)
    except (OSError, ValueError, LookupError) as error:
        raise CannotTell(f"no certificate from nginx: {type(error).__name__}") from error
    left = end - at
    if left < timedelta(days=settings.ALERT_CERTIFICATE_DAYS):
        yield Problem(key=CERTIFICATE, subject=_subject(name, end, left), detail=DETAIL)


DETAIL = "Ensuite, les navigateurs refusent d’ouvrir le site."


def _subject(name: str, end: datetime, left: timedelta) -> str:
    day = timezone.localtime(end).strftime("%d/%m/%Y à %H:%M")
    if left < timedelta(0):
        return f"Le certificat de {name} a expiré le {day}"
    return f"Le certificat de {name} expire dans {left.days} jours, le {day}"


def served_until(*, address: tuple[str, int], name: str) -> datetime:
    """When the certificate ends that is served there for this name.

    Raises OSError, and ValueError or LookupError for what is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    # Only looked at, and on this machine: one that has expired, or is nobody's but ours, has an end too.
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection(address, timeout=PATIENCE) as connection,
        context.wrap_socket(connection, server_hostname=name) as served,
    ):
        return not_after(served.getpeercert(binary_form=True) or b"")


def not_after(der: bytes) -> datetime:
    """The end of an X.509 certificate. The standard library reads one only where it trusts it; see RFC 5280, 4.1.

    Raises ValueError or LookupError for what is none.
    """
    [(_tag, signed), *_rest] = _parts(der)
    fields = _parts(_parts(signed)[0][1])
    # version (may be left out), serialNumber, signature, issuer, validity
    validity = fields[4 if fields[0][0] == VERSION else 3]
    tag, end = _parts(validity[1])[1]
    return datetime.strptime(end.decode("ascii"), FORMATS[tag]).replace(tzinfo=UTC)


def _parts(der: bytes) -> list[Part]:
    """The values that stand one behind the other in this one, each with its tag."""
    found, at = [], 0
    while at < len(der):
        tag, length = der[at], der[at + 1]
        at += 2
        if length & LONG:
            size = length & ~LONG
            length = int.from_bytes(der[at : at + size])
            at += size
        found.append((tag, der[at : at + length]))
        at += length
    return found
