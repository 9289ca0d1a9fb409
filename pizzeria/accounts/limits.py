"""How often something may be tried: counted in the database, so that all processes and machines count together."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import Attempt
from pizzeria.errors import BusinessError

IPV6 = 6
NETWORK_BITS = 64


class TooManyAttempts(BusinessError):
    """Tried too often; `details["retry_after"]` says in how many seconds it may be tried again."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So many times in a window of time, which begins with the first try."""

    name: str
    most: int
    window: timedelta


def attempt(*, limit: Limit, of: str) -> None:
    """Count one more try of whoever `of` names (an address, an account). Raises TooManyAttempts above the limit.

    One statement, atomic between processes; call it outside of the transaction of what it protects, so that a try that
    is refused there is counted too.
    """
    count, until = _count(key=_key(limit, of), now=timezone.now(), window=limit.window)
    if count > limit.most:
        raise too_many(until=until)


def too_many(*, until: datetime) -> TooManyAttempts:
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    minutes = max(1, round(seconds / 60))
    return TooManyAttempts(
        _("Trop d’essais. Réessayez dans %(minutes)s min.") % {"minutes": minutes}, retry_after=seconds
    )


def forget(*, limits: Sequence[Limit], of: str) -> None:
    """Count from nothing again: what they tried has succeeded."""
    Attempt.objects.filter(key__in=[_key(limit, of) for limit in limits]).delete()


def forget_past_attempts(*, at: datetime) -> int:
    """Delete the counts whose window had ended by then; how many there were."""
    deleted, _by_model = Attempt.objects.filter(until__lt=at).delete()
    return deleted


def visitor(request: HttpRequest) -> str:
    """The address that a request is counted by, IPv6 by network: one visitor owns a whole /64.

    Empty for what is not counted: settings.UNLIMITED_ADDRESSES, and what has no address, because only programs of this
    machine reach the site without nginx naming somebody.
    """
    told: str = request.META.get("REMOTE_ADDR", "")
    if not told:
        return ""
    try:
        address = ip_address(told)
    except ValueError:
        return told
    if isinstance(address, IPv6Address):
        address = address.ipv4_mapped or address
    if any(address in network for network in settings.UNLIMITED_ADDRESSES):
        return ""
    return f"{address}" if address.version != IPV6 else f"{ip_network((address, NETWORK_BITS), strict=False)}"


def _key(limit: Limit, of: str) -> str:
    return hashlib.sha256(f"{limit.name}\0{of}".encode("utf-8", "replace")).hexdigest()


def _count(*, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO accounts_attempt AS known (key, count, until) VALUES (%(key)s, 1, %(end)s)
            ON CONFLICT (key) DO UPDATE SET
                count = CASE WHEN known.until > %(now)s THEN known.count + 1 ELSE 1 END,
                until = CASE WHEN known.until > %(now)s THEN known.until ELSE EXCLUDED.until END
            RETURNING count, until
            """,
            {"key": key, "now": now, "end": now + window},
        )
        count, until = cursor.fetchone()
    return count, until
