"""What stands behind nginx where the test asks what nginx passes on: it answers with the request that it got."""

import contextlib
import json
import shutil
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from local.nginx import Front, running
from tests.fronted import front_in
from tests.running import new_data_folder


@dataclass(frozen=True, slots=True)
class Echo:
    """The request line's address, and the headers, their names in small letters."""

    path: str
    headers: dict[str, str]


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        heard = Echo(self.path, {name.lower(): value for name, value in self.headers.items()})
        body = json.dumps(asdict(heard)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_words: object) -> None:
        """Say nothing: a Unix socket has no address to name."""


@contextlib.contextmanager
def echo(socket: Path) -> Iterator[None]:
    with socketserver.ThreadingUnixStreamServer(str(socket), _Handler) as server:
        socket.chmod(0o777)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def telling(tls: str, *, in_front: str = "") -> Iterator[Front]:
    """A front before something that answers with the request that it was passed."""
    folder = new_data_folder()
    front = front_in(folder, tls=tls)
    (front.folder / "oc_pizza").mkdir(parents=True)
    (front.folder / "oc_pizza" / "in_front.conf").write_text(in_front)
    with echo(front.pages), echo(front.live), running(front):
        yield front
    shutil.rmtree(folder)
