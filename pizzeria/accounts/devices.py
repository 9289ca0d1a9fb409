"""Where an account is open: the browsers that are signed in, in words, and how one is signed out from another."""

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.utils import timezone
from django.utils.translation import gettext as _

from pizzeria.accounts.models import User

SEEN_EVERY = timedelta(minutes=15)
"""How old "last seen" may be: a statement each quarter of an hour, not one a page."""
BROWSERS = (
    ("Edge", r"\bEdg(?:e|A|iOS)?/"),
    ("Opera", r"\bOPR/|\bOpera"),
    ("Samsung Internet", r"\bSamsungBrowser/"),
    ("Firefox", r"\bFirefox/|\bFxiOS/"),
    ("Chrome", r"Chrome/|\bCriOS/|\bChromium/"),
    ("Safari", r"\bSafari/"),
)
"""In this order: most say that they are Chrome and Safari too."""
SYSTEMS = (
    ("iPhone", r"\biPhone\b"),
    ("iPad", r"\biPad\b"),
    ("Android", r"\bAndroid\b"),
    ("Windows", r"\bWindows\b"),
    ("Mac", r"\bMac(?:intosh| OS)\b"),
    ("ChromeOS", r"\bCrOS\b"),
    ("Linux", r"\bLinux\b"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """A browser in which somebody is signed in."""

    key: int
    name: str
    network: str
    since: datetime
    last_seen: datetime
    is_this_one: bool


def devices_of(*, user: User, session_key: str | None) -> list[Device]:
    """Where the user is signed in now, this browser first, then the last seen."""
    found = [_device(each, session_key) for each in UserSession.objects.purge_and_list(user)]
    return sorted(found, key=lambda device: (not device.is_this_one, -device.last_seen.timestamp()))


def sign_out_device(*, user: User, key: int, session_key: str | None) -> bool:
    """End another session of this user; whether there was one. Nobody else's is touched, whatever key is given."""
    session = UserSession.objects.filter(user=user, pk=key).exclude(session_key=session_key).first()
    if session:
        session.end()
    return session is not None


def sign_out_others(*, user: User, session_key: str | None) -> int:
    """End every session of this user but this one; how many there were."""
    others = UserSession.objects.filter(user=user).exclude(session_key=session_key)
    for session in others:
        session.end()
    return len(others)


def saw(*, session_key: str, address: str) -> None:
    """Note that this session is used now, and from where, if that is known."""
    place = {"ip": address} if network_of(address) else {}
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now(), **place)


def in_words(user_agent: str) -> str:
    """`Firefox sur Android`; what a browser says of itself is only its word."""
    browser = next((name for name, sign in BROWSERS if re.search(sign, user_agent)), "")
    system = next((name for name, sign in SYSTEMS if re.search(sign, user_agent)), "")
    if browser and system:
        return _("%(browser)s sur %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Un navigateur inconnu")


def network_of(address: str) -> str:
    """`203.0.113.…`: enough to recognise one's own, not whole on a screen."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(known, ipaddress.IPv4Address):
        return f"{address.rpartition('.')[0]}.…"
    return f"{':'.join(known.exploded.split(':')[:3])}:…"


def _device(session: UserSession, session_key: str | None) -> Device:
    return Device(
        key=session.pk,
        name=in_words(session.user_agent),
        network=network_of(session.ip),
        since=session.created_at,
        last_seen=session.last_seen_at,
        is_this_one=session.session_key == session_key,
    )
