"""Mails about orders: one connection for many of them."""

import smtplib
from contextlib import suppress

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from pizzeria.notifications.errors import NotCarriedError, RefusedError, ServerDownError
from pizzeria.notifications.smtp import HeldBackend, Leaving

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
FOR_GOOD = 500
HOUSE_REFUSED = {smtplib.SMTPAuthenticationError: "login_refused", smtplib.SMTPSenderRefused: "sender_refused"}


class Postman:
    """Takes mails to the server; the connection is opened by the first of them."""

    def __init__(self) -> None:
        is_smtp = settings.EMAIL_BACKEND == SMTP_BACKEND
        self._line: BaseEmailBackend = HeldBackend() if is_smtp else get_connection()

    def carry(self, message: EmailMessage, leaving: Leaving) -> None:
        """Give a mail to the server; its end inside of `leaving`.

        Raises NotCarriedError, RefusedError, ServerDownError, and what `leaving` raises.
        """
        was_open = isinstance(self._line, HeldBackend) and self._line.connection is not None
        try:
            self._give(message, leaving)
        except smtplib.SMTPServerDisconnected as error:
            self.hang_up()
            # A server may end a connection that it finds long: before this mail was begun, and no harm is done.
            raise (NotCarriedError("connection_ended") if was_open else ServerDownError("no_answer")) from error
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _answer in error.recipients.values()]
            raise _refusal(codes[0] if codes else 0) from error
        except smtplib.SMTPDataError as error:
            raise _refusal(error.smtp_code) from error
        except smtplib.SMTPResponseException as error:
            # Nothing is said of this mail: it is the house itself that is not let in, by its password or its sender.
            self.hang_up()
            raise ServerDownError(HOUSE_REFUSED.get(type(error), f"smtp_{error.smtp_code}")) from error
        except OSError as error:
            self.hang_up()
            raise ServerDownError("no_answer") from error

    def hang_up(self) -> None:
        """End the connection. One that is broken already is only forgotten."""
        with suppress(OSError):
            self._line.close()
        if isinstance(self._line, HeldBackend):
            self._line.connection = None

    def _give(self, message: EmailMessage, leaving: Leaving) -> None:
        if isinstance(self._line, HeldBackend):
            self._line.hold(leaving)
            self._line.send_messages([message])
            return
        with leaving():
            self._line.send_messages([message])


def _refusal(code: int) -> NotCarriedError | RefusedError:
    return RefusedError(f"smtp_{code}") if code >= FOR_GOOD else NotCarriedError(f"smtp_{code}")
