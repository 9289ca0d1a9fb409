"""The whole site, started as `make run` starts it, and people with browsers in front of it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

CHECKOUT = Path(__file__).resolve().parents[2]
START_SECONDS = 180
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
TABLET: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "has_touch": True}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

OURS = {"DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "RELEASE_ID", "STATIC_ROOT", "DJANGO_SETTINGS_MODULE"}
"""What the unit tests set for themselves: the site under test makes its own."""


@dataclass
class Site:
    """A running copy of the site, with a data folder of its own."""

    data: Path
    port: int
    process: "subprocess.Popen[str]"
    output: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@dataclass
class People:
    """Opens browsers and, at the end, asserts that no page had an error to complain of."""

    browser: Browser
    url: str
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    loses_requests: bool = False
    """Set by a test that cuts the network: htmx then complains, and is right."""

    def someone(self, device: dict[str, Any], **options: Any) -> Page:
        context = self.browser.new_context(**device, base_url=self.url, locale="fr-FR", **options)
        context.set_default_timeout(10_000)
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("console", lambda message: self._hear(page, message))
        return page

    def _hear(self, page: Page, message: ConsoleMessage) -> None:
        # A refused form answers 4xx on purpose, and the browser notes it.
        is_lost = self.loses_requests and re.match(r"htmx:(sendError|afterRequest)", message.text)
        if message.type == "error" and "Failed to load resource" not in message.text and not is_lost:
            self.complaints.append(f"{page.url}: {message.text}")


def free_port() -> int:
    with socket.socket() as attempt:
        attempt.bind(("127.0.0.1", 0))
        return int(attempt.getsockname()[1])


def start_site(data: Path, *, port: int, **environment: str) -> Site:
    """Start the site with `make run`'s own command and wait until it is ready."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    output = data / "output.txt"
    with output.open("a") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "local.run"],
            cwd=CHECKOUT,
            env=kept | {"OC_PIZZA_DATA": str(data), "PORT": str(port), "PYTHONUNBUFFERED": "1"} | environment,
            stdout=out,
            stderr=out,
            text=True,
        )
    site = Site(data=data, port=port, process=process, output=output)
    deadline = time.monotonic() + START_SECONDS
    while not is_ready(site):
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            pytest.fail(f"the site did not start:\n{output.read_text()}")
        time.sleep(0.2)
    return site


def is_ready(site: Site) -> bool:
    try:
        with urllib.request.urlopen(f"{site.url}/readyz", timeout=2):
            return True
    except (urllib.error.URLError, OSError):
        return False


def stop_site(site: Site) -> int:
    """Stop it as Ctrl-C does; the exit code."""
    site.process.terminate()
    return site.process.wait(30)


@pytest.fixture(scope="session")
def data_folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="oc-pizza-site-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def site(data_folder: Path) -> Iterator[Site]:
    running = start_site(data_folder, port=free_port(), DEMO_DAYS="3")
    yield running
    assert stop_site(running) == 0, running.output.read_text()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=10_000)
    program = shutil.which("chromium") or shutil.which("google-chrome")
    assert program, "the journeys need Chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture
def people(chromium: Browser, site: Site) -> Iterator[People]:
    cast = People(chromium, site.url)
    yield cast
    for context in cast.contexts:
        context.close()
    assert not cast.complaints, "\n".join(cast.complaints)
