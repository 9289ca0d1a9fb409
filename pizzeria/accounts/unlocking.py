"""The way out for the owner of an account that takes no password from strange browsers: a link, sent by mail.

It makes the browser in which it is opened known to the account (`known_browsers`), and nothing else: whoever reads the mail
still needs the password.
"""

from datetime import timedelta

from django.core import signing
from django.db import transaction

from pizzeria.accounts.clients import reachable_at
from pizzeria.accounts.limits import Limit, TooManyAttempts, attempt
from pizzeria.accounts.mails import write
from pizzeria.accounts.models import User
from pizzeria.words import one_line

MAIL = "account/email/unlock"
SALT = "pizzeria.accounts.unlocking"
LINK_LIFE = timedelta(hours=1)
LINKS_SENT = Limit(name="unlock-mail", most=5, window=LINK_LIFE)
"""In the time that one lives: whoever asks for an owner's links until none is sent leaves one that works in the mailbox."""
LINK_ONCE = Limit(name="unlock-link", most=1, window=2 * LINK_LIFE)


def send_link(*, email: str, site: str) -> None:
    """Send the owner of this address, if anybody, a link; none while enough of them still open something.

    What is done is the same, and takes as long, for an address that is nobody's: there, it is undone.
    """
    try:
        attempt(limit=LINKS_SENT, of=one_line(email).lower())
    except TooManyAttempts:
        return
    with transaction.atomic():
        user = reachable_at(email=email).order_by("pk").first()
        write(kind=MAIL, to=user.email if user else email, site=site, user=user)
        transaction.set_rollback(user is None)


def link_secret(*, user: User) -> str:
    """What the link to a locked account holds: signed, for an hour, and for as long as the password is this one."""
    return signing.dumps([user.pk, _password_mark(user)], salt=SALT)


def owner_of_link(secret: str) -> User | None:
    """Whose link this is; None for one that is wrong, too old, or of a password that is not theirs any more."""
    try:
        pk, mark = signing.loads(secret, salt=SALT, max_age=LINK_LIFE)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user and _password_mark(user) == mark else None


def use_link(secret: str) -> list[User]:
    """Whose link this is, once: every account that a mail to that address may open; none for one that opens nothing, or was used."""
    user = owner_of_link(secret)
    if user is None:
        return []
    try:
        attempt(limit=LINK_ONCE, of=secret)
    except TooManyAttempts:
        return []
    return [user, *reachable_at(email=user.email).exclude(pk=user.pk).order_by("pk")]


def _password_mark(user: User) -> str:
    return signing.Signer(salt=f"{SALT}.password").signature(user.password)[:16]
