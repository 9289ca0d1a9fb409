"""One question to PostgreSQL, in its own protocol: starting psql every few seconds would cost more than the whole watch.

Asked as the account `postgres`, whom PostgreSQL knows by the process's user (`peer`), so there is no password. The
connection lasts as long as the question: the engines rename databases, and nobody may be connected then.
"""

import os
import socket
import struct
from collections.abc import Callable

ADMINISTRATOR = "postgres"
PROTOCOL = 3 << 16
STARTING = {"57P03"}
"""SQLSTATE of a server that starts, recovers or stops: it lives, and will answer."""


class DatabaseSilentError(Exception):
    """Nobody answered in time, or nobody listens."""


class DatabaseRefusesError(Exception):
    """It answered, with an error: the message is PostgreSQL's own, `code` its SQLSTATE."""

    def __init__(self, message: str, code: str) -> None:
        super().__init__(message)
        self.code = code


def ask(sql: str, *, database: str, socket_path: str, patience: float, uid: int | None = None) -> str:
    """The first column of the first row, as text; empty when there is none, or NULL.

    `uid` is the account that PostgreSQL is to see, where this process may become it.

    Raises DatabaseSilentError or DatabaseRefusesError.
    """
    try:
        with _connected(socket_path, patience, uid) as connection, connection.makefile("rb") as reader:
            connection.sendall(_startup(database))
            _until_ready(reader.read)
            connection.sendall(_message(b"Q", sql.encode() + b"\0"))
            value = _until_ready(reader.read)
            connection.sendall(_message(b"X", b""))
            return value
    except (OSError, struct.error) as error:
        raise DatabaseSilentError(str(error) or type(error).__name__) from error


def _connected(path: str, patience: float, uid: int | None) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(patience)
    # Who asks is noted by the kernel at the moment of connecting, and at no other.
    before = os.geteuid()
    os.seteuid(before if uid is None else uid)
    try:
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    finally:
        os.seteuid(before)
    return connection


def _startup(database: str) -> bytes:
    words = "".join(
        f"{word}\0" for word in ("user", ADMINISTRATOR, "database", database, "application_name", "oc-pizza-watch", "")
    ).encode()
    return struct.pack("!ii", 8 + len(words), PROTOCOL) + words


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", 4 + len(body)) + body


def _until_ready(read: Callable[[int], bytes]) -> str:
    """Read what the server says until it waits for a question; the first value of the first row among it."""
    value = ""
    while True:
        kind, length = struct.unpack("!ci", read(5))
        body = read(length - 4)
        if kind == b"E":
            fields = {field[:1]: field[1:].decode("utf-8", "replace") for field in body.split(b"\0") if field}
            raise DatabaseRefusesError(fields.get(b"M", ""), fields.get(b"C", ""))
        if kind == b"R" and body[:4] != b"\0\0\0\0":
            raise DatabaseRefusesError(
                "PostgreSQL demande un mot de passe au compte postgres (pg_hba.conf : peer)", "28000"
            )
        if kind == b"D" and not value:
            value = _first_column(body)
        if kind == b"Z":
            return value


def _first_column(row: bytes) -> str:
    columns, length = struct.unpack("!hi", row[:6])
    return row[6 : 6 + length].decode() if columns and length > 0 else ""
