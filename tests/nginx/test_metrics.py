"""What Prometheus asks for: told inside, to nobody else, and the sum over all processes whatever becomes of them."""

import http.client
import os
import re
import signal
import time
from collections.abc import Callable, Iterator

import psutil
import pytest

from local.nginx import Front
from tests.fronted import STORE, FrontedSite
from tests.nginx.asking import HERE, Answer, ask, connect
from tests.nginx.echo import telling

pytestmark = pytest.mark.machine

PATIENCE = 20
FORGED = {"x_forwarded_for": "", "x_real_ip": HERE, "host": "localhost", "forwarded": "for=127.0.0.1"}


@pytest.fixture(scope="module")
def told() -> Iterator[Front]:
    """A front before something that answers with the request that it was passed."""
    with telling("self-signed") as front:
        yield front


def inside(front: Front, path: str = "/metrics", **headers: str) -> Answer:
    connection = http.client.HTTPConnection(HERE, front.metrics_port, timeout=PATIENCE)
    try:
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
    finally:
        connection.close()


def counted(site: FrontedSite, series: str) -> float:
    """The value of `name{label="…"}`, all that match added up."""
    lines = re.findall(rf"^{series} (\S+)$", inside(site.front).text, re.MULTILINE)
    return sum(map(float, lines))


def until(what: Callable[[], bool], words: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < deadline, words
        time.sleep(0.05)


COUNTS_LEFT = r'oc_pizza_http_requests_total\{method="GET",status="2xx",view="shop:makeable"\}'


def test_prometheus_is_told_on_the_inner_port(fronted: FrontedSite) -> None:
    answer = inside(fronted.front)

    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert 'oc_pizza_release_info{release="fronted"} 1.0' in answer.text
    assert f'oc_pizza_store_open{{store="{STORE}"}} 1.0' in answer.text


@pytest.mark.parametrize("path", ["/", "/readyz", "/equipe/", "/metrics/", f"/carte/{STORE}/"])
def test_the_inner_port_tells_nothing_else(fronted: FrontedSite, path: str) -> None:
    assert inside(fronted.front, path).status == 404


@pytest.mark.parametrize("headers", [{}, FORGED])
@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/x/../metrics", "/%6detrics", "/metrics?a=b", "/metrics/"])
def test_nobody_outside_is_told_whatever_they_send(fronted: FrontedSite, path: str, headers: dict[str, str]) -> None:
    answer = ask(fronted.front, path, body=None, **headers)

    assert answer.status == 404
    assert b"oc_pizza_" not in answer.body


@pytest.mark.parametrize(
    "path",
    ["/", f"/carte/{STORE}/", f"/carte/{STORE}/restant/", "/images/x", "/commande/x/", "/api/v1/stores", "/live/"],
)
def test_whoever_comes_from_outside_is_named_and_so_refused_by_the_site_itself(told: Front, path: str) -> None:
    heard = ask(told, path, body=None, **FORGED).json["headers"]

    assert heard["x-forwarded-for"] == HERE


def test_the_inner_server_names_nobody(told: Front) -> None:
    heard = inside(told, x_forwarded_for="1.2.3.4").json["headers"]

    assert "x-forwarded-for" not in heard
    assert heard["host"] == "localhost"


def test_each_answer_is_counted_once_whichever_process_gave_it(fronted: FrontedSite) -> None:
    before = counted(fronted, COUNTS_LEFT)
    for _time in range(30):
        assert ask(fronted.front, f"/carte/{STORE}/restant/").status == 200

    assert counted(fronted, COUNTS_LEFT) == before + 30
    assert len(_workers(fronted)) == 2


def test_a_worker_that_is_killed_loses_no_count(fronted: FrontedSite) -> None:
    for _time in range(10):
        ask(fronted.front, f"/carte/{STORE}/restant/")
    before, first = counted(fronted, COUNTS_LEFT), _workers(fronted)
    for worker in first:
        os.kill(worker, signal.SIGKILL)
    until(lambda: len(_workers(fronted) - first) == 2, "gunicorn did not replace its workers")

    assert ask(fronted.front, f"/carte/{STORE}/restant/").status == 200
    assert counted(fronted, COUNTS_LEFT) == before + 1


def test_a_page_that_listens_is_counted_until_it_leaves_or_its_process_dies(fronted: FrontedSite) -> None:
    pages = [connect(fronted.front) for _page in range(3)]
    for page in pages:
        page.request("GET", "/live/?topic=menu:1")
        assert page.getresponse().status == 200
    until(lambda: counted(fronted, "oc_pizza_live_connections") == 3, "three pages were not counted")
    pages[0].close()
    until(lambda: counted(fronted, "oc_pizza_live_connections") == 2, "a page that left is still counted")
    for worker in psutil.Process(fronted.live.pid).children():
        worker.kill()
    until(lambda: counted(fronted, "oc_pizza_live_connections") == 0, "pages of a dead process are counted")
    for page in pages:
        page.close()


def _workers(site: FrontedSite) -> set[int]:
    return {child.pid for child in psutil.Process(site.pages.pid).children()}
