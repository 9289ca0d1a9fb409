"""Somebody who shops: a browser, as the pages see one."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pizzeria.accounts.models import Mail
from pizzeria.accounts.sending import send
from pizzeria.ordering.models import Cart, Order
from pizzeria.shop.carts import COOKIE
from tests.cast import House

HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
CONTACT = {
    "first_name": "Gaspard",
    "last_name": "Visiteur",
    "phone": "06 39 98 12 34",
    "street": "3 rue de la Roquette",
    "postal_code": "75011",
    "town": "Paris",
}
CHOICES = {"fulfilment": "delivery", "payment_method": "terminal"}


class Shopper:
    """Gaspard's browser: it keeps cookies and says where its posts come from."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client = Client(headers={"origin": "http://testserver"})

    def get(self, path: str, **extra: object) -> HttpResponse:
        return self.client.get(path, **extra)  # type: ignore[return-value,arg-type]

    def post(self, path: str, fields: Mapping[str, object] | None = None, **extra: object) -> HttpResponse:
        return self.client.post(path, fields or {}, **extra)  # type: ignore[return-value,arg-type]

    def add(self, product: str = "margherita", size: str | None = "m", **fields: object) -> HttpResponse:
        variant = self.house.variant(product, size).pk
        return self.post("/panier/ajouter/", {"store": "bastille", "variant": variant, **fields})

    def cart(self) -> Cart:
        return Cart.objects.get(token=self.client.cookies[COOKIE].value)

    def form(self) -> dict[str, str]:
        """The checkout's hidden fields, as the page sends them."""
        page = self.get("/commander/")
        return dict(HIDDEN.findall(page.content.decode()))

    def order(self, **fields: object) -> HttpResponse:
        """Send the checkout for delivery to 75011, after looking at what that costs."""
        filled = CONTACT | CHOICES | fields
        page = self.post("/commander/", {**self.form(), **filled, "recalculate": "1"})
        return self.post("/commander/", {**dict(HIDDEN.findall(page.content.decode())), **filled})

    def ordered(self, **fields: object) -> Order:
        answer = self.order(**fields)
        assert answer.status_code == 302, answer.content.decode()
        return Order.objects.get(token=answer.headers["Location"].split("/")[2])


@pytest.fixture
def shopper(house: House) -> Shopper:
    return Shopper(house)


def words(response: Any) -> str:
    """What a page says, without its markup and with plain spaces."""
    text = re.sub(r"<[^>]+>", " ", response.content.decode())
    text = text.replace("&#x27;", "'").replace("&amp;", "&").replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\s+", " ", text)


def post_of_the_day() -> list[EmailMessage]:
    """What the worker sends now: the mails that are due, each as its reader gets it."""
    mail.outbox.clear()
    for due in Mail.objects.order_by("pk"):
        send(mail_id=due.pk)
    return list(mail.outbox)


def link_in(letter: EmailMessage) -> str:
    """The path of the link in a mail."""
    found = re.search(r"http://testserver(/compte/lien/\S+)", str(letter.body))
    assert found, letter.body
    return found.group(1)


def queries_of(act: Callable[[], object]) -> int:
    """How many SQL queries this takes. Counted at once: the next request forgets them."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)
