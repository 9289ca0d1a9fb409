"""A server of somebody else that is told of orders: takes webhooks over real HTTP(S), checks them, answers as it is told."""

import base64
import hashlib
import hmac
import json
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TOLERANCE = 300
"""Seconds by which a message may be old, as the standard's own libraries have it."""


@dataclass(frozen=True)
class Message:
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    def is_signed_with(self, secret: str, *, at: float | None = None) -> bool:
        """As https://www.standardwebhooks.com has a receiver check it."""
        moment = self.headers["webhook-timestamp"]
        if abs((at or time.time()) - int(moment)) > TOLERANCE:
            return False
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = hmac.new(key, f"{self.id}.{moment}.".encode() + self.body, hashlib.sha256).digest()
        offered = [each.partition(",") for each in self.headers["webhook-signature"].split()]
        wanted = base64.b64encode(signed).decode()
        return any(version == "v1" and hmac.compare_digest(value, wanted) for version, _, value in offered)


@dataclass
class Receiver:
    """What has arrived, in its order. `answers` are given one after the other, then 204."""

    url: str
    messages: list[Message] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    before_answering: Callable[[Message], None] = lambda _message: None
    drips: bool = False
    """Whether it answers a byte at a time, without end."""

    @property
    def moves(self) -> list[tuple[str, str]]:
        """Of which order what arrived tells, and where that went."""
        return [(each.told["data"]["number"], each.told["data"]["to"]) for each in self.messages]


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """A receiver on a port of its own; with a certificate and its key in one file, over TLS."""
    done = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            message = Message(self.path, {name.lower(): value for name, value in self.headers.items()}, body)
            receiver.messages.append(message)
            receiver.before_answering(message)
            while receiver.drips and not done.wait(0.05):
                self.wfile.write(b"H")
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if status in {301, 302, 307, 308}:
                self.send_header("Location", receiver.url + "elsewhere")
            self.end_headers()

        def log_message(self, *_arguments: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: object) -> None:
            """Whoever hangs up in the middle is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    scheme = "https" if certificate else "http"
    receiver = Receiver(f"{scheme}://127.0.0.1:{server.server_port}/")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield receiver
    finally:
        done.set()
        server.shutdown()
        server.server_close()
        thread.join()


def certificate_for(name: str, folder: Path) -> Path:
    """A certificate that vouches for itself, with its key, for this name."""
    made = folder / f"{name}.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", made, "-out", folder / "public.pem"],
        check=True,
        capture_output=True,
    )  # fmt: skip
    made.write_text(made.read_text() + (folder / "public.pem").read_text())
    return made
