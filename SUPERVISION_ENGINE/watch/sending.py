"""One message to whoever looks after the site: by mail, and to a webhook.

The standard library only, and nothing of the site's: the watch sends it when the site is down, the site's own worker
when it is not. The sentences are French, and not translated, for the same reason.
"""

import json
import smtplib
import ssl
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

PATIENCE = 10
"""Seconds for a server to answer."""
MAIL, WEBHOOK = WAYS = ("courriel", "webhook")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The beginning or the end of an alert."""

    key: str
    subject: str
    text: str
    began: bool
    host: str
    at: str
    """ISO 8601, with its offset."""


def send(message: Message, *, environment: Mapping[str, str], ways: Collection[str] = WAYS) -> list[str]:
    """Send to every address of ALERT_EMAILS and to ALERT_WEBHOOK; what could not be sent, in words, empty when all was.

    `environment` holds these two and the site's EMAIL_* and DEFAULT_FROM_EMAIL. `ways` are those to try: what has
    arrived by one is not sent again because the other failed. What is said of one that failed begins with its name.
    Raises nothing of the network's: one way that fails keeps no other from being tried.
    """
    failures = []
    addresses = [address.strip() for address in environment.get("ALERT_EMAILS", "").split(",") if address.strip()]
    if addresses and MAIL in ways:
        try:
            _mail(message, addresses, environment)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            failures.append(f"{MAIL} : {type(error).__name__}")
    webhook = environment.get("ALERT_WEBHOOK", "")
    if webhook and WEBHOOK in ways:
        try:
            _post(message, webhook)
        except (OSError, ValueError) as error:
            failures.append(f"{WEBHOOK} : {type(error).__name__}")
    return failures


def way_of(failure: str) -> str:
    return failure.partition(" ")[0]


def _mail(message: Message, addresses: list[str], environment: Mapping[str, str]) -> None:
    mail = EmailMessage()
    mail["Subject"] = f"[OC Pizza] {'ALERTE' if message.began else 'FIN'} : {message.subject}"
    mail["From"] = environment.get("DEFAULT_FROM_EMAIL") or "OC Pizza <ne-pas-repondre@oc-pizza.example>"
    mail["To"] = ", ".join(addresses)
    mail["Date"] = formatdate(localtime=True)
    mail["Message-ID"] = make_msgid(domain="oc-pizza.alert")
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(f"{message.text}\n\n{message.host}, {message.at}\n{message.key}\n")
    security = environment.get("EMAIL_SECURITY") or "none"
    place = environment.get("EMAIL_HOST") or "localhost", int(environment.get("EMAIL_PORT") or 25)
    # Whoever answers in the mail server's place is not given the password.
    trusted = ssl.create_default_context()
    with (
        smtplib.SMTP_SSL(*place, timeout=PATIENCE, context=trusted)
        if security == "tls"
        else smtplib.SMTP(*place, timeout=PATIENCE)
    ) as server:
        if security == "starttls":
            server.starttls(context=trusted)
        if user := environment.get("EMAIL_HOST_USER", ""):
            server.login(user, environment.get("EMAIL_HOST_PASSWORD", ""))
        server.send_message(mail)


def _post(message: Message, webhook: str) -> None:
    body = {
        "event": "began" if message.began else "ended",
        "key": message.key,
        "subject": message.subject,
        # What Slack, Mattermost and Discord show of it.
        "text": f"{'ALERTE' if message.began else 'FIN'} : {message.subject}\n{message.text}",
        "content": f"{'ALERTE' if message.began else 'FIN'} : {message.subject}",
        "host": message.host,
        "at": message.at,
    }
    if not webhook.startswith(("https://", "http://")):
        raise ValueError("ALERT_WEBHOOK is no http(s) address")
    request = urllib.request.Request(  # noqa: S310 - http or https, see above
        webhook, json.dumps(body).encode(), {"Content-Type": "application/json", "User-Agent": "oc-pizza"}
    )
    with urllib.request.urlopen(request, timeout=PATIENCE):  # nosec B310  # noqa: S310
        pass
