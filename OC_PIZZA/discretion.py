"""What neither a log nor a report may keep, hidden where it has got into a text nevertheless.

The first guard is not to write it. This is the second, for texts that others write: an exception's, a database's, an
address. It knows secrets and persons by their shape; names and streets have none, which is why a database's DETAIL,
that prints whole rows, goes as a whole.
"""

import re

HIDDEN = "*"

DETAIL = re.compile(
    r"\b(DETAIL|QUERY|CONTEXT):\s+.*?"
    r"(?=\n(?:DETAIL|HINT|QUERY|CONTEXT):  "
    r"|\n\n?[ |]*(?:Traceback \(most recent call last\):|The above exception was |During handling of the above )"
    r"|\n[ |]*\+-"
    r"|\Z)",
    re.DOTALL,
)
"""PostgreSQL's: `Failing row contains (…, Gaspard, Visiteur, …)`, to its next field, the next traceback or the end.

A row's comment has line breaks of its own, and whoever joins the lines leaves none: rather a line too much is hidden.
"""
ORDER_ADDRESS = re.compile(r"(/commande/|/api/v1/orders/|\border:)[A-Za-z0-9_-]{20,}")
LINK_ADDRESS = re.compile(r"(/compte/lien/[\w-]+/)[^\s\"'<>]+")
"""What a mail leads to: a new password, an address that is confirmed, a browser that is let in."""
TOKEN = re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{32}(?![\w-])", re.ASCII)
"""What `new_token` makes, wherever it stands."""
BEARER = re.compile(r"\b(Bearer|Basic) +[\w.~+/=-]+", re.IGNORECASE)
COOKIE = re.compile(r"\b(sessionid|csrftoken|oc_cart|oc_known|oc_screen|oc_usual|csrfmiddlewaretoken)=[^;\s&]+")
PASSWORD = re.compile(r"(://[^\s:/@]*):[^\s/@]+@")
STRIPE = re.compile(r"\b((?:sk|rk)_(?:test|live)_|whsec_|cuss_secret_|(?:pi|seti)_[A-Za-z0-9]+_secret_)[A-Za-z0-9_]+")
"""The provider's keys, and what lets a browser pay or see cards. A charge's own name (`pi_…`) opens nothing."""
GOOGLE = re.compile(r"\bGOCSPX-[\w-]+")
"""The secret by which Google knows this site."""
OURS = re.compile(r"\b(ocp_|whsec_)[\w+/=-]+", re.ASCII)
"""A device's token, and what signs our webhooks."""
E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.])(?:\+33|0033|0)[ .-]?[1-9](?:[ .-]?[0-9]{2}){4}(?![\w.])")
QUERY = re.compile(r"(?<=[\w/])\?[\w%.~+-]+=[^\s\"']*")


def discreet(text: str) -> str:
    """The text without anything that opens something or tells who somebody is, as far as shapes tell it."""
    text = DETAIL.sub(rf"\1:  {HIDDEN}", text)
    text = ORDER_ADDRESS.sub(rf"\1{HIDDEN}", text)
    text = LINK_ADDRESS.sub(rf"\1{HIDDEN}", text)
    text = QUERY.sub(f"?{HIDDEN}", text)
    text = BEARER.sub(rf"\1 {HIDDEN}", text)
    text = COOKIE.sub(rf"\1={HIDDEN}", text)
    text = PASSWORD.sub(rf"\1:{HIDDEN}@", text)
    text = OURS.sub(rf"\1{HIDDEN}", text)
    text = STRIPE.sub(rf"\1{HIDDEN}", text)
    text = GOOGLE.sub(f"GOCSPX-{HIDDEN}", text)
    text = TOKEN.sub(HIDDEN, text)
    text = E_MAIL.sub(f"{HIDDEN}@{HIDDEN}", text)
    return PHONE.sub(HIDDEN, text)
