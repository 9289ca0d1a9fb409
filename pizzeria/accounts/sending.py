"""What a mail says and how it leaves: text, and the same words in the house's look."""

import logging
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from pizzeria.accounts.invitations import invitation_of
from pizzeria.accounts.models import Mail
from pizzeria.accounts.unlocking import link_secret

logger = logging.getLogger(__name__)

PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1), timedelta(hours=3))
"""Between the attempts at one mail; the last one again and again, until it is forgotten (tasks.MAIL_LIFE)."""
TURN = 20.0
"""Seconds after which who sends makes room for other jobs."""
BUTTON = re.compile(r"\A(?P<words>.+?)\s*:\n(?P<url>https?://\S+)\Z", re.DOTALL)
"""A paragraph that is a link: what it does, and its address on a line of its own."""

_hand = threading.Lock()
Link = Callable[[Mail], str]
LINKS: dict[str, Link] = {}
"""The path that a mail of this kind leads to. It is a secret: it is made here, and is kept nowhere.

An empty one says that it leads nowhere any more, and the mail is not sent.
"""


def links(*kinds: str) -> Callable[[Link], Link]:
    """The function makes the link of mails of these kinds."""

    def keep(make: Link) -> Link:
        LINKS.update(dict.fromkeys(kinds, make))
        return make

    return keep


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """A paragraph of a mail; with a `url` it is a button."""

    words: str
    url: str = ""


def send_due() -> int:
    """Send the mails that are due, one after the other; how many left.

    One at a time in a process: a mail server that does not answer holds one of the worker's hands, and never both. Whoever
    finds the other at it leaves theirs to them, who look again after each.
    """
    ends, sent = monotonic() + TURN, 0
    while monotonic() < ends and _due().exists() and _hand.acquire(blocking=False):
        try:
            sent += _send_next()
        finally:
            _hand.release()
    return sent


def _due() -> QuerySet[Mail]:
    return Mail.objects.filter(next_at__lte=timezone.now())


def _send_next() -> bool:
    mail = _claim()
    try:
        return mail is not None and send(mail_id=mail.pk)
    except OSError as error:
        # What the server says may name somebody.
        logger.warning("mail %s: not sent: %s", mail and mail.pk, type(error).__name__)
        return False


@transaction.atomic
def _claim() -> Mail | None:
    """Take the next mail; it is put off, so that nobody else sends it, and comes again should we die of it."""
    mail = _due().select_for_update().order_by("next_at", "pk").first()
    if mail:
        mail.next_at = timezone.now() + PAUSES[min(mail.attempts, len(PAUSES) - 1)]
        mail.attempts += 1
        mail.save(update_fields=["next_at", "attempts"])
    return mail


def send(*, mail_id: int) -> bool:
    """Send a mail that is due, and forget it; False when there is nothing to send any more. Raises OSError when it
    cannot be sent.

    Forgotten last: a process that is killed in between sends it twice, which is better than never.
    """
    mail = Mail.objects.select_related("user").filter(pk=mail_id).first()
    if mail is None:
        return False
    make = LINKS.get(mail.kind)
    path = make(mail) if make else ""
    is_news = bool(path) or make is None
    if is_news:
        message_of(mail, link=mail.site + path).send()
    mail.delete()
    return is_news


def message_of(mail: Mail, *, link: str) -> EmailMultiAlternatives:
    context = {"mail": mail, "site": mail.site, **mail.details, "link": link}
    return letter(kind=mail.kind, to=mail.to, language=mail.language, context=context)


def letter(
    *, kind: str, to: str, language: str, context: Mapping[str, object], small_print: Paragraph | None = None
) -> EmailMultiAlternatives:
    """A mail in the house's look, from the two templates of its kind; `small_print` stands below it."""
    with translation.override(language):
        subject = " ".join(render_to_string(f"{kind}_subject.txt", dict(context)).split())
        text = render_to_string(f"{kind}_message.txt", dict(context)).strip() + "\n"
        look = {"subject": subject, "paragraphs": paragraphs(text), "language": language, "small_print": small_print}
        html = render_to_string("account/email/house.html", look)
    if small_print:
        text += f"\n-- \n{small_print.words}\n{small_print.url}\n"
    # Nobody's out-of-office answers a machine.
    message = EmailMultiAlternatives(subject, text, to=[to], headers={"Auto-Submitted": "auto-generated"})
    message.attach_alternative(html, "text/html")
    return message


def paragraphs(text: str) -> list[Paragraph]:
    found = []
    for block in re.split(r"\n\s*\n", text.strip()):
        button = BUTTON.match(block)
        found.append(Paragraph(**button.groupdict()) if button else Paragraph(words=block))
    return found


def forget_old_mails(*, before: datetime) -> int:
    """Delete the mails that could not be sent for so long; how many there were."""
    deleted, _by_model = Mail.objects.filter(created_at__lt=before).delete()
    return deleted


@links("account/email/email_confirmation", "account/email/email_confirmation_signup")
def _confirmation(mail: Mail) -> str:
    # They may have thought better of it, or have confirmed it by a mail before this one.
    address = EmailAddress.objects.filter(user=mail.user, email=mail.to, verified=False).first()
    return reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]) if address else ""


@links("account/email/password_reset_key")
def _reset(mail: Mail) -> str:
    # The same token as django-allauth's own, of the account as it is now.
    key = {"uidb36": user_pk_to_url_str(mail.user), "key": default_token_generator.make_token(mail.user)}
    return reverse("account_reset_password_from_key", kwargs=key)


@links("account/email/invitation")
def _invitation(mail: Mail) -> str:
    if mail.user is None:
        raise ValueError("an invitation is somebody's")
    return reverse("account_invitation", args=[invitation_of(user=mail.user)])


@links("account/email/unlock")
def _unlock(mail: Mail) -> str:
    if mail.user is None:
        raise ValueError("an account that is locked is somebody's")
    return reverse("account_know_browser", args=[link_secret(user=mail.user)])
