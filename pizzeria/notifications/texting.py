"""SMS, by whichever service the operator has: `apprise` knows more than a hundred of them by their addresses."""

import logging
import re
import string
import unicodedata

from django.conf import settings

from pizzeria.notifications.errors import NotCarriedError, RefusedError, UnconfirmedError
from pizzeria.notifications.models import Channel, Notice
from pizzeria.notifications.news import words_of
from pizzeria.notifications.smtp import Leaving
from pizzeria.notifications.stopping import stop_url

NUMBER = "{number}"
GSM = frozenset(
    string.ascii_letters
    + string.digits
    + " \n\r@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ!\"#¤%&'()*+,-./:;<=>?¡ÄÖÑÜ§¿äöñüà^{}\\[~]|€"
)
PLAIN = {"’": "'", "‘": "'", "«": '"', "»": '"', "“": '"', "”": '"', "–": "-", "—": "-", "œ": "o", "×": "x"}
MOBILE = re.compile(r"33[67][0-9]{8}")
# It writes the address it was given, with its secrets, at this level and below.
logging.getLogger("apprise").setLevel(logging.CRITICAL)


def is_offered() -> bool:
    """Whether the operator has named a service."""
    return bool(settings.APPRISE_SMS_URL)


def international(phone: str) -> str:
    """A French mobile's number as services want it, `33612345678`; empty for any other, which takes no SMS."""
    digits = re.sub(r"[^0-9]", "", phone)
    national = re.sub(r"\A(?:00)?33(?:0)?|\A0", "", digits)
    whole = f"33{national}"
    return whole if MOBILE.fullmatch(whole) else ""


def text_of(notice: Notice) -> str:
    """What it says, in the letters that telephones have had from the first (GSM 03.38): another one halves what an SMS holds."""
    words = words_of(notice)
    stop = stop_url(order=notice.order, channel=Channel.SMS)
    return "".join(_plain(letter) for letter in f"OC Pizza. {words.title}. {words.body} {words.url}\nSTOP {stop}")


def _plain(letter: str) -> str:
    """The letter, or the one that is nearest to it; what has none stays as it is, and costs what it costs."""
    near = PLAIN.get(letter) or unicodedata.normalize("NFKD", letter)[0]
    return letter if letter in GSM or near not in GSM else near


class Texter:
    """Has messages sent by the service."""

    def carry(self, notice: Notice, leaving: Leaving) -> None:
        """Send it. Raises NotCarriedError, RefusedError, UnconfirmedError, and what `leaving` raises.

        The library says that a service was too slow as it says that it has refused: it may have sent it, at the house's cost.
        """
        number = international(notice.order.phone)
        if not number or not is_offered():
            raise RefusedError("no_mobile" if is_offered() else "not_offered")
        # Imported here: it takes a fifth of a second and 30 MB, in the worker alone.
        from apprise import Apprise  # noqa: PLC0415

        service = Apprise()
        if not service.add(settings.APPRISE_SMS_URL.replace(NUMBER, number)):
            raise NotCarriedError("bad_setting")
        text = text_of(notice)
        with leaving():
            is_taken = service.notify(body=text)
        if not is_taken:
            raise UnconfirmedError("not_confirmed")

    def hang_up(self) -> None:
        """Nothing is kept open."""
