"""SMTP with the last dot held back: what a server has not been given to the end, it throws away.

So a mail is a server's from one moment on, that we choose: the instant before the dot is noted in the database (decision 25).
"""

import re
import smtplib
from collections.abc import Callable

from django.core.mail.backends.smtp import EmailBackend

ANSWER_SECONDS = 60.0
"""For the answer to a whole mail: a server may look through it first. What it does not say by then, it has not taken."""
DATA = 354
LEADING_DOT = re.compile(rb"(?m)^\.")
END = b".\r\n"


def _no_haste() -> None:
    """Nobody wants to know."""


class _Held(smtplib.SMTP):
    """Calls `before_last_dot` when all of a mail but its end was given; what that raises, the mail is not sent by."""

    before_last_dot: Callable[[], None] = staticmethod(_no_haste)

    def data(self, msg: bytes | str) -> tuple[int, bytes]:
        """As smtplib's own, in two steps. Raises SMTPDataError, and what `before_last_dot` raises."""
        code, answer = self.docmd("data")
        if code != DATA:
            raise smtplib.SMTPDataError(code, answer)
        whole = LEADING_DOT.sub(b"..", msg if isinstance(msg, bytes) else msg.encode("ascii"))
        self.send(whole if whole.endswith(b"\r\n") else whole + b"\r\n")
        try:
            self.before_last_dot()
        except BaseException:
            # The server waits for more of this mail: hanging up is the only way to say that there is none.
            self.close()
            raise
        self._ask_patiently()
        self.send(END)
        return self.getreply()

    def _ask_patiently(self) -> None:
        if self.sock is not None:
            self.sock.settimeout(ANSWER_SECONDS)


class _HeldOverTLS(_Held, smtplib.SMTP_SSL):
    """The same, where the connection begins with TLS."""


class HeldBackend(EmailBackend):
    """Django's, over such a connection."""

    @property
    def connection_class(self) -> type[_Held]:
        return _HeldOverTLS if self.use_ssl else _Held

    def hold(self, before_last_dot: Callable[[], None]) -> None:
        """Call this before the last dot of the next mails. Raises OSError when there is no server."""
        self.open()
        self.connection.before_last_dot = before_last_dot
        if self.connection.sock is not None:
            self.connection.sock.settimeout(self.timeout)
