"""The whole site, started as `make run` starts it, and people with browsers in front of it."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from local.postgres import cluster_at
from tests.mailbox import Mailbox, mail_server
from tests.openid_double import OpenIdDouble
from tests.running import CHECKOUT, Site, free_port, migrated_data_folder, start_site, stop_site

CHROMIUM = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    # A frame of another origin would be a process of its own, that gets clicks meant for what was scrolled to its place.
    "--disable-site-isolation-trials",
    # A service worker is fetched by the browser itself, which a context's trust in our own certificates does not reach.
    "--ignore-certificate-errors",
]  # fmt: skip
DELIVERY = """
from pizzeria.catalogue.models import Composition
from pizzeria.stock.models import StockItem
from pizzeria.stock.services import raise_quantity

sold = Composition.objects.filter(variant__product__slug__in=["reine", "margherita"])
for item in StockItem.objects.filter(store__slug="bastille", ingredient__in=sold.values("ingredient")):
    raise_quantity(item_id=item.pk, quantity=min(4 * item.available + 1, 1_000_000), acting_user=None)
"""
PATIENCE = 30_000
"""Milliseconds until a page has done what is waited for: the machine does other things beside."""
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
TABLET: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}


WITHOUT_WINDOWS = ("chromium-headless-shell", "chromium", "google-chrome")
"""Chromium's headless shell draws the same pages for six tenths of the processor's time: it has no windows to draw around them."""
WHOLE = ("chromium", "google-chrome")
"""What belongs to the browser and not to a page, a notice that it shows, is in the whole one alone."""


@contextmanager
def opened_browser(
    playwright: Playwright, *options: str, programs: Sequence[str] = WITHOUT_WINDOWS
) -> Iterator[Browser]:
    program = next((found for found in map(shutil.which, programs) if found), None)
    assert program, f"the journeys need Chromium: apt-get install {programs[0]}"
    browser = playwright.chromium.launch(executable_path=program, args=[*CHROMIUM, *options])
    try:
        yield browser
    finally:
        browser.close()


@dataclass
class People:
    """Opens browsers and, at the end, asserts that no page had an error to complain of."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    loses_requests: bool = False
    """Set by a test that cuts the network, or asks anew before it was answered: htmx then complains, and is right."""

    def someone(self, device: dict[str, Any], **options: Any) -> Page:
        context = self.browser.new_context(**device, base_url=self.url, locale="fr-FR", **options)
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message))
        return page

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        # A refused form answers 4xx on purpose, and the browser notes it.
        is_lost = self.loses_requests and re.match(r"htmx:(sendError|sendAbort|timeout|afterRequest)", message.text)
        if message.type == "error" and "Failed to load resource" not in message.text and not is_lost:
            self.complaints.append(f"{page.url}: {message.text}")


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    folder = migrated_data_folder()
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def mailbox() -> Iterator[Mailbox]:
    """Where the site's mails arrive, whoever they are for."""
    with mail_server() as found:
        yield found


@pytest.fixture(scope="session")
def site(data_folder: Path, mailbox: Mailbox) -> Iterator[Site]:
    where = {"EMAIL_HOST": mailbox.host, "EMAIL_PORT": str(mailbox.port)}
    running = start_site(data_folder, port=free_port(), DEMO_DAYS="3", **where)
    _take_delivery(running)
    yield running
    assert stop_site(running) == 0, running.output.read_text()


def _take_delivery(running: Site) -> None:
    """Enough for everybody who orders at Bastille in a hundred journeys; what the demo leaves scarce stays scarce."""
    database = cluster_at(running.data / "postgres").url("oc_pizza")
    subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports"],
        cwd=CHECKOUT,
        env=os.environ | {"DATABASE_URL": database, "SECRET_KEY": "of-one-command"},
        input=DELIVERY,
        text=True,
        check=True,
    )


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    with opened_browser(playwright) as browser:
        yield browser


@pytest.fixture
def people(chromium: Browser, site: Site) -> Iterator[People]:
    cast = People(chromium, site.url)
    yield cast
    for context in cast.contexts:
        context.close()
    assert not cast.complaints, "\n".join(cast.complaints)


@pytest.fixture(scope="session")
def linked_site(openid_program: OpenIdDouble) -> Iterator[Site]:
    """A site with keys of Google and Facebook, who are the double; found by a name, as passkeys need."""
    folder = migrated_data_folder()
    running = start_site(folder, port=free_port(), DEMO_DAYS="1", **openid_program.keys)
    yield running
    assert stop_site(running) == 0, running.output.read_text()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clients(chromium: Browser, linked_site: Site, openid_program: OpenIdDouble) -> Iterator[People]:
    openid_program.forget()
    cast = People(chromium, linked_site.url.replace("127.0.0.1", "localhost"))
    yield cast
    for context in cast.contexts:
        context.close()
    assert not cast.complaints, "\n".join(cast.complaints)
