"""One request to an address of others, which is trusted with nothing: not with our time, our memory or our network."""

import http.client
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from pizzeria.outside.addresses import LONGEST_NAMED, AddressRefused, Target, resolved, target_of

SECONDS = 5.0
"""For connecting, and then for everything else together: an answer that comes a byte at a time is cut off too."""
MOST_READ = 1024
"""Bytes of an answer's body that are read, and thrown away."""


class NotSentError(Exception):
    """Nothing came back; `why` is a word of ours (`WORDS`)."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def post(url: str, *, body: bytes, headers: Mapping[str, str]) -> int:
    """Send it, and return the status of the answer, whatever it is: a redirection is not followed. Raises NotSentError."""
    try:
        target = target_of(url, longest=LONGEST_NAMED)
        # Looked up once, and connected to what was looked at: the name may say something else a moment later.
        return _ask(target, resolved(target)[0], body, headers)
    except AddressRefused as error:
        raise NotSentError("address_refused") from error
    except TimeoutError as error:
        raise NotSentError("timeout") from error
    except ssl.SSLError as error:
        raise NotSentError("certificate" if isinstance(error, ssl.SSLCertVerificationError) else "tls") from error
    except socket.gaierror as error:
        raise NotSentError("unknown_name") from error
    except (OSError, http.client.HTTPException) as error:
        raise NotSentError("no_answer") from error


def _ask(target: Target, address: str, body: bytes, headers: Mapping[str, str]) -> int:
    wire = socket.create_connection((address, target.port), timeout=SECONDS)
    if target.scheme == "https":
        context = ssl.create_default_context()
        # Whose certificate it must be is said by the name that was typed.
        wire = context.wrap_socket(wire, server_hostname=target.host, do_handshake_on_connect=False)
    with wire, _at_most(SECONDS, wire):
        if isinstance(wire, ssl.SSLSocket):
            wire.do_handshake()
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.sock = wire
        connection.request("POST", target.path, body, {"Host": target.header, "Connection": "close", **headers})
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return answer.status


@contextmanager
def _at_most(seconds: float, wire: socket.socket) -> Iterator[None]:
    """Cut the connection when the time is over, whatever the other side does meanwhile. Raises TimeoutError then."""
    is_over = threading.Event()

    def cut() -> None:
        is_over.set()
        with suppress(OSError):
            # The plain socket's: an SSLSocket's own would take its state from under whoever reads.
            socket.socket.shutdown(wire, socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, http.client.HTTPException) as error:
        if is_over.is_set():
            raise TimeoutError from error
        raise
    finally:
        timer.cancel()
