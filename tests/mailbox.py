"""A mail server that the site writes to, and what arrives there."""

import queue
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.running import free_port

PATIENCE = 20.0
"""Seconds in which a mail arrives: its job begins at once, unless the machine is busy."""


@dataclass
class Mailbox:
    """Everybody's letters, in the order in which they came."""

    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    arrived: "queue.Queue[EmailMessage]" = field(default_factory=queue.Queue)

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        assert isinstance(envelope.content, bytes)
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.arrived.put(letter)
        return "250 OK"

    def letter_to(self, address: str) -> EmailMessage:
        """The next letter to this address; those to others that came before it are put away. Raises queue.Empty."""
        while True:
            letter = self.arrived.get(timeout=PATIENCE)
            if letter["To"] == address:
                return letter


def text_of(letter: EmailMessage) -> str:
    part = letter.get_body(("plain",))
    assert part
    return str(part.get_content())


def link_of(letter: EmailMessage) -> str:
    """The address that the letter's button leads to, which its plain text has too."""
    html = letter.get_body(("html",))
    assert html
    found = re.search(r'<a href="(http[^"]+)"', str(html.get_content()))
    assert found
    assert found.group(1) in text_of(letter)
    return found.group(1)


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    box = Mailbox()
    controller = Controller(box, hostname=box.host, port=box.port)
    controller.start()
    yield box
    controller.stop()
