"""One question over HTTP, on a socket that the caller has chosen; nothing of http.client, which weighs megabytes."""

import socket
from typing import NamedTuple

LARGEST = 65_536
"""Bytes of an answer that are read."""


class Answer(NamedTuple):
    status: int
    body: str


class NoAnswerError(Exception):
    """Nobody answered in time, or not in HTTP."""


def unix_socket(path: str, *, patience: float) -> socket.socket:
    """Connected. Raises OSError."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(patience)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


def ask(connection: socket.socket, request: bytes) -> Answer:
    """Send the request and read to the end. Raises OSError, and NoAnswerError for what is no HTTP."""
    connection.sendall(request)
    received = b""
    while len(received) < LARGEST and (piece := connection.recv(LARGEST)):
        received += piece
    head, _blank, body = received.partition(b"\r\n\r\n")
    words = head.split(b" ", 2)
    if not head.startswith(b"HTTP/1.") or len(words) < 2 or not words[1].isdigit():  # noqa: PLR2004
        raise NoAnswerError("la réponse n’est pas du HTTP")
    return Answer(int(words[1]), body.decode("utf-8", "replace"))


def get(path: str, *, host: str) -> bytes:
    """As nginx asks: HTTP/1.0 has an end, and no connection is kept."""
    return f"GET {path} HTTP/1.0\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nUser-Agent: oc-pizza-watch\r\n\r\n".encode()
