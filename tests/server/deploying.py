"""A deployed server: how an operator brings it about, and how a client and the operator then look at it."""

import http.client
import json
import re
import socket
import ssl
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.server.commands import until
from tests.server.images import Image
from tests.server.machine import Background, Rack, Result, Server
from tests.server.phases import PHASES, phase

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PROJECT = "/root/OC_PIZZA"
CONF = f"{PROJECT}/DEPLOY_ENGINE/deploy.conf"
ENGINE = f"{PROJECT}/DEPLOY_ENGINE/deploy-engine.sh"
LOGS = "/var/log/oc-pizza/deploy_logs"
BEGUN = "/root/begun"
HOME = "/home/ubuntu_user"
DOMAIN = "www.ocpizza.fr"
MAIL_NAME = "smtp.ocpizza.test"
MAIL_PORT = 2525
DEPLOY_SECONDS = 600
NOT_MISSED = "/etc/systemd/system/oc-pizza-.timer.d/tests.conf"
"""Were its hour between an image and the boot of its copy, each job would be caught up with in the middle of a test."""

SETTINGS = {
    "DOMAIN": DOMAIN,
    "TLS": "self-signed",
    "START_WITH": "demo",
    "RESPONSABLE_NAME": "Renata Rossi",
    "RESPONSABLE_EMAIL": "renata@ocpizza.fr",
    "MAIL_HOST": MAIL_NAME,
    "MAIL_PORT": str(MAIL_PORT),
    "MAIL_SECURITY": "none",
    "MAIL_FROM": "OC Pizza <bonjour@ocpizza.fr>",
}
STEPS = ("UBUNTU", "POSTGRESQL DataBase", "VIRTUAL ENVIRONMENT", "DJANGO PROJECT", "GUNICORN", "NGINIX")
EVENTS = (
    "Ubuntu-user-creation", "Packages-installation",
    "Database-creation", "Psql-user-creation", "User-association",
    "Virtual-environment-installation", "Virtual-environment-activation",
    "Project-downloading", "Database-upgrading", "Ressources-access-formatting",
    "Gunicorn-service-file-configuration", "Gunicorn-service-activation",
    "Nginx-service-file-configuration", "Nginx-service-activation",
    "Website-connection",
)  # fmt: skip
STEP_TIME = re.compile(r"^  ✓ (.{26}) .*? (\d+) s$", re.MULTILINE)
LINE = re.compile(r"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3}) : ([\w-]+) > (CORRECT|ERROR.*)")


def copy_project(server: Server, **changed: str) -> None:
    """What an operator does first: copy the project, fill in deploy.conf."""
    server.copy_in(CHECKOUT, PROJECT)
    configure(server, **changed)


def configure(server: Server, **changed: str) -> None:
    """deploy.conf as delivered, filled in, with some settings changed."""
    values = SETTINGS | changed
    delivered = (CHECKOUT / "DEPLOY_ENGINE" / "deploy.conf").read_text().splitlines()
    keys = [line.partition("=")[0] for line in delivered]
    lines = [f"{key}={values[key]}" if key in values else line for key, line in zip(keys, delivered, strict=True)]
    server.write(CONF, "\n".join(lines) + "\n")


def deploy(server: Server, *options: str, check: bool = True) -> Result:
    with phase(f"deploy on {server.name}"):
        return server.run(" ".join((ENGINE, *options)), check=check, timeout=DEPLOY_SECONDS)


def deployed_image(rack: Rack, suite: str) -> Image:
    """A server on which the demo group is deployed: made once a run, however many tests boot it."""

    def prepare(server: Server) -> None:
        copy_project(server)
        with phase(f"first deploy on {server.name}"):
            # A short history: it is what takes the longest, and is not what is proved here.
            told = server.run(f"DEMO_DAYS=1 {ENGINE}", timeout=DEPLOY_SECONDS).stdout
        server.write(NOT_MISSED, "[Timer]\nPersistent=false\n")
        for step, seconds in STEP_TIME.findall(told):
            PHASES.append((f"first deploy on {suite}, step {step.strip()}", float(seconds)))

    return rack.made_once("deployed", suite, prepare)


@contextmanager
def deployed_server(rack: Rack, suite: str) -> Iterator[Server]:
    """A server of its own for a test, on which the site runs."""
    with rack.server(deployed_image(rack, suite)) as server:
        site = Site(server)
        until(site.is_ready, "the site is not ready", timeout=60)
        yield server


def last_run(server: Server, log: str = LOGS) -> list[tuple[str, str]]:
    """The events of the last run in deploy_logs, or in another engine's, with what became of them."""
    last = server.read(log).rpartition("# Run : ")[2]
    return [(found[2], found[3]) for found in map(LINE.fullmatch, last.splitlines()) if found]


def release_in_service(server: Server) -> str:
    return server.run(f"basename $(readlink {HOME}/OC_PIZZA)").stdout.strip()


def begin_deploy(server: Server, command: str = ENGINE) -> Background:
    """A run of an engine that goes on while the test does something to it."""
    server.run(f"touch {BEGUN}")
    return server.spawn(f"exec {command}")


def wait_for_event(server: Server, event: str, running: Background, *, timeout: float = DEPLOY_SECONDS) -> None:
    """Wait until the run that goes on has begun to change what this event stands for."""
    since, line = server.on_disk(BEGUN).stat().st_mtime_ns, re.compile(f" : {event}$", re.MULTILINE)

    def begun() -> bool:
        if not running.is_running:
            raise AssertionError(f"the engine ended before {event}:\n{running.output()}")
        logs = server.on_disk("/var/log/oc-pizza").rglob("*_2*.log")
        return any(log.stat().st_mtime_ns > since and line.search(log.read_text(errors="replace")) for log in logs)

    # Some of them last for less than half a second.
    until(begun, f"{event} never began", timeout=timeout, every=0.02)


def change_project(server: Server, *, words: str = "another release") -> None:
    """Give the operator's copy a new content, hence a new release."""
    server.run(f"echo {words!r} >>{PROJECT}/CHANGELOG.md")


def change_libraries(server: Server) -> None:
    """A new release that asks for other libraries: its environment is installed, not taken over."""
    server.run(f"echo '# other libraries' >>{PROJECT}/requirements/server.txt")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """The site as a client elsewhere sees it: by its name, over HTTPS, with the certificate checked."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._trust: ssl.SSLContext | None = None

    @property
    def trust(self) -> ssl.SSLContext:
        if self._trust is None:
            self._trust = ssl.create_default_context(cadata=self.server.read("/etc/ssl/oc_pizza/fullchain.pem"))
        return self._trust

    def ask(
        self, path: str = "/", *, method: str = "GET", body: Any = None, timeout: float = 30, **headers: str
    ) -> Answer:
        """One request on a connection of its own; `idempotency_key=` becomes Idempotency-Key."""
        connection = _Connection(self.server.address, self.trust, timeout)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = None
        if body is not None:
            data, named["Content-Type"] = json.dumps(body).encode(), "application/json"
        try:
            connection.request(method, path, data, named)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    @contextmanager
    def watching(self, topic: str) -> Iterator[http.client.HTTPResponse]:
        """A stream of live events that has said hello."""
        connection = _Connection(self.server.address, self.trust, 30)
        try:
            connection.request("GET", f"/live/?topic={topic}")
            stream = connection.getresponse()
            while b"hello" not in stream.read1():
                pass
            yield stream
        finally:
            connection.close()

    def is_ready(self) -> bool:
        try:
            return self.ask("/readyz", timeout=5).status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False

    def order_body(self, store: str = "bastille", pizza: str = "margherita") -> dict[str, Any]:
        """An order that this store takes at any hour, at the price that the site quotes."""
        menu = self.ask(f"/api/v1/stores/{store}/menu").json()
        variant = next(each for each in menu["products"] if each["slug"] == pizza)["variants"][0]["id"]
        asked = {"lines": [{"variant": variant}], "fulfilment": "collection"}
        total = self.ask(f"/api/v1/stores/{store}/quote", method="POST", body=asked).json()["total"]
        contact = {"first_name": "Gaspard", "last_name": "Client", "phone": "0639981234"}
        return asked | {"store": store, "payment_method": "cash", "contact": contact, "expected_total": total}

    def place(self, body: dict[str, Any], *, timeout: float = 30) -> Answer:
        return self.ask("/api/v1/orders", method="POST", body=body, timeout=timeout, idempotency_key=uuid.uuid4().hex)


class _Connection(http.client.HTTPSConnection):
    """To the site's name, at the server's address: no name service knows it."""

    def __init__(self, address: str, trust: ssl.SSLContext, timeout: float) -> None:
        super().__init__(DOMAIN, 443, timeout=timeout, context=trust)
        self._address, self._trust = address, trust

    def connect(self) -> None:
        plain = socket.create_connection((self._address, 443), self.timeout)
        self.sock = self._trust.wrap_socket(plain, server_hostname=DOMAIN)
