"""A mail server that may hold, refuse or lose what it is given, and counts what it has taken."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.running import free_port


@dataclass
class Post:
    """`at` is called with the name of each point that a mail reaches: `connect`, `rcpt`, `data`, `taken`, `answered`."""

    host: str = "127.0.0.1"
    port: int = field(default_factory=free_port)
    letters: list[EmailMessage] = field(default_factory=list)
    connections: int = 0
    answers: list[str] = field(default_factory=list)
    """For the next mails, in their order; then all are taken."""
    refuses: str = ""
    """Whom it does not let in: who signs in (`login`), or whoever the mails are from (`sender`)."""
    at: Callable[[str], None] = lambda _point: None

    async def reach(self, point: str) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.at, point)

    def lets_in(self, *_who: object) -> AuthResult:
        return AuthResult(success=self.refuses != "login", handled=False)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd’s name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refuses == "sender":
            return "553 not from here"
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd’s name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        await self.reach("rcpt")
        if address.startswith("nobody@"):
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.answers.pop(0) if self.answers else "250 OK"
        if answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            letter = message_from_bytes(envelope.content, policy=policy.default)
            assert isinstance(letter, EmailMessage)
            self.letters.append(letter)
        await self.reach("taken")
        return answer

    @property
    def counted(self) -> Counter[str]:
        """How often each mail was taken, by what makes it that mail."""
        return Counter(str(letter["Message-ID"]) for letter in self.letters)


class _Server(SMTP):
    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802
        await self.event_handler.reach("data")
        await super().smtp_DATA(arg)
        await self.event_handler.reach("answered")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.connections += 1
        super().connection_made(transport)


class _Controller(Controller):
    def factory(self) -> SMTP:
        return _Server(self.handler, **self.SMTP_kwargs)


@contextmanager
def posting() -> Iterator[Post]:
    post = Post()
    controller = _Controller(
        post, hostname=post.host, port=post.port, authenticator=post.lets_in, auth_require_tls=False
    )
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


class Held:
    """Something that happens once, at the n-th time that a point is reached, while the server waits."""

    def __init__(self, point: str, number: int, then: Callable[[], None]) -> None:
        self._point, self._left, self._then, self._turn = point, number, then, threading.Lock()

    def __call__(self, point: str) -> None:
        with self._turn:
            self._left -= point == self._point
            is_now = self._left == 0 and point == self._point
        if is_now:
            self._then()
