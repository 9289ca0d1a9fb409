"""Asking nginx as a client would, with what a browser does not let one choose: the address one comes from, the name asked for."""

import http.client
import json
import socket
import ssl
from dataclasses import dataclass
from email.message import Message
from typing import Any

from local.nginx import Front

HERE = "127.0.0.1"
"""Not limited; everything from 127.0.0.2 on is a visitor."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def cache(self) -> str | None:
        return self.headers["X-Cache"]


class _Secure(http.client.HTTPSConnection):
    """To 127.0.0.1, whatever the name: several names lead to the same server."""

    def connect(self) -> None:
        plain = socket.create_connection((HERE, self.port), self.timeout, self.source_address)  # type: ignore[attr-defined]
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host)  # type: ignore[attr-defined]


def connect(front: Front, *, source: str = HERE, name: str = "localhost") -> http.client.HTTPConnection:
    context = ssl.create_default_context(cafile=str(front.certificate))
    return _Secure(name, front.tls_port, timeout=60, source_address=(source, 0), context=context)


def ask(
    front: Front,
    path: str,
    method: str = "GET",
    *,
    body: bytes | None = None,
    source: str = HERE,
    name: str = "localhost",
    **headers: str,
) -> Answer:
    """One request over TLS; `accept_encoding=…` is the header Accept-Encoding."""
    return _told(connect(front, source=source, name=name), path, method, body, headers)


def ask_plainly(front: Front, path: str, method: str = "GET", *, name: str = "localhost", **headers: str) -> Answer:
    """One request without TLS."""
    connection = http.client.HTTPConnection(HERE, front.port, timeout=60)
    return _told(connection, path, method, None, {"host": name} | headers)


def _told(
    connection: http.client.HTTPConnection, path: str, method: str, body: bytes | None, headers: dict[str, str]
) -> Answer:
    try:
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()
