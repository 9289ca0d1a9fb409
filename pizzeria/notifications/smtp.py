"""SMTP with the last dot held back: what a server has not been given to the end, it throws away.

So a mail is a server's from one moment on, that we choose: the database notes it in the same instant (decision 25).
"""

import re
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from django.core.mail.backends.smtp import EmailBackend

if TYPE_CHECKING:
    from typing_extensions import Buffer

ANSWER_SECONDS = 60.0
"""For the answer to a whole mail: a server may look through it first. What it does not say by then, it has not taken."""
DATA = 354
LEADING_DOT = re.compile(rb"(?m)^\.")
END = b".\r\n"
Leaving = Callable[[], AbstractContextManager[None]]
"""Around the instant from which on a notice is somebody else's."""


class _Held(smtplib.SMTP):
    """Gives a mail's end inside of `leaving`: where that raises, the mail is not sent."""

    leaving: Leaving = nullcontext

    def data(self, msg: "Buffer | str") -> tuple[int, bytes]:
        """As smtplib's own, in two steps. Raises SMTPDataError, and what `leaving` raises."""
        code, answer = self.docmd("data")
        if code != DATA:
            raise smtplib.SMTPDataError(code, answer)
        whole = LEADING_DOT.sub(b"..", msg.encode("ascii") if isinstance(msg, str) else bytes(msg))
        self.send(whole if whole.endswith(b"\r\n") else whole + b"\r\n")
        self._ask_patiently()
        try:
            with self.leaving():
                self.send(END)
        except BaseException:
            # The server waits for more of this mail: hanging up is the only way to say that there is none.
            self.close()
            raise
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

    def hold(self, leaving: Leaving) -> None:
        """Give the last dot of the next mails inside of this. Raises OSError when there is no server."""
        self.open()
        if not isinstance(self.connection, _Held):
            raise TypeError("the connection is of this class")
        self.connection.leaving = leaving
        if self.connection.sock is not None:
            self.connection.sock.settimeout(self.timeout)
