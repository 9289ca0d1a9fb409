"""What somebody types to get in, and what is looked for wherever it is shown: it is text, and nothing of it runs."""

import csv
import io
import json
import logging
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core import mail

from OC_PIZZA.logs import JsonLine
from pizzeria.accounts.models import Mail
from pizzeria.accounts.sending import send
from pizzeria.tables import FORMULA
from tests.walking import read

HTML = "<img src=x onerror=alert(7)>"
TEMPLATE = "{% widthratio 1337 1 1337 %}{{ 7|add:7 }}{% debug %}"
EVALUATED = ("1787569", "{&#x27;False&#x27;: False")
PAYLOADS = {
    "html": HTML,
    "attribute": "\" autofocus onfocus=alert(7) x='",
    "script": "</textarea><script>alert(7)</script>",
    "template": TEMPLATE,
    "sql": "'; DROP TABLE ordering_order; --",
    "header": "a\r\nBcc: victime@example.org\r\n\r\nx",
    "path": "../../../../etc/passwd",
    "no text": "\u202e\x00\ud800\ufeff\x1b[31m",
    "address": "javascript:alert(7)",
}
FORMULAS = ('=HYPERLINK("//x";"y")', "+33*7", "-2+3", "@SUM(1)", "\t=1+1", " =2+2", "＝3+3")
TOGETHER = ("html", "attribute", "script", "template", "sql")
"""What does its harm wherever it stands in a text; the others must be the beginning of one, or all of it."""
FIGURE = re.compile(r"-?\d+([.,]\d+)?")
"""Our own amounts: below nought, they begin as a formula does."""


def texts_of(most: int) -> list[str]:
    """All of `PAYLOADS`, in as few texts as a field of so many letters takes; each alone where the page does not tell how many."""
    joined: list[str] = []
    for payload in (PAYLOADS[name] for name in TOGETHER):
        if joined and len(joined[-1]) + 1 + len(payload) <= most:
            joined[-1] += f" {payload}"
        else:
            joined.append(payload)
    return [*joined, *(payload for name, payload in PAYLOADS.items() if name not in TOGETHER)]


def require_text(address: str, response: Any) -> None:
    """Nothing of it runs, was computed, or got into a header."""
    assert response.status_code < 500, address
    for name, value in response.headers.items():
        assert "victime@" not in value, f"{address} {name}"
        assert "\n" not in value, f"{address} {name}"
    if "Location" in response:
        leads = urlsplit(response["Location"])
        assert leads.scheme in {"", "http"}, address
        assert leads.netloc in {"", "testserver"}, address
    kind = response.get("Content-Type", "")
    if kind.startswith("text/csv"):
        require_cells(response.content.decode("utf-8-sig"))
    if kind.startswith("text/html"):
        page = response.content.decode()
        assert read(address, response).runs == [], address
        assert not [computed for computed in EVALUATED if computed in page], address
    else:
        assert response.get("X-Content-Type-Options") == "nosniff", address


def require_cells(table: str) -> None:
    for row in csv.reader(io.StringIO(table), delimiter=";"):
        cells = [cell for cell in row if not FIGURE.fullmatch(cell)]
        assert not [cell for cell in cells if cell.startswith(FORMULA) or cell.strip().startswith(FORMULA)], row


def require_mails() -> None:
    for waiting in Mail.objects.all():
        send(mail_id=waiting.pk)
    for sent in mail.outbox:
        message = sent.message()
        assert message["Bcc"] is None
        assert len(message.get_all("Subject", [])) == len(message.get_all("To", [])) == 1
        for body in [str(sent.body), *(str(content) for content, _kind in getattr(sent, "alternatives", []))]:
            assert not [computed for computed in EVALUATED if computed in body]
            assert "<img src=x" not in body or body == sent.body


def require_logs(records: Iterable[logging.LogRecord]) -> None:
    """A record is a line, and says nothing that a terminal would obey."""
    form = JsonLine()
    for record in records:
        line = form.format(record)
        assert "\n" not in line
        assert "\x1b" not in line
        json.loads(line)
