"""What the logs keep of a request, and what they must not."""

import re
import time
from pathlib import Path

import pytest

from tests.fronted import FrontedSite
from tests.nginx.asking import HERE, ask

pytestmark = pytest.mark.machine


def test_the_log_knows_the_request_and_not_its_secrets(fronted: FrontedSite) -> None:
    answer = ask(
        fronted.front,
        "/commande/a-secret-token/suivi/?seen=a-secret-query",
        user_agent="a-browser",
        referer="a-secret-page",
    )
    ask(fronted.front, "/api/v1/orders/another-secret-token")
    ask(fronted.front, "/compte/lien/navigateur/a-fourth-secret:token/")
    ask(fronted.front, "/live/?topic=order:a-third-secret-token", "POST")

    line = _line(fronted.front.folder / "log" / "oc_pizza_access.log", answer.headers["X-Request-ID"])

    assert '"GET /commande/*/suivi/ HTTP/1.1" 404' in line
    assert re.search(r"time=\d+\.\d+ upstream=\d+\.\d+ cache=- tls=TLSv1\.3 id=[0-9a-f]{32}", line)
    assert line.startswith(HERE)
    assert "secret" not in (fronted.front.folder / "log" / "oc_pizza_access.log").read_text()


def test_an_error_on_a_secret_address_is_not_printed_with_it(fronted: FrontedSite) -> None:
    with fronted.without_pages():
        assert (
            ask(fronted.front, "/commande/a-secret-token/", referer="https://localhost/commande/a-secret-token/").status
            == 503
        )
        assert ask(fronted.front, "/api/v1/orders/a-secret-token").status == 503
        assert ask(fronted.front, "/compte/lien/mot-de-passe/1-a-secret-token/").status == 503
        ask(fronted.front, "/panier/")

    told = (fronted.front.folder / "log" / "oc_pizza_error.log").read_text()
    assert "/panier/" in told
    assert "secret" not in told


def _line(log: Path, wanted: str) -> str:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if wanted in line:
                return line
        time.sleep(0.1)
    pytest.fail(f"{wanted} is not in {log}")
