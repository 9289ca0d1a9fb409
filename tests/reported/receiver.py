"""A Sentry of our own: takes real envelopes over HTTP, as Sentry and GlitchTip do, and shows what arrived.

https://develop.sentry.dev/sdk/data-model/envelopes/: a line of JSON for the envelope, then for each item a line of JSON
with its type and length, and its payload.
"""

import gzip
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PLACE = re.compile(r"/api/(\d+)/envelope/")
UNANSWERED_SECONDS = 30
"""How long the library waits for an answer of a Sentry that gives none, for each thing that it sends."""
KEY = "0123456789abcdef0123456789abcdef"
PROJECT = 7


@dataclass(frozen=True)
class Item:
    """One thing that was reported, of type `event`, `check_in` or `transaction`."""

    type: str
    payload: dict[str, Any]


@dataclass
class Receiver:
    """What has arrived, in its order: everything as bytes, and the items that could be read of it."""

    port: int
    raw: list[bytes] = field(default_factory=list)
    items: list[Item] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def dsn(self) -> str:
        return f"http://{KEY}@127.0.0.1:{self.port}/{PROJECT}"

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [item.payload for item in self.items if item.type == kind]

    def wait_for(self, kind: str, count: int = 1, *, seconds: float = 60) -> list[dict[str, Any]]:
        """The first so many of a kind, as soon as they are there."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while len(self.of(kind)) < count:
                left = deadline - time.monotonic()
                assert left > 0, f"{len(self.of(kind))} of {count} {kind} arrived: {self.items} {self.refused}"
                self.changed.wait(left)
        return self.of(kind)

    def take(self, path: str, head: str, body: bytes) -> int:
        place = PLACE.fullmatch(path)
        with self.changed:
            self.raw.append(f"{path}\n{head}\n".encode() + body)
            if not place or int(place[1]) != PROJECT or f"sentry_key={KEY}" not in head:
                self.refused.append(f"{path} {head}")
                return 403
            self.items += read_items(body)
            self.changed.notify_all()
        return 200


def read_items(envelope: bytes) -> Iterator[Item]:
    """The items of an envelope. Raises ValueError for one that is not as the protocol says."""
    _header, _newline, rest = envelope.partition(b"\n")
    while rest.strip():
        line, _newline, rest = rest.partition(b"\n")
        header = json.loads(line)
        length = header.get("length")
        payload, rest = (rest[:length], rest[length:].removeprefix(b"\n")) if length else rest.split(b"\n", 1)
        yield Item(header["type"], json.loads(payload))


@contextmanager
def receiving(*, answers: bool = True) -> Iterator[Receiver]:
    """A receiver on a port of its own; one that does not answer takes connections and keeps silent."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if not answers:
                done.wait()
                return
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                body = gzip.decompress(body)
            status = receiver.take(self.path, self.headers.get("X-Sentry-Auth", ""), body)
            self.send_response(status)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"{}")

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield receiver
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()
