"""Somebody who walks through the pages by their links, and fills in every form that they find."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote_from_bytes, urljoin, urlsplit

from django.test import Client
from django.urls import Resolver404, resolve

from pizzeria.accounts.models import User

MOST_OF_A_PAGE = 4
"""So many addresses of one page are looked at: of an order's, a dish's, a person's."""
OUTSIDE = re.compile(r"/(static|media|images|live|supervision/api)/|/langue/|\.(svg|webmanifest|js|css)$")
WRITES = {"text", "search", "email", "tel", "url", "password", "textarea", ""}
"""Kinds of fields in which somebody writes what they like."""


@dataclass
class Field:
    """`most` is how many letters a browser lets somebody type; 0 where it is not told."""

    name: str
    kind: str
    value: str
    most: int = 0


@dataclass
class Form:
    """A form as a page shows it: where it goes, and what a browser would send of it untouched."""

    page: str
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """The same for the same form on another order's page."""
        return (self.method, view_of(self.action), tuple(sorted({each.name for each in self.fields})))


class Reader(HTMLParser):
    """What a browser makes of a page: its links, forms, and whatever would run by itself."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page, self.links, self.forms = page, list[str](), list[Form]()
        self.runs: list[str] = []
        self._form: Form | None = None
        self._select: Field | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self._look_for_scripts(tag, told)
        if tag == "a" and told.get("href"):
            self.links.append(urljoin(self.page, told["href"]))
        if tag == "form":
            action = urljoin(self.page, told.get("action", ""))
            self._form = Form(self.page, action, told.get("method", "get").lower())
            self.forms.append(self._form)
        for name in ("hx-post", "formaction"):
            if told.get(name) and self._form:
                self.forms.append(Form(self.page, urljoin(self.page, told[name]), "post", self._form.fields))
        if self._form and tag in {"input", "textarea", "button", "select", "option"}:
            self._field(tag, told)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = None

    def _look_for_scripts(self, tag: str, told: dict[str, str]) -> None:
        runs = [name for name in told if name.startswith("on")]
        addresses = [told.get(name, "").strip().lower() for name in ("href", "src", "action", "formaction")]
        runs += [address for address in addresses if address.startswith(("javascript:", "data:text"))]
        is_data = told.get("type", "").endswith("json")
        if runs or (tag == "script" and "src" not in told and not is_data) or told.get("src") == "x":
            self.runs.append(f"<{tag} {told}>")

    def _field(self, tag: str, told: dict[str, str]) -> None:
        if tag == "option":
            if self._select and (not self._select.value or "selected" in told) and told.get("value"):
                self._select.value = told["value"]
            return
        name, kind = told.get("name", ""), told.get("type", "" if tag == "input" else tag)
        if not name or not self._form or name == "csrfmiddlewaretoken":
            return
        known = next((each for each in self._form.fields if each.name == name), None)
        if kind in {"radio", "checkbox"} and (known or (kind == "checkbox" and "checked" not in told)):
            if known and "checked" in told:
                known.value = told.get("value", "")
            return
        most = int(told.get("maxlength", "0"))
        made = Field(name, "select" if tag == "select" else kind, told.get("value", ""), most)
        self._form.fields.append(made)
        if tag == "select":
            self._select = made


@dataclass
class Walker:
    """One person's browser. `looked` are the addresses, with the pages that were there."""

    who: str
    user: User | None
    browser: Client = field(
        default_factory=lambda: Client(headers={"Accept-Language": "fr", "Sec-Fetch-Site": "same-origin"})
    )
    looked: dict[str, Any] = field(default_factory=dict)
    forms: list[Form] = field(default_factory=list)

    def walk(self, *starts: str) -> None:
        """Look at every page that links lead to."""
        waiting, seen = list(starts), Counter[str]()
        self.looked, self.forms = {}, []
        while waiting:
            address = path_of(waiting.pop(0))
            view = view_of(address)
            if address in self.looked or OUTSIDE.search(address) or not view or seen[view] >= MOST_OF_A_PAGE:
                continue
            seen[view] += 1
            waiting += self.look(address).links

    def sign_in(self) -> None:
        """Again, where a form has signed them out; their password was asked for a moment ago."""
        if not self.user or "_auth_user_id" in self.browser.session:
            return
        self.browser.force_login(self.user)
        session = self.browser.session
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
        # Without whose they are, the library takes them for nobody's, and asks for the password again.
        session["account_authentication_methods_user"] = str(self.user.pk)
        session.save()

    def look(self, address: str) -> Reader:
        self.sign_in()
        response = self.browser.get(address)
        self.looked[address] = response
        reader = read(address, response)
        if 300 <= response.status_code < 400:
            reader.links.append(urljoin(address, response["Location"]))
        self.forms += reader.forms
        return reader

    def send(self, form: Form, values: dict[str, str]) -> Any:
        """Send a form, as bytes that no browser would have to be able to make."""
        self.sign_in()
        body = "&".join(f"{encoded(name)}={encoded(value)}" for name, value in values.items())
        if form.method == "get":
            return self.browser.get(f"{path_of(form.action).partition('?')[0]}?{body}")
        return self.browser.post(path_of(form.action), body, content_type="application/x-www-form-urlencoded")


def read(address: str, response: Any) -> Reader:
    reader = Reader(address)
    if response.get("Content-Type", "").startswith("text/html"):
        reader.feed(response.content.decode())
        reader.close()
    return reader


def path_of(address: str) -> str:
    parts = urlsplit(address)
    if parts.netloc not in {"", "testserver"}:
        return "/static/elsewhere"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def view_of(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name or ""
    except Resolver404:
        return ""


def encoded(text: str) -> str:
    return quote_from_bytes(text.encode("utf-8", "surrogatepass"))
