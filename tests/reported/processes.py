"""The site's own processes on the database of a test, as a server starts them, with what they print."""

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from tests.running import CHECKOUT, free_port

START_SECONDS = 120
CONF = "DEPLOY_ENGINE/conf_files/gunicorn.conf.py"
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')
PAGES = ("OC_PIZZA.wsgi:application", "--config", CONF, "--threads", "2", "--access-logfile", "-")
LIVE = ("OC_PIZZA.asgi:application", "--worker-class", "asgi", "--logger-class", "OC_PIZZA.gunicorn_lines.Lines")


def environment(**changed: str) -> dict[str, str]:
    """That of the tests, with the test's own database; an empty value takes a variable away."""
    address = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"
    told = os.environ | {"DATABASE_URL": address, "RELEASE_ID": "a-release", "PYTHONUNBUFFERED": "1"} | changed
    return {name: value for name, value in told.items() if value}


def manage(*command: str, **changed: str) -> "subprocess.CompletedProcess[str]":
    """A command of manage.py, ended."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=CHECKOUT,
        env=environment(**changed),
        capture_output=True,
        text=True,
        check=False,
        timeout=180,
    )


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Running:
    """A gunicorn that answers on a port."""

    port: int
    output: Path

    def ask(self, path: str, *, method: str = "GET", body: bytes | None = None, **headers: str) -> Answer:
        """One request on a connection of its own; `x_request_id=` becomes X-Request-ID."""
        asking = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        asking.request(method, path, body, named)
        answer = asking.getresponse()
        text = answer.read().decode()
        asking.close()
        return Answer(answer.status, answer.headers, text)

    def ask_json(self, path: str, body: object, **headers: str) -> Answer:
        return self.ask(path, method="POST", body=json.dumps(body).encode(), content_type="application/json", **headers)

    def lines(self) -> list[dict[str, Any]]:
        """What it has printed; every line is JSON."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]


@contextmanager
def running(*arguments: str, **changed: str) -> Iterator[Running]:
    """A gunicorn with one of the site's applications, until the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        site = Running(free_port(), Path(folder) / "output")
        command = [sys.executable, "-m", "gunicorn", *arguments, "--bind", f"127.0.0.1:{site.port}"]
        with site.output.open("w") as out:
            process = subprocess.Popen(
                [*command, "--no-control-socket", "--graceful-timeout", "2"],
                cwd=CHECKOUT,
                env=environment(**changed),
                stdout=out,
                stderr=out,
            )
        try:
            _wait_until_it_answers(site, process)
            yield site
        finally:
            process.terminate()
            process.wait(30)


def _wait_until_it_answers(site: Running, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            site.ask("/healthz", x_forwarded_proto="https")
        except OSError:
            assert process.poll() is None, site.output.read_text()
            assert time.monotonic() < deadline, site.output.read_text()
            time.sleep(0.05)
        else:
            return


@dataclass
class Browser:
    """Somebody's browser: it keeps cookies, sends forms and says where they come from."""

    site: Running
    request_id: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str) -> Answer:
        return self._told(self.site.ask(path, method="GET", body=None, **self._headers()))

    def post(self, path: str, fields: Mapping[str, object]) -> Answer:
        headers = self._headers() | {"content_type": "application/x-www-form-urlencoded"}
        headers["origin"] = f"http://127.0.0.1:{self.site.port}"
        body = urllib.parse.urlencode(fields).encode()
        return self._told(self.site.ask(path, method="POST", body=body, **headers))

    def hidden(self, page: Answer) -> dict[str, str]:
        return dict(HIDDEN.findall(page.text))

    def _headers(self) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {"x_request_id": self.request_id, "cookie": kept}

    def _told(self, answer: Answer) -> Answer:
        for cookie in answer.headers.get_all("Set-Cookie", []):
            name, _equals, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer
