"""What is served, compared with what was asked: the release's files, and the static ones as a client gets them."""

import hashlib
import http.client
import json
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from django.conf import settings
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.utils.translation import gettext as _

from pizzeria.operations.components.placing import Applied

HERE = "127.0.0.1"
OWN_CERTIFICATE = Path("/etc/ssl/oc_pizza/fullchain.pem")
"""The one that a deploy has signed itself: it is no authority's, and known on this server."""
SECONDS = 10
REWRITTEN = frozenset({".css", ".js"})
"""Kinds whose addresses are replaced when they are collected."""


class NotServed(Exception):
    """What a client would not get as it should be; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """Where this machine's clients come in: nginx."""

    host: str
    secure: bool
    port: int
    authorities: list[Path] = field(default_factory=list)

    def get(self, path: str) -> bytes:
        """The body of an answer of 200. Raises NotServed."""
        try:
            with closing(self._connection()) as opened:
                opened.request("GET", path, headers={"Host": self.host, "Accept-Encoding": "identity"})
                answer = opened.getresponse()
                body = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise NotServed(_("%(path)s : %(error)s") % {"path": path, "error": error}) from error
        if answer.status != http.HTTPStatus.OK:
            raise NotServed(_("%(path)s répond %(status)s") % {"path": path, "status": answer.status})
        return body

    def _connection(self) -> http.client.HTTPConnection:
        opened = http.client.HTTPConnection(self.host, self.port, timeout=SECONDS)
        # This machine's nginx, whatever the name's address is; the certificate has to be the name's.
        opened.sock = socket.create_connection((HERE, self.port), SECONDS)
        if self.secure:
            opened.sock = self._trust().wrap_socket(opened.sock, server_hostname=self.host)
        return opened

    def _trust(self) -> ssl.SSLContext:
        trust = ssl.create_default_context()
        # As browsers and curl do; a certificate that openssl has signed itself lacks what RFC 5280 asks of authorities.
        trust.verify_flags &= ~ssl.VERIFY_X509_STRICT
        for file in self.authorities:
            trust.load_verify_locations(file)
        return trust


def front_of_this_site() -> Front:
    secure = bool(settings.SECURE_SSL_REDIRECT)
    own = [OWN_CERTIFICATE] if OWN_CERTIFICATE.is_file() else []
    return Front(host=settings.ALLOWED_HOSTS[0], secure=secure, port=443 if secure else 80, authorities=own)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One thing that was asked for; `problem` is empty where all is well."""

    what: str
    how: str
    problem: str = ""


def compare(asked: Iterable[Applied], *, front: Front, root: Path) -> list[Outcome]:
    """The release that answers, then every component."""
    return [
        _outcome(settings.RELEASE_ID, _("version"), lambda: _check_release(front)),
        *(_compared(component, front, root) for component in asked),
    ]


def _compared(component: Applied, front: Front, root: Path) -> Outcome:
    name = static_name(component)

    def check() -> None:
        _check_file(root / component.path, component.sha256)
        if name:
            _check_static(name, root / component.path, component.sha256, front)

    return _outcome(component.target, _("servi") if name else _("fichier"), check)


def _outcome(what: str, how: str, check: Callable[[], None]) -> Outcome:
    try:
        check()
    except NotServed as error:
        return Outcome(what=what, how=how, problem=str(error))
    return Outcome(what=what, how=how)


def static_name(component: Applied) -> str:
    """What a page calls it in {% static %}: `png/a.png` of city_001/static/png/a.png; empty for what is not static."""
    parts = component.path.parts
    depth = 2 if parts[0] == "pizzeria" else 1
    return "/".join(parts[depth + 1 :]) if parts[depth] == "static" else ""


def _check_release(front: Front) -> None:
    answer = front.get("/readyz")
    try:
        release = json.loads(answer)["release"]
    except (ValueError, TypeError, KeyError) as error:
        raise NotServed(_("/readyz ne dit aucune version")) from error
    if release != settings.RELEASE_ID:
        raise NotServed(_("le site sert la version %(release)s") % {"release": release})


def _check_file(file: Path, sha256: str) -> None:
    try:
        found = hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError as error:
        raise NotServed(_("fichier absent de la version : %(error)s") % {"error": error.strerror}) from error
    if found != sha256:
        raise NotServed(_("le fichier de la version est un autre"))


def _check_static(name: str, source: Path, sha256: str, front: Front) -> None:
    """The application that comes first has this name; what was collected is what the client gets."""
    first = finders.find(name)
    if first is None or Path(first) != source:
        raise NotServed(_("%(other)s est servi à sa place") % {"other": first or _("rien")})
    try:
        address = staticfiles_storage.url(name)
        collected = (Path(settings.STATIC_ROOT) / unquote(address.removeprefix(settings.STATIC_URL))).read_bytes()
        _check_file(Path(settings.STATIC_ROOT) / name, sha256)
    except (OSError, ValueError) as error:
        raise NotServed(_("pas rassemblé : %(error)s") % {"error": error}) from error
    body = front.get(address)
    if body != collected or (source.suffix not in REWRITTEN and hashlib.sha256(body).hexdigest() != sha256):
        raise NotServed(_("%(path)s : les clients reçoivent autre chose") % {"path": address})
