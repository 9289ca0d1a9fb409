"""Where we may send what somebody else asks us to: to https, and to addresses that are everybody's.

Whoever runs a shop types a webhook's address, a browser names its push service, and our server goes there: it must not become their way to what only the server
reaches (its own services, the group's network, a cloud's metadata). A name is looked up when it is saved, and again at
each sending, which then connects to the very address that was looked at: what the name says a moment later counts for
nothing.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import validate_host
from django.utils.translation import gettext as _

from pizzeria.errors import BusinessError

LONGEST = 300
LONGEST_NAMED = 2000
"""Those that a program has made up, such as a push service's."""
PORTS = {"https": 443, "http": 80}
FIT_PORTS = frozenset({443, 8443})
"""Where a web server for others listens; what listens elsewhere is often meant for its own network."""
NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
"""IPv6 addresses that a network's gateway turns into the IPv4 one that they end with."""
OBSOLETE = tuple(ipaddress.ip_network(each) for each in ("::/96", "::ffff:0:0:0/96", "192.88.99.0/24"))
"""Other ways to wrap an IPv4 address, and the gateways of one of them: nobody's server is there any more."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class AddressRefused(BusinessError):
    """It is no address that we would send to; `message` says why."""

    code: ClassVar[str] = "address_refused"
    status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """An address as it was typed, in its parts; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def header(self) -> str:
        """What the header `Host` says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def target_of(url: str, *, longest: int = LONGEST) -> Target:
    """Read an address. Raises AddressRefused for one with a password in it, or that is none of the web."""
    if len(url) > longest or not url.isascii() or not url.isprintable() or " " in url or "\\" in url:
        raise AddressRefused(_("Cette adresse n’est pas lisible : %(most)s caractères ASCII au plus, sans espace.")
                             % {"most": longest})  # fmt: skip
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise _unreadable() from error
    if parts.scheme not in PORTS or not parts.hostname or "@" in parts.netloc or parts.fragment or port == 0:
        raise _unreadable()
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(scheme=parts.scheme, host=parts.hostname, port=port or PORTS[parts.scheme], path=path)


def resolved(target: Target) -> list[str]:
    """The IP addresses behind it, all of them fit to be connected to.

    Raises AddressRefused when one of them is not: a name of which one address is ours would be tried until it is that
    one. Raises OSError when the name is unknown.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except UnicodeError as error:
        raise _unreadable() from error
    addresses = list(dict.fromkeys(str(where[0]) for *_kind, where in found))
    for address in addresses:
        _require_fit(target, ipaddress.ip_address(address.partition("%")[0]))
    return addresses


def is_public(address: Address) -> bool:
    """Whether anybody on the Internet would reach the same host there, whatever it is wrapped in."""
    inner = _wrapped(address)
    if inner is not None:
        return is_public(inner)
    is_old = any(address in network for network in OBSOLETE)
    is_old_local = isinstance(address, ipaddress.IPv6Address) and address.is_site_local
    return address.is_global and not (address.is_multicast or is_old or is_old_local)


def _wrapped(address: Address) -> ipaddress.IPv4Address | None:
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if any(address in network for network in NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


def _require_fit(target: Target, address: Address) -> None:
    if settings.WEBHOOK_LOOPBACK and address.is_loopback:
        return
    if target.scheme != "https":
        raise AddressRefused(_("L’adresse commence par « https:// » : ce qui est envoyé ne doit être lu par personne."))
    if target.port not in FIT_PORTS:
        raise AddressRefused(_("Le port est 443 ou 8443."))
    if _is_ours(target.host):
        raise AddressRefused(_("Cette adresse est celle de ce site : il n’a rien à s’apprendre."))
    if not is_public(address):
        raise AddressRefused(_("Cette adresse mène dans un réseau privé : nous n’y envoyons rien."))


def _is_ours(host: str) -> bool:
    return validate_host(host.rstrip("."), [name for name in settings.ALLOWED_HOSTS if name != "*"])


def _unreadable() -> AddressRefused:
    return AddressRefused(_("Indiquez une adresse complète, par exemple https://exemple.fr/commandes."))
