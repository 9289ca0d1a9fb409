"""A deployed server whose site is watched, and who is told: a real mail server, outside."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler

from tests.server.commands import until
from tests.server.deploying import HOME, MAIL_NAME, MAIL_PORT, PROJECT, Site, deployed_image
from tests.server.images import Image
from tests.server.machine import Rack, Server

INSTALL = f"{PROJECT}/SUPERVISION_ENGINE/install.sh"
WATCHDOG = f"{HOME}/OC_PIZZA/SUPERVISION_ENGINE/watchdog.sh"
WATCH_LOG = "/var/log/oc-pizza/supervision_logs/watchdog.log"
WATCH = "oc-pizza-supervision.service"
SERVICES = ("postgresql", "gunicorn", "live", "worker", "nginx")
EDGAR = "edgar@ocpizza.fr"


class Mailbox(MessageHandler):
    """What Edgar is told of one matter: the demo's kitchens take no orders, of which he hears as well."""

    def __init__(self, about: str) -> None:
        super().__init__()
        self.about = about
        self.mails: list[Message] = []

    def handle_message(self, message: Message) -> None:
        if _text(message).rstrip().rpartition("\n")[2].startswith(self.about):
            self.mails.append(message)

    def told(self, service: str = "") -> list[tuple[str, str]]:
        """ALERTE or FIN and the subject, of all or of one service."""
        subjects = [str(mail["Subject"]).removeprefix("[OC Pizza] ").partition(" : ") for mail in self.decoded()]
        return [(kind, subject) for kind, _colon, subject in subjects if subject.startswith(service)]

    def decoded(self) -> list[dict[str, str]]:
        from email.header import decode_header, make_header  # noqa: PLC0415

        return [{"Subject": str(make_header(decode_header(mail["Subject"]))), "To": mail["To"]} for mail in self.mails]

    def text(self, number: int) -> str:
        return _text(self.mails[number])


def _text(message: Message) -> str:
    payload = message.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def watched_image(rack: Rack, suite: str) -> Image:
    """The deployed server with the watch, as its operator installs it: made once a run."""

    def prepare(server: Server) -> None:
        server.run(f"echo ALERT_EMAILS={EDGAR} >>{HOME}/OC_PIZZA_shared/environment")
        server.run(INSTALL, timeout=120)

    return rack.made_once("watched", suite, prepare, on=deployed_image(rack, suite))


@contextmanager
def watched_server(rack: Rack, suite: str, *, about: str = "service:") -> Iterator[tuple[Server, Mailbox]]:
    """The server, and the mails whose alert's key begins with `about`."""
    with rack.server(watched_image(rack, suite)) as server:
        server.run(f"echo '{server.host_address} {MAIL_NAME}' >>/etc/hosts")
        until(Site(server).is_ready, "the site is not ready", timeout=60)
        wait_for(server, dict.fromkeys(SERVICES, "running"))
        mailbox = Mailbox(about)
        controller = Controller(mailbox, hostname=server.host_address, port=MAIL_PORT)
        controller.start()
        try:
            yield server, mailbox
        finally:
            controller.stop()


def seen(server: Server, service: str) -> dict[str, Any]:
    """What the watch of this service says; empty before it has said anything."""
    told = server.run(f"cat /run/oc-pizza-watch/{service}.json", check=False).stdout
    found: dict[str, Any] = json.loads(told) if told else {}
    return found


def states(server: Server) -> dict[str, str]:
    told = server.run(f"grep -h . /run/oc-pizza-watch/{{{','.join(SERVICES)}}}.json", check=False).stdout
    shown = {each["service"]: each["state"] for each in map(json.loads, told.splitlines())}
    return {service: shown.get(service, "") for service in SERVICES}


def wait_for(server: Server, wanted: dict[str, str], *, timeout: float = 90) -> None:
    """Wait until these services are in these states; otherwise tell what the watch has done meanwhile."""
    try:
        until(lambda: wanted.items() <= states(server).items(), f"not {wanted}", timeout=timeout)
    except TimeoutError as error:
        raise AssertionError(f"{error}: {states(server)}\n{server.read(WATCH_LOG)}") from error


def main_pids(server: Server) -> dict[str, int]:
    """The main process of each service."""
    units = {service: seen(server, service)["unit"] for service in SERVICES}
    return {
        service: int(server.run(f"systemctl show -p MainPID --value {unit}").stdout) for service, unit in units.items()
    }
