"""The mail of a notice: in the house's look, the same at every attempt, and with a way to stop that takes one tap."""

from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils import translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from pizzeria.accounts.sending import Paragraph, letter
from pizzeria.notifications.models import Kind, Notice
from pizzeria.notifications.news import context_of
from pizzeria.notifications.stopping import stop_url
from pizzeria.ordering.papers import recap_attachment

WITH_RECAP = frozenset({Kind.RECEIVED, Kind.CHANGED})
"""What tells of the whole order brings its récapitulatif along (B2)."""
CONSOLE = "django.core.mail.backends.console.EmailBackend"
"""A demonstration prints its mails: a page of Base64 in each would help nobody."""
PURPOSE = "pizzeria.notifications.message"


def letter_of(notice: Notice) -> EmailMultiAlternatives:
    order, stop = notice.order, stop_url(order=notice.order, channel=notice.channel)
    with translation.override(order.language):
        context = context_of(notice)
        words = _("Vous recevez ce message parce que vous avez commandé chez OC Pizza. Ne plus en recevoir :")
    message = letter(
        kind=f"notifications/{notice.kind}",
        to=order.email,
        language=order.language,
        context=context,
        small_print=Paragraph(words=words, url=stop),
    )
    if notice.kind in WITH_RECAP and settings.EMAIL_BACKEND != CONSOLE:
        message.attach(*recap_attachment(order=order))
    message.extra_headers |= {
        "Message-ID": message_id(notice),
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    return message


def message_id(notice: Notice) -> str:
    """The same at every attempt, so that a mailbox that has it already knows it again.

    The moment is in it because a database that was restored gives the same keys again, to other notices.
    """
    made = salted_hmac(PURPOSE, f"{notice.pk}:{notice.made_at.timestamp()}", algorithm="sha256").hexdigest()[:32]
    return f"<{made}@{parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition('@')[2]}>"
