"""The audit of dependencies: a vulnerability that is known fails, and advisories that do not answer are not taken for none."""

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from local.audit import Found, audit
from tests.running import CHECKOUT

pytestmark = pytest.mark.machine

PINNED = "old-thing==1.0 --hash=sha256:{0}\nsound-thing==2.0 --hash=sha256:{0}\n".format("0" * 64)
KNOWN = {
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-0001"],
    "summary": "It opens every door.",
    "affected": [
        {
            "package": {"name": "old-thing", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}],
        }
    ],
}


class Advisories(BaseHTTPRequestHandler):
    """Speaks OSV's protocol, and knows of one package."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        is_known = asked["package"] == {"name": "old-thing", "ecosystem": "PyPI"} and asked["version"] == "1.0"
        body = json.dumps({"vulns": [KNOWN]} if is_known else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@contextmanager
def _advisories() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Advisories)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def _run(advisories: str, requirements: str = "requirements/server.txt") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "local.audit", requirements]
    environment = {**os.environ, "ADVISORIES": advisories}
    return subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)


def test_a_known_vulnerability_is_named_with_the_version_that_mends_it(tmp_path: Path) -> None:
    (tmp_path / "server.txt").write_text(PINNED)
    line = "old-thing 1.0 is vulnerable: PYSEC-2026-1, CVE-2026-0001; mended in 1.1"
    with _advisories() as address:
        found = audit(tmp_path / "server.txt", advisories=address)
        done = _run(address, str(tmp_path / "server.txt"))
    assert found == Found(vulnerable=[line], unknown=0, asked=2)
    assert (done.returncode, done.stdout) == (1, f"{line}\n")


def test_what_a_server_runs_is_asked_about_as_a_whole() -> None:
    with _advisories() as address:
        done = _run(address)
    told = re.fullmatch(r"No known vulnerability in (\d+) packages\.\n", done.stdout)
    assert done.returncode == 0
    assert told
    assert int(told[1]) > 40


def test_advisories_that_do_not_answer_are_said_loudly_and_stop_nobody() -> None:
    done = _run("http://127.0.0.1:9/")
    assert done.returncode == 0
    assert done.stdout.startswith("NOT AUDITED")
